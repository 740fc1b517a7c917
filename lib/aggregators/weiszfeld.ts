import {
  copyToRows, fill, pointPartialsLength, type RowTable, sortedMean, squaredDistancesTo, squaredNorms, weightedSum, weightedSumAndDistances,
} from '../kernels/work.js';
import type { Work } from '../kernels/task.js';
import type { Arena } from '../memory/arena.js';
import { type Address, addressOf, f32, f64, type Regions, u32 } from '../memory/regions.js';
import { middle, networkRequest } from './median.js';

export interface WeiszfeldParameters {
  readonly start: 'median' | 'mean' | 'zero';
  /** Distances count as at least this. */
  readonly nu: number;
  /** Steps at most. */
  readonly T: number;
  /** A step shorter than this share of the point's norm is the last; with 0 there are T steps. */
  readonly tolerance: number;
}

/** To the minimum: until a step is about as small as float32 can tell, which takes few steps on rows of many coordinates. */
export const EXACT: WeiszfeldParameters = { start: 'median', nu: 1e-12, T: 1000, tolerance: 1e-7 };

/** The regions that `weiszfeld` takes, for n rows or fewer. */
export function weiszfeldRequests(n: number, d: number) {
  return {
    ...networkRequest({ n }),
    table: u32(n + 1),
    point: f32(d),
    weights: f64(n),
    partials: f64(pointPartialsLength(n + 1, d)),
    norm: f64(1),
  };
}

/**
 * output = the geometric median of the rows by Weiszfeld's algorithm: z ← Σ(x_i/w_i) / Σ(1/w_i), w_i = max(nu, ‖z − x_i‖). Returns the
 * weights that make it of the rows; they add up to 1.
 *
 * At a row that formula would stay for ever, wherever the minimum is (w_i = nu outweighs all others). With a tolerance, where the minimum is
 * what is asked for, a point that is η of the rows and feels a pull R = ‖Σ (x_j − z)/‖x_j − z‖‖ over the others is left by the step of Vardi and
 * Zhang 2000 (The multivariate L1-median and associated data depth), z ← (1 − η/R) T + (η/R) z with T the formula's point without these
 * rows; if R ≤ η, the minimum is there.
 */
export function* weiszfeld(
  arena: Arena, rows: RowTable & { readonly rows: readonly Address[] }, regions: Regions<ReturnType<typeof weiszfeldRequests>>,
  parameters: WeiszfeldParameters, output: Address,
): Work<Float64Array> {
  const { n, d } = rows;
  const { nu, T, tolerance } = parameters;
  const { partials, weights: weightsRegion, norm } = regions;
  const table = arena.view(regions.table);
  table.set(rows.rows);
  // The point that a step leaves is the last of n + 1 rows, so that the step's length is measured with their distances.
  const all = { table: regions.table.address, n: n + 1, d };
  const lastRow = { table: addressOf(regions.table, n), n: 1, d };
  let point = output;
  let other = regions.point.address;
  const stepTo = function* (weights: Float64Array): Work<Float64Array> {
    arena.view(weightsRegion).set(weights);
    table[n] = point;
    return yield* weightedSumAndDistances(arena, all, weightsRegion, n, other, partials);
  };
  let squared = yield* startAt(arena, rows, regions, parameters.start, point);
  let weights: Float64Array = new Float64Array(n);
  for (let step = 1; step <= T; step++) {
    const equal = squared.subarray(0, n).map((value) => Number(value === 0));
    const copies = sum(equal);
    weights = normalised(squared.subarray(0, n).map((value) => 1 / Math.max(nu, Math.sqrt(value))));
    if (tolerance > 0 && copies > 0 && copies < n) {
      const pulls = squared.subarray(0, n).map((value) => (value === 0 ? 0 : 1 / Math.sqrt(value)));
      weights = normalised(pulls);
      const pull = Math.sqrt((yield* stepTo(weights))[n] as number) * sum(pulls);
      if (pull <= copies) {
        weights = normalised(equal);
        break;
      }
      const stays = copies / pull;
      weights = weights.map((weight, row) => (1 - stays) * weight + stays * ((equal[row] as number) / copies));
    } else if (tolerance === 0 && step === T) {
      arena.view(weightsRegion).set(weights);
      yield* weightedSum(rows, weightsRegion, other);
      point = other;
      break;
    }
    squared = yield* stepTo(weights);
    [point, other] = [other, point];
    if (tolerance === 0) continue;
    table[n] = point;
    const squaredNorm = (yield* squaredNorms(arena, lastRow, norm))[0] as number;
    if (Math.sqrt(squared[n] as number) <= tolerance * Math.sqrt(squaredNorm)) break;
  }
  if (point !== output) {
    table[n] = output;
    yield* copyToRows(lastRow, point);
  }
  return weights;
}

/** Puts the first point there and returns the rows' squared distances to it. */
function* startAt(
  arena: Arena, rows: RowTable, regions: Regions<ReturnType<typeof weiszfeldRequests>>, start: WeiszfeldParameters['start'], point: Address,
): Work<Float64Array> {
  const { n, d } = rows;
  if (start === 'mean') {
    arena.view(regions.weights).fill(1 / n);
    return yield* weightedSumAndDistances(arena, rows, regions.weights, n, point, regions.partials);
  }
  if (start === 'zero') yield* fill(point, d, 0);
  else yield* sortedMean(arena, rows, point, regions.network, ...middle(n));
  return yield* squaredDistancesTo(arena, rows, point, regions.partials);
}

function normalised(values: Float64Array): Float64Array {
  const total = sum(values);
  return values.map((value) => value / total);
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
