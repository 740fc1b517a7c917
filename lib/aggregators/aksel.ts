import { z } from 'zod';
import { pointPartialsLength, sortedMean, squaredDistancesTo } from '../kernels/work.js';
import { f64, u32 } from '../memory/regions.js';
import type { Aggregator, Shape } from './aggregator.js';
import { middle, networkRequest } from './median.js';
import { meanOfSelected } from './selection.js';

/** The mean of the half of the rows that is nearest to the coordinate-wise median. */
export const aksel: Aggregator<Record<string, never>, object, ReturnType<typeof memory>> = {
  name: 'aksel',
  formula: 'squared distances to the coordinate-wise median; mean of the rows at or below the median one',
  source: 'Boussetta et al. 2021',
  precondition: '2f < n',
  cost: 'O(n log² n · d)',
  parameters: z.strictObject({}),
  presets: {},
  properties: () => ({ order: true, translation: true, scale: 'any', meanWithoutByzantine: false, within: 'all values', weights: 'sum' }),
  resolve: () => ({}),
  check: ({ n, f }) => (2 * f < n ? undefined : `aksel needs 2f < n (Boussetta et al. 2021): n = ${n}, f = ${f}`),
  memory,
  *aggregate(input) {
    const { arena, n, output, memory: { network, partials, selected } } = input;
    const [lower, upper] = middle(n);
    yield* sortedMean(arena, input, output, network, lower, upper);
    const squared = yield* squaredDistancesTo(arena, input, output, partials);
    // Between two middle distances lies no other, so the lower one is as good a limit as their mean.
    const limit = squared.toSorted()[lower] as number;
    const near = Array.from(squared.keys()).filter((row) => (squared[row] as number) <= limit);
    return yield* meanOfSelected(input, near, selected);
  },
};

function memory(shape: Shape) {
  const { n, d } = shape;
  return { ...networkRequest(shape), partials: f64(pointPartialsLength(n, d)), selected: u32(n) };
}
