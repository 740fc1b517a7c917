import { z } from 'zod';
import { POLICIES } from '../policies/registry.js';
import { registry } from '../registry/registry.js';

/** One way to train: what a scenario may say of it. The loop itself is training's. */
export interface Mode<Given extends object = object> {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly parameters: z.ZodType<Given>;
}

const synchronous: Mode = {
  name: 'synchronous',
  description: 'every round each worker reports a row, the rule is applied once, the parameters move once',
  source: '–',
  parameters: z.strictObject({}),
};

const time = z.number().min(0).max(1e12);

const policies = Array.from(POLICIES, (policy) => {
  const presets = Object.keys(policy.presets);
  const named = { name: z.literal(policy.name), ...(presets.length === 0 ? {} : { preset: z.enum(presets).optional() }) };
  return (policy.parameters as z.ZodObject).extend(named);
});

const asynchronousParameters = z.strictObject({
  policy: z
    .union([z.enum(POLICIES.names), ...policies])
    .default('latest')
    .describe('how the server turns arrivals into steps: a name, or { name, …its parameters }'),
  damping: z
    .string()
    .default('constant')
    .describe('what a row of staleness s counts for: "constant" 1, "inverse" 1/(1 + s), "exponential" exp(−s/10), or an expression over s, n, f'),
  clock: z.literal('virtual').default('virtual').describe('"virtual": events in the order of drawn times, the same bits every time'),
  speed: z
    .strictObject({
      distribution: z.enum(['constant', 'uniform', 'log-normal', 'pareto']).default('log-normal').describe('of the time that one gradient takes'),
      mean: z.number().gt(0).max(1e6).default(1).describe('its mean, in the units of virtual time'),
      spread: z.number().gt(0).max(10).default(0.3).describe('uniform: half the width over the mean, below 1; log-normal: the deviation of the logarithm; pareto: 1/shape, below 1, the heavier the tail the nearer to 1'),
    })
    .refine(({ distribution, spread }) => (distribution !== 'uniform' && distribution !== 'pareto') || spread < 1, {
      message: 'below 1 for the uniform and the pareto distribution', path: ['spread'],
    })
    .prefault({})
    .describe('how long workers take for a gradient, drawn for each worker and gradient'),
  slow: z
    .strictObject({ count: z.int().min(0), factor: z.number().min(1).max(1e6) })
    .default({ count: 0, factor: 1 })
    .describe('stragglers: the last `count` workers take `factor` times as long'),
  crashes: z
    .array(z.strictObject({ worker: z.int().min(0), at: time, until: time.optional() }))
    .max(10_000)
    .default([])
    .describe('workers that stop at a time, losing what they were computing, and begin again at another or never'),
});

const asynchronous: Mode<z.infer<typeof asynchronousParameters>> = {
  name: 'asynchronous',
  description: 'workers never wait: the server takes rows as they come, and its policy makes steps of them; a round is a step',
  source: '–',
  parameters: asynchronousParameters,
};

export type AsynchronousParameters = z.infer<typeof asynchronousParameters>;

/** Every mode, in the order of the catalogue. */
export const MODES = registry<Mode>('mode', [synchronous, asynchronous]);
