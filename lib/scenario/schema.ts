import { z } from 'zod';

/** Something from a registry: what may stand beside `name` is the registry's business. */
const named = z.union([z.string(), z.looseObject({ name: z.string(), preset: z.string().optional() })]);
const count = z.int().min(0).max(100_000);
const round = z.int().min(0).max(1_000_000_000);
/** What seeds streams of random numbers: any whole number that a double holds exactly. */
export const SEED = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const share = z.number().min(0).max(1);

/** Letters, digits, spaces and a few signs, because a run's folder is called by it. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._+=,@()-]*(?<![ .])$/u;

/** The keys of one run. `describe` is for editors: it goes into the JSON schema. */
export const RUN_FIELDS = {
  name: z
    .string()
    .max(100)
    .regex(NAME, 'letters, digits, spaces and . _ + = , @ ( ) -, beginning with a letter or digit and not ending with a space or full stop')
    .default('scenario')
    .describe("What runs and reports are called; the file's name unless given"),
  seed: SEED.default(0).describe('Everything random is drawn from streams keyed by it'),
  workers: z.int().min(1).max(100_000).describe('Simulated participants, honest and Byzantine'),
  byzantine: z
    .union([count, z.strictObject({ count, placement: z.enum(['first', 'spread', 'seeded']).default('first') })])
    .default(0)
    .describe('How many workers lie; with a placement, which of them'),
  dataset: named.describe('What is learned'),
  partition: named.default('iid').describe('How the training samples are split over the workers'),
  model: named.describe('What learns'),
  batchSize: z.int().min(1).max(1_000_000).default(32).describe('Samples in a batch of one worker'),
  rounds: z.int().min(1).max(1_000_000_000).default(100).describe('Rounds of training'),
  evaluateEvery: z.int().min(1).max(1_000_000_000).default(10).describe('Evaluated after every so many rounds, and after the last'),
  learningRate: z.union([z.number().min(0), z.string()]).default(0.1).describe('A number, or an expression over t (the round), n and f'),
  momentum: z
    .union([
      z.literal('none'),
      z.strictObject({ placement: z.enum(['worker', 'server', 'update']), beta: share, dampening: share.default(0) }),
    ])
    .default('none')
    .describe('Who keeps the velocity: v ← beta·v + (1 − dampening)·gradient'),
  weightDecay: z.number().min(0).default(0).describe("Added to each worker's gradient: weightDecay · parameters"),
  preaggregators: z.array(named).max(16).default([]).describe('Applied to the rows before the rule, in order'),
  aggregator: named.describe('The aggregation rule'),
  attack: named.default('none').describe('What Byzantine workers report'),
  server: z
    .strictObject({
      samples: z.int().min(1).max(1_000_000_000).optional().describe('How many training samples the server holds out for rules that need data of its own; no worker has them'),
      inspect: named.optional().describe('How the server looks at the finished model and the data that it was trained on'),
    })
    .optional()
    .describe('What the server has beside the rule'),
  mode: named.default('synchronous').describe('How rounds run'),
  kernels: z.enum(['auto', 'strict', 'relaxed']).default('auto').describe('WebAssembly kernels without or with fused multiply-add; auto takes relaxed where the runtime has it'),
  allowUnsafe: z.boolean().default(false).describe('Runs rules outside their preconditions'),
} as const;

/** What stands beside the parameters of every rule, and of every attack. */
export const BESIDE_FIELDS = {
  aggregator: { f: count.optional().describe('How many Byzantine rows the rule is told to tolerate; the Byzantine count unless given') },
  attack: {
    start: round.optional().describe('First round of the attack'),
    stop: round.optional().describe('First round after the attack'),
  },
} as const;
