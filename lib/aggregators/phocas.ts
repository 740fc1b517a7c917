import { z } from 'zod';
import { nearestMean } from '../kernels/work.js';
import type { Aggregator, Shape } from './aggregator.js';
import { networkRequest } from './median.js';

const parameters = z.strictObject({
  b: z.int().min(0).optional().describe('how many of the largest and of the smallest values the trimmed mean drops, and how many values Phocas does, f by default: a whole number of at least 0'),
});

interface Resolved {
  /** Values that the trimmed mean drops at each end, and values that are dropped in the end. */
  readonly b: number;
}

/** Coordinate-wise mean of the values nearest to the trimmed mean. */
export const phocas: Aggregator<z.infer<typeof parameters>, Resolved, ReturnType<typeof networkRequest>> = {
  name: 'phocas',
  formula: 'per coordinate average the n−b values nearest to the b-trimmed mean; b = f unless given',
  source: 'Xie, Koyejo, Gupta 2018',
  precondition: '2b < n',
  cost: 'O(n log² n · d)',
  parameters,
  presets: {},
  properties: ({ b }) => ({
    order: true, translation: true, scale: 'any', meanWithoutByzantine: b === undefined || b === 0, within: 'all values', weights: 'none',
  }),
  /** Rows removed as not finite are among the b that were to be dropped; f is already without them. */
  resolve: ({ b }, { f, removed }) => ({ b: b === undefined ? f : Math.max(0, b - removed) }),
  check: tooFew,
  impossible: tooFew,
  memory: networkRequest,
  *aggregate(input) {
    const { n, parameters: { b } } = input;
    yield* nearestMean(input.arena, input, input.output, input.memory.network, n - b, b, n - 1 - b);
    return undefined;
  },
};

function tooFew({ n }: Shape, { b }: Resolved): string | undefined {
  return 2 * b < n ? undefined : `phocas needs 2b < n (Xie, Koyejo, Gupta 2018): n = ${n}, b = ${b}`;
}
