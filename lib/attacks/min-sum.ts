import { movedMean, spreadAlong } from '../kernels/work.js';
import type { AttackShape } from './attack.js';
import { alongDirection, spreadRequest } from './directions.js';

/**
 * The sum of the lie's squared distances to the honest rows is no greater than the greatest such sum of one of these.
 *
 * The paper searches for γ by halving; here it is known. For every point y, Σ_j ‖y − x_j‖² = m‖y − μ‖² + Σ_j ‖x_j − μ‖² over m rows of
 * mean μ. So the greatest sum is that of the row farthest from μ, and the lie may be as far from μ as that row: γ‖p‖ = max_i ‖x_i − μ‖.
 */
export const minSum = alongDirection({
  name: 'min-sum',
  formula: 'μ + γp with the largest γ that has Σ_i ‖x − x_i‖² ≤ max_i Σ_j ‖x_i − x_j‖² over the honest rows; p: −σ, −μ/‖μ‖ or −sign(μ)',
  memory,
  *craft({ arena, table, rows, d, output, memory: regions, parameters: { direction } }) {
    const honest = { table, n: rows.length, d };
    const { squares, squaredLength } = yield* spreadAlong(arena, honest, direction, regions.spread);
    const farthest = squares.reduce((most, square) => Math.max(most, square), 0);
    yield* movedMean(honest, output, direction, squaredLength === 0 ? 0 : Math.sqrt(farthest / squaredLength));
  },
});

function memory(shape: AttackShape) {
  return { spread: spreadRequest(shape) };
}
