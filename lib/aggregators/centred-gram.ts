import type { Work } from '../kernels/task.js';
import { dominantEigenpair } from './eigenpair.js';

/** How rows vary along the direction in which they vary most. */
export interface DominantDirection {
  /** λ: the greatest eigenvalue of the rows' weighted covariance. */
  readonly variance: number;
  /** In units of their own, the same for all rows: (x_i − μ)·v, v the eigenvector. All 0 when λ is. */
  readonly projections: Float64Array;
}

/**
 * The dominant eigenpair of Σ w_i (x_i − μ)(x_i − μ)ᵀ with μ = Σ w_i x_i over some of n rows, by squared distances alone. `weights`: of
 * those rows in their order, above 0, adding up to 1.
 *
 * The inner products (x_i − μ)·(x_j − μ) are B = −½ (I − 1wᵀ) D (I − w1ᵀ), D the squared distances, and √w_i B_ij √w_j has the covariance's eigenvalues
 * but for zeros; with u its eigenvector, v = Σ √w_k u_k (x_k − μ)/√λ. The projections are taken from B and not from u_i/√w_i, so that a row
 * of little weight keeps its digits. What is lost where one row is far from the others is lost of λ, relatively nothing.
 */
export function* dominantDirection(squared: Float64Array, n: number, rows: readonly number[], weights: Float64Array): Work<DominantDirection> {
  const m = rows.length;
  const gram = centredGram(squared, n, rows, weights);
  const roots = weights.map((weight) => Math.sqrt(weight));
  const weighted = new Float64Array(m * m);
  for (let i = 0, place = 0; i < m; i++) {
    for (let j = 0; j < m; j++, place++) weighted[place] = (roots[i] as number) * (gram[place] as number) * (roots[j] as number);
  }
  const { value, vector } = yield* dominantEigenpair(weighted, m);
  const projections = new Float64Array(m);
  for (let i = 0, place = 0; i < m; i++) {
    let sum = 0;
    for (let k = 0; k < m; k++, place++) sum += (gram[place] as number) * (roots[k] as number) * (vector[k] as number);
    projections[i] = sum;
  }
  return { variance: value, projections };
}

/** The inner products of the rows' differences to their weighted mean. */
function centredGram(squared: Float64Array, n: number, rows: readonly number[], weights: Float64Array): Float64Array {
  const m = rows.length;
  const gram = new Float64Array(m * m);
  const toMean = new Float64Array(m);
  let spread = 0;
  for (const [i, row] of rows.entries()) {
    let sum = 0;
    for (const [k, other] of rows.entries()) sum += (weights[k] as number) * (squared[row * n + other] as number);
    toMean[i] = sum;
    spread += (weights[i] as number) * sum;
  }
  for (const [i, row] of rows.entries()) {
    for (const [j, other] of rows.entries()) {
      gram[i * m + j] = -0.5 * ((squared[row * n + other] as number) - ((toMean[i] as number) + (toMean[j] as number)) + spread);
    }
  }
  return gram;
}
