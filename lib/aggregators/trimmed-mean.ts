import { z } from 'zod';
import { sortedMean } from '../kernels/work.js';
import type { Aggregator, Shape } from './aggregator.js';
import { networkRequest } from './median.js';

const parameters = z.strictObject({
  b: z.int().min(0).optional().describe('how many of the largest and of the smallest values are dropped, f by default: a whole number of at least 0'),
});

interface Resolved {
  /** Values dropped at each end. */
  readonly b: number;
}

/** Coordinate-wise trimmed mean. */
export const trimmedMean: Aggregator<z.infer<typeof parameters>, Resolved, ReturnType<typeof networkRequest>> = {
  name: 'trimmed-mean',
  formula: 'per coordinate drop the b largest and the b smallest values, average the rest; b = f unless given',
  source: 'Yin et al. 2018',
  precondition: '2b < n',
  cost: 'O(n log² n · d)',
  parameters,
  presets: {},
  properties: ({ b }) => ({
    order: true, translation: true, scale: 'any', meanWithoutByzantine: b === undefined || b === 0, within: b === undefined ? 'honest values' : 'all values', weights: 'none',
  }),
  /** Rows removed as not finite are among the b that were to be dropped; f is already without them. */
  resolve: ({ b }, { f, removed }) => ({ b: b === undefined ? f : Math.max(0, b - removed) }),
  check: tooFew,
  impossible: tooFew,
  robustness: ({ n, f }, { b }) => (b === f && 2 * f < n ? (6 * f / (n - 2 * f)) * (1 + f / (n - 2 * f)) : undefined),
  robustnessSource: '6f/(n−2f) · (1 + f/(n−2f)) with b = f: Allouah et al. 2023',
  memory: networkRequest,
  *aggregate(input) {
    const { n, parameters: { b } } = input;
    yield* sortedMean(input.arena, input, input.output, input.memory.network, b, n - 1 - b);
    return undefined;
  },
};

function tooFew({ n }: Shape, { b }: Resolved): string | undefined {
  return 2 * b < n ? undefined : `trimmed-mean needs 2b < n (Yin et al. 2018): n = ${n}, b = ${b}`;
}
