import { z } from 'zod';
import type { Momentum, Named, RunConfiguration } from './configuration.js';
import { compileExpression, type Values } from './expression.js';
import { findProblems } from './issues.js';
import { asNamed, resolveNamed } from './named.js';
import { VARIABLES } from './parameters.js';
import { isObject, join, type Json, type JsonObject } from './plain.js';
import { type Problem, refuse, ScenarioError } from './problems.js';
import type { Kind } from './registries.js';

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

const RUN = z.strictObject(RUN_FIELDS);
const BESIDE = { aggregator: z.looseObject(BESIDE_FIELDS.aggregator), attack: z.looseObject(BESIDE_FIELDS.attack) };

/** One run of a scenario, every default written out. Throws a ScenarioError that lists everything that is wrong with it. */
export function resolveConfiguration(scenario: JsonObject): RunConfiguration {
  const problems = findProblems(RUN, scenario, '');
  for (const kind of ['aggregator', 'attack'] as const) {
    if (isObject(scenario[kind])) problems.push(...findProblems(BESIDE[kind], scenario[kind], kind));
  }
  const run = problems.length === 0 ? RUN.parse(scenario) : undefined;
  const byzantine = typeof run?.byzantine === 'number' ? { count: run.byzantine, placement: 'first' as const } : run?.byzantine;
  const rounds = run === undefined || byzantine === undefined ? [] : roundsToTry(run.rounds, run.workers, byzantine.count);

  const resolve = (kind: Kind, value: Json | undefined, path: string): Named | undefined => {
    const given = asNamed(value);
    return given === undefined ? undefined : collect(problems, () => resolveNamed(kind, given, path, rounds));
  };
  const dataset = resolve('dataset', scenario['dataset'], 'dataset');
  const partition = resolve('partition', scenario['partition'] ?? 'iid', 'partition');
  const model = resolve('model', scenario['model'], 'model');
  const chain = Array.isArray(scenario['preaggregators']) ? (scenario['preaggregators'] as readonly Json[]) : [];
  const preaggregators = chain.map((value, i) => resolve('preaggregator', value, join('preaggregators', String(i))));
  const aggregator = resolve('aggregator', scenario['aggregator'], 'aggregator');
  const attack = resolve('attack', scenario['attack'] ?? 'none', 'attack') as RunConfiguration['attack'] | undefined;
  const mode = resolve('mode', scenario['mode'] ?? 'synchronous', 'mode');
  if (run !== undefined && byzantine !== undefined) {
    problems.push(...crossChecks(run.workers, byzantine.count, scenario));
    collect(problems, () => { checkLearningRate(run.learningRate, rounds); });
    if (problems.length === 0 && dataset && partition && model && aggregator && attack && mode) {
      return {
        name: run.name,
        seed: run.seed,
        workers: run.workers,
        byzantine,
        dataset,
        partition,
        model,
        batchSize: run.batchSize,
        rounds: run.rounds,
        evaluateEvery: run.evaluateEvery,
        learningRate: run.learningRate,
        momentum: run.momentum satisfies Momentum,
        weightDecay: run.weightDecay,
        preaggregators: preaggregators.filter((preaggregator) => preaggregator !== undefined),
        aggregator: { ...aggregator, f: typeof aggregator['f'] === 'number' ? aggregator['f'] : byzantine.count },
        attack,
        mode,
        kernels: run.kernels,
        allowUnsafe: run.allowUnsafe,
      };
    }
  }
  throw new ScenarioError(problems);
}

function collect<T>(problems: Problem[], run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

/** What no field alone can tell. */
function crossChecks(workers: number, byzantine: number, scenario: JsonObject): Problem[] {
  const problems: Problem[] = [];
  if (byzantine >= workers) {
    problems.push({ path: 'byzantine', message: `${byzantine} of ${workers} workers can't be Byzantine: at least one has to be honest, so it must be at most ${workers - 1}` });
  }
  const { aggregator, attack } = scenario;
  const f = isObject(aggregator) ? aggregator['f'] : undefined;
  if (typeof f === 'number' && f > workers) {
    problems.push({ path: 'aggregator.f', message: `${f} is not allowed: it must be at most the number of workers, ${workers}` });
  }
  const { start = 0, stop } = isObject(attack) ? attack : {};
  if (typeof start === 'number' && typeof stop === 'number' && start >= stop) {
    problems.push({ path: 'attack.stop', message: `${stop} is not allowed: it must be more than attack.start, ${start}, because the attack runs in rounds start … stop − 1` });
  }
  return problems;
}

/** The rounds for which expressions are tried before anything starts: all of them, or this many evenly spaced. */
const MOST_ROUNDS_TRIED = 1000;

function roundsToTry(rounds: number, n: number, f: number): Values[] {
  const tried = Math.min(rounds, MOST_ROUNDS_TRIED);
  return Array.from({ length: tried }, (_, i) => ({ t: tried === 1 ? 0 : Math.round((i * (rounds - 1)) / (tried - 1)), n, f }));
}

function checkLearningRate(learningRate: number | string, rounds: readonly Values[]): void {
  const evaluate = compileExpression(learningRate, VARIABLES, 'learningRate');
  for (const values of rounds) {
    const rate = evaluate(values);
    if (rate < 0) refuse('learningRate', `the expression gives ${rate} in round ${values['t'] ?? 0}, and it must be at least 0`);
  }
}
