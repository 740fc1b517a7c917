import { z } from 'zod';
import { dominantDirection, scatterRequests } from '../kernels/scatter.js';
import { squaredDistances, weightedSum } from '../kernels/work.js';
import type { Work } from '../kernels/task.js';
import { f64 } from '../memory/regions.js';
import type { Aggregator, RuleInput, Shape } from './aggregator.js';
import { distanceRequests } from './distances.js';

/** A count that is this near to 0 is 0: equally far rows lose all of it together, whatever the last bit of their projections. */
const ROUNDING = 1e-12;

/** Covariance-bound agnostic filter: rows count the less the more they add to the greatest variance, and the mean of least such variance is taken. */
export const caf: Aggregator<Record<string, never>, object, ReturnType<typeof memory>> = {
  name: 'caf',
  formula:
    'c = 1; while Σc > n−2f: μ = Σ c_i x_i/Σc, (λ, v) the dominant eigenpair of the c-weighted covariance, t_i = ((x_i−μ)·v)², ' +
    'c_i ← c_i (1 − t_i/max{t_j : c_j > 0}); stop if that maximum is 0; the μ with the least λ seen; with f = 0 the mean',
  source: 'Allouah et al. 2025',
  precondition: '2f < n',
  cost: 'O(n²d), and O(n³) for each of at most 2f steps',
  parameters: z.strictObject({}),
  presets: {},
  properties: () => ({ order: true, translation: true, scale: 'any', meanWithoutByzantine: true, within: 'all values', weights: 'sum' }),
  resolve: () => ({}),
  check: ({ n, f }) => (2 * f < n ? undefined : `caf needs 2f < n (Allouah et al. 2025): n = ${n}, f = ${f}`),
  memory,
  *aggregate(input) {
    const { arena, output, memory: { partials, distances, weights: region } } = input;
    yield* squaredDistances(arena, input, partials, distances);
    const weights = yield* filteredWeights(input);
    arena.view(region).set(weights);
    yield* weightedSum(input, region, output);
    return weights;
  },
};

/**
 * The weights c/Σc of the μ with the least λ, by the rows' distances; of equal ones the first. Every step takes all of at least one count, that of the
 * greatest t, so after 2f steps the sum of the counts is at most n − 2f.
 */
function* filteredWeights({ arena, n, f, memory: regions }: RuleInput<object, ReturnType<typeof memory>>): Work<Float64Array> {
  const counts = new Float64Array(n).fill(1);
  let best: Float64Array = counts.map((count) => count / n);
  let leastVariance = Infinity;
  for (let total = n; total > n - 2 * f; total = sum(counts)) {
    const rows = Array.from(counts.keys()).filter((row) => (counts[row] as number) > 0);
    const { variance, projections } = yield* dominantDirection(arena, regions.distances, n, rows, Float64Array.from(rows, (row) => (counts[row] as number) / total), regions);
    if (variance < leastVariance) {
      leastVariance = variance;
      best = counts.map((count) => count / total);
    }
    const farthest = projections.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (farthest === 0) break;
    for (const [place, row] of rows.entries()) {
      const share = (projections[place] as number) / farthest;
      const left = 1 - share * share;
      counts[row] = left < ROUNDING ? 0 : (counts[row] as number) * left;
    }
  }
  return best;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

function memory(shape: Shape) {
  return { ...distanceRequests(shape), ...scatterRequests(shape.n), weights: f64(shape.n) };
}
