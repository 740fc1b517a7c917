import { z } from 'zod';
import { scatterRequests } from '../kernels/scatter.js';
import { squaredDistances } from '../kernels/work.js';
import { u32 } from '../memory/regions.js';
import type { Aggregator, Shape } from './aggregator.js';
import { distanceRequests } from './distances.js';
import { meanOfSelected, noRowLeft } from './selection.js';
import { subsetCount } from './subsets.js';
import { leastVarianceSubset, varianceSearchSteps } from './variance-search.js';

/**
 * Multiplications that the search may take at worst, each about a nanosecond: ten seconds. Unlike MDA's the search has no better bound than the
 * number of subsets, and where the rows vary alike in many directions few of them are too wide long before they are complete.
 */
const AFFORDABLE_STEPS = 1e10;

/** Smallest maximum eigenvalue averaging: the mean of the rows that vary least in the direction in which they vary most. */
export const smea: Aggregator<Record<string, never>, object, ReturnType<typeof memory>> = {
  name: 'smea',
  formula:
    'mean of the (n−f)-subset whose covariance has the least largest eigenvalue, exact by a pruned search; of equal eigenvalues (to 1e-9) the lexicographically first subset',
  source: 'Allouah et al. 2023',
  precondition: '2f < n, and a search that ends: C(n+1, f+1)·(n−f)² ≤ 10¹⁰',
  cost: 'O(n²d), and at worst O(C(n+1, f+1) · (n−f)²)',
  parameters: z.strictObject({}),
  presets: {},
  properties: () => ({ order: true, translation: true, scale: 'any', meanWithoutByzantine: true, within: 'all values', weights: 'sum' }),
  resolve: () => ({}),
  check(shape) {
    const { n, f } = shape;
    return 2 * f < n ? notAffordable(shape) : `smea needs 2f < n (Allouah et al. 2023): n = ${n}, f = ${f}`;
  },
  impossible: notAffordable,
  memory,
  *aggregate(input) {
    const { arena, n, f, memory: regions } = input;
    yield* squaredDistances(arena, input, regions.partials, regions.distances);
    const all = Array.from({ length: n }, (_, row) => row);
    return yield* meanOfSelected(input, f === 0 ? all : yield* leastVarianceSubset(arena, n, n - f, regions), regions.selected);
  },
};

function notAffordable(shape: Shape): string | undefined {
  const { n, f } = shape;
  if (n - f < 1) return noRowLeft('smea', shape);
  // All rows are one subset, and nothing is searched.
  if (f === 0 || varianceSearchSteps(n, f) <= AFFORDABLE_STEPS) return undefined;
  return `smea needs a search of at most 10¹⁰ steps, and among ${subsetCount(n, f)} subsets of ${n - f} of ${n} rows it may take more: n = ${n}, f = ${f}; give it fewer rows or a smaller f`;
}

function memory(shape: Shape) {
  return { ...distanceRequests(shape), ...scatterRequests(shape.n), selected: u32(shape.n) };
}
