import { z } from 'zod';
import { squaredDistances } from '../kernels/work.js';
import { u32 } from '../memory/regions.js';
import type { Aggregator, Shape } from './aggregator.js';
import { diameterSearchSteps, leastDiameterSubset } from './diameter-search.js';
import { distanceRequests } from './distances.js';
import { meanOfSelected, noRowLeft } from './selection.js';
import { subsetCount } from './subsets.js';

/**
 * Steps that the search may take at worst, each a few nanoseconds: seconds. Rows that training meets take a small part of the worst case; a
 * refusal before the start is better than a run that stops in some round for hours. 51 rows are within it for every f, 100 up to f = 25, 1,000 up to f = 9.
 */
const AFFORDABLE_STEPS = 2 ** 31;

/** Minimum diameter averaging: the mean of the rows that are nearest to one another, as measured by the two of them farthest apart. */
export const mda: Aggregator<Record<string, never>, object, ReturnType<typeof memory>> = {
  name: 'mda',
  formula:
    'mean of the (n−f)-subset of least diameter (greatest pairwise distance within), exact by a pruned search; of equal diameters the lexicographically first subset',
  source: 'El Mhamdi et al. 2020',
  precondition: '2f < n, and a search that ends: at worst (n + log₂ n²)·1.9·1.4656^f·n·⌈n/32⌉ ≤ 2³¹ steps',
  cost: 'O(n²d), and at worst O(n³ · 1.4656^f)',
  parameters: z.strictObject({}),
  presets: {},
  // Two rows make a diameter, so different subsets can share the least one, and the first of them is taken.
  properties: () => ({ order: false, translation: true, scale: 'any', meanWithoutByzantine: true, within: 'all values', weights: 'sum' }),
  resolve: () => ({}),
  check(shape) {
    const { n, f } = shape;
    return 2 * f < n ? notAffordable(shape) : `mda needs 2f < n (El Mhamdi et al. 2020): n = ${n}, f = ${f}`;
  },
  impossible: notAffordable,
  /** As ByzantineMomentum has it (`aggregators/brute.py`), the released code of El Mhamdi, Guerraoui, Rouault 2021; with f = 0 there is no limit. */
  boundSource: '(n−f)/(√8·f): released code of El Mhamdi, Guerraoui, Rouault 2021',
  bound: ({ n, f }) => (f > 0 && 2 * f < n ? (n - f) / (Math.sqrt(8) * f) : undefined),
  memory,
  *aggregate(input) {
    const { arena, n, f, memory: regions } = input;
    const squared = yield* squaredDistances(arena, input, regions.partials, regions.distances);
    return yield* meanOfSelected(input, yield* leastDiameterSubset(squared, n, n - f), regions.selected);
  },
};

function notAffordable(shape: Shape): string | undefined {
  const { n, f } = shape;
  if (n - f < 1) return noRowLeft('mda', shape);
  if (diameterSearchSteps(n, f) <= AFFORDABLE_STEPS) return undefined;
  return `mda needs a search of at most 2³¹ steps, and among ${subsetCount(n, f)} subsets of ${n - f} of ${n} rows it may take more: n = ${n}, f = ${f}; give it fewer rows or a smaller f`;
}

function memory(shape: Shape) {
  return { ...distanceRequests(shape), selected: u32(shape.n) };
}
