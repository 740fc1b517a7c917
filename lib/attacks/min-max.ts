import { distanceRequests } from '../aggregators/distances.js';
import { movedMean, type Spread, spreadAlong, squaredDistances } from '../kernels/work.js';
import type { AttackShape } from './attack.js';
import { alongDirection, spreadRequest } from './directions.js';

/**
 * The lie is no farther from any honest row than the farthest two of these are from each other.
 *
 * The paper searches for γ by halving; here it is solved for, and no search's tolerance is left. The lie is within the distance √D of row i as long as
 * γ²‖p‖² − 2γ⟨x_i − μ, p⟩ + ‖x_i − μ‖² ≤ D. At γ = 0 that holds for every row, so the largest γ is the least of the rows'
 * greater roots. It is as exact as D is, whose float32 sums of blocks are off by at most some 1e-6 of it.
 */
export const minMax = alongDirection({
  name: 'min-max',
  formula: 'μ + γp with the largest γ that has max_i ‖x − x_i‖ ≤ max_ij ‖x_i − x_j‖ over the honest rows; p: −σ, −μ/‖μ‖ or −sign(μ)',
  memory,
  *craft({ arena, table, rows, d, output, memory: { spread: partials, ...regions }, parameters: { direction } }) {
    const honest = { table, n: rows.length, d };
    const spread = yield* spreadAlong(arena, honest, direction, partials);
    const squared = yield* squaredDistances(arena, honest, regions.partials, regions.distances);
    yield* movedMean(honest, output, direction, largestFactor(spread, squared.reduce((most, square) => Math.max(most, square), 0)));
  },
});

function memory(shape: AttackShape) {
  const { n, f, d } = shape;
  return { ...distanceRequests({ n: n - f, f: 0, d, removed: 0 }), spread: spreadRequest(shape) };
}

/** The largest γ that leaves μ + γp within the squared distance `limit` of every row; 0 without a direction. */
function largestFactor({ squares, projections, squaredLength }: Spread, limit: number): number {
  if (squaredLength === 0) return 0;
  let least = Infinity;
  for (const [row, projection] of projections.entries()) {
    const room = Math.max(0, limit - (squares[row] as number));
    const root = Math.sqrt(projection * projection + squaredLength * room);
    // Of the two forms of the same root, the one without a difference of near numbers.
    least = Math.min(least, projection >= 0 ? (projection + root) / squaredLength : room / (root - projection));
  }
  return least;
}
