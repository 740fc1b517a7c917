import type { Arena } from '../memory/arena.js';
import { f64, type Region, type Regions, u32 } from '../memory/regions.js';
import { eigenpairLength } from './sizes.js';
import type { Work } from './task.js';

/** How rows vary along the direction in which they vary most. */
export interface DominantDirection {
  /** λ: the greatest eigenvalue of the rows' weighted covariance. */
  readonly variance: number;
  /** In units of their own, the same for all rows: (x_i − μ)·v, v the eigenvector. All 0 when λ is. */
  readonly projections: Float64Array;
}

/** The regions that `dominantDirections` takes for `sets` sets of n rows, or of fewer. */
export function scatterRequests(n: number, sets = 1) {
  return { members: u32(n), shares: f64(n), eigenpairs: f64(sets * eigenpairLength(n)), directions: f64(sets * (n + 1)) };
}

type ScatterRegions = Regions<ReturnType<typeof scatterRequests>>;

/**
 * The dominant eigenpair of Σ w_i (x_i − μ)(x_i − μ)ᵀ with μ = Σ w_i x_i over some of n rows, of each of several sets of n rows, by squared distances alone.
 * `squared`: n × n of each set. `members`: those rows; `weights`: theirs, above 0, adding up to 1. Good to rounding: assembly/eigenpair.ts says how.
 * Reading a result before the next call is the caller's business.
 */
export function* dominantDirections(
  arena: Arena, squared: Region<'f64'>, n: number, members: readonly number[], weights: Float64Array, regions: ScatterRegions, sets = 1,
): Work<DominantDirection[]> {
  const m = members.length;
  arena.view(regions.members).set(members);
  arena.view(regions.shares).set(weights);
  const { members: listed, shares, eigenpairs, directions } = regions;
  const fixed = { matrices: squared.address, n, members: listed.address, weights: shares.address, m, workspaces: eigenpairs.address, directions: directions.address };
  for (let from = m - 1; from >= 0; ) {
    const { to, cost } = stepFrom(from);
    yield { operation: 'dominantDirections', arguments: { ...fixed, from, to }, chunks: sets, cost: sets * (cost + COST_OF_ROW * m) };
    from = to - 1;
  }
  const results = arena.view(regions.directions);
  return Array.from({ length: sets }, (_, set) => {
    const [first, next] = [set * (m + 1), (set + 1) * (m + 1)];
    return { variance: results[first] as number, projections: results.subarray(first + 1, next) };
  });
}

/** The dominant direction of one set of rows. */
export function* dominantDirection(
  arena: Arena, squared: Region<'f64'>, n: number, members: readonly number[], weights: Float64Array, regions: ScatterRegions,
): Work<DominantDirection> {
  const [direction] = yield* dominantDirections(arena, squared, n, members, weights, regions);
  return direction as DominantDirection;
}

/** What a row of the matrix costs beside its reflection: it has a part in each step towards the eigenvalue. */
const COST_OF_ROW = 2000;

/** Entries of the matrix that a task visits, so that no thread is held for more than some ten milliseconds. */
const AT_ONCE = 2 ** 23;

/** How far down from a row a task goes, by these numbers alone, and about what that costs. */
function stepFrom(from: number): { to: number; cost: number } {
  let to = from;
  let visited = (to * to) / 2;
  while (to > 0 && visited + ((to - 1) * (to - 1)) / 2 <= AT_ONCE) {
    to--;
    visited += (to * to) / 2;
  }
  return { to, cost: 6 * visited };
}
