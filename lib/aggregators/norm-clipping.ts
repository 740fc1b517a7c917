import { z } from 'zod';
import { squaredNorms, weightedSum } from '../kernels/work.js';
import { f64 } from '../memory/regions.js';
import type { Aggregator, Shape } from './aggregator.js';
import { middle } from './median.js';

const parameters = z.strictObject({
  tau: z.union([z.number().positive(), z.literal('median')]).default('median').describe('the greatest norm a row may keep: a number above 0, or "median", that of the norms'),
});

interface Resolved {
  readonly tau: number | 'median';
}

/** The mean of the rows, the long ones shortened. A row's weight is the factor that it is shortened by over n: 1/n when it is not clipped. */
export const normClipping: Aggregator<z.input<typeof parameters>, Resolved, ReturnType<typeof memory>> = {
  name: 'norm-clipping',
  formula: '(1/n) Σ x_i · min(1, tau/‖x_i‖); tau = the median norm unless given, the mean of the two middle ones when n is even',
  source: 'Sun et al. 2019',
  precondition: 'n ≥ 1',
  cost: 'O(nd)',
  parameters,
  presets: {},
  properties: ({ tau = 'median' }) => ({
    order: true, translation: false, scale: tau === 'median' ? 'any' : 'none', meanWithoutByzantine: false, within: tau === 'median' ? 'honest norm' : 'finite', weights: 'sum',
  }),
  resolve: ({ tau = 'median' }) => ({ tau }),
  check: () => undefined,
  memory,
  *aggregate(input) {
    const { arena, n, output, memory: { norms, weights }, parameters: { tau } } = input;
    const lengths = (yield* squaredNorms(arena, input, norms)).map(Math.sqrt);
    const limit = tau === 'median' ? medianOf(lengths) : tau;
    const shares = lengths.map((length) => clippingFactor(length, limit) / n);
    arena.view(weights).set(shares);
    yield* weightedSum(input, weights, output);
    return shares;
  },
};

/** What a vector of this length is multiplied by to be no longer than the limit. */
export function clippingFactor(length: number, limit: number): number {
  return length > limit ? limit / length : 1;
}

/** The middle value, or the mean of the two middle ones. */
export function medianOf(values: Float64Array): number {
  const sorted = values.toSorted();
  const [lower, upper] = middle(values.length);
  return ((sorted[lower] as number) + (sorted[upper] as number)) / 2;
}

function memory({ n }: Shape) {
  return { norms: f64(n), weights: f64(n) };
}
