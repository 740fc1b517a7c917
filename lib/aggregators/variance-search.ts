import { dominantDirection, type scatterRequests } from '../kernels/scatter.js';
import { PAUSE, type Work } from '../kernels/task.js';
import type { Arena } from '../memory/arena.js';
import type { Region, Regions } from '../memory/regions.js';
import { SubsetFactor } from './subset-factor.js';

/** Eigenvalues that differ by less, relatively, are equal: far less than the distances are known to, far more than is lost in between. */
const EQUAL = 1e-9;
/** Less than the square of any float32: below it is 0 alone. */
const ABOVE_ZERO = 1e-200;
const STEPS_PER_PAUSE = 4096;

type SearchRegions = Regions<ReturnType<typeof scatterRequests>> & { readonly distances: Region<'f64'> };

/**
 * The subset of `size` of n rows whose covariance has the least greatest eigenvalue, of equal ones (to 1e-9) the one that comes first in
 * lexicographic order; the rows ascend. The regions hold their n × n squared distances.
 *
 * All subsets are visited in lexicographic order but for those that begin like one that is already too wide: another row never makes the
 * greatest eigenvalue of Σ (x_i − μ)(x_i − μ)ᵀ less, and for subsets of one size that matrix is the covariance but for a factor. The bound is at
 * first that of a subset found row by row.
 */
export function* leastVarianceSubset(arena: Arena, n: number, size: number, regions: SearchRegions): Work<number[]> {
  if (size === 1) return [0];
  let best = yield* narrowSubset(arena, n, size, regions);
  const least = yield* scatterOf(arena, n, best, regions);
  const factor = new SubsetFactor(arena.view(regions.distances), n, size, Math.max(ABOVE_ZERO, least * (1 + EQUAL)));
  let steps = 0;
  for (let next = 0; ;) {
    if (++steps % STEPS_PER_PAUSE === 0) yield PAUSE;
    const { rows } = factor;
    if (rows.length === size) {
      best = [...rows];
      next = factor.narrow((yield* scatterOf(arena, n, best, regions)) * (1 - EQUAL)) + 1;
    }
    // What is left of the rows must be enough; else the last one is exchanged for the next.
    if (rows.length < size && n - next >= size - rows.length) {
      factor.add(next);
      next++;
      continue;
    }
    const last = factor.drop();
    if (last === undefined) return best;
    next = last + 1;
  }
}

/**
 * Multiplications that the search takes at worst, about: there are C(n + 1, f + 1) beginnings of subsets of n − f rows, the empty one included,
 * and each costs at most (n − f)².
 */
export function varianceSearchSteps(n: number, f: number): number {
  let beginnings = 1;
  for (let k = 1; k <= f + 1 && beginnings < Infinity; k++) beginnings *= (n + 2 - k) / k;
  return beginnings * (n - f) ** 2;
}

/** A subset of little variance: from all rows, again and again, without the one that is farthest along the direction of the greatest. */
function* narrowSubset(arena: Arena, n: number, size: number, regions: SearchRegions): Work<number[]> {
  const left = Array.from({ length: n }, (_, row) => row);
  while (left.length > size) {
    const { projections } = yield* dominantDirection(arena, regions.distances, n, left, equalWeights(left.length), regions);
    const lengths = projections.map(Math.abs);
    left.splice(lengths.lastIndexOf(lengths.reduce((most, value) => Math.max(most, value), 0)), 1);
  }
  return left;
}

/** The greatest eigenvalue of Σ (x_i − μ)(x_i − μ)ᵀ over the rows. */
function* scatterOf(arena: Arena, n: number, rows: readonly number[], regions: SearchRegions): Work<number> {
  return rows.length * (yield* dominantDirection(arena, regions.distances, n, rows, equalWeights(rows.length), regions)).variance;
}

function equalWeights(count: number): Float64Array {
  return new Float64Array(count).fill(1 / count);
}
