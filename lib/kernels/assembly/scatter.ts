/**
 * The direction in which rows vary most, by their squared distances D alone: the dominant eigenpair of Σ w_i (x_i − μ)(x_i − μ)ᵀ with μ = Σ w_i x_i.
 *
 * The inner products (x_i − μ)·(x_j − μ) are B = −½ (I − 1wᵀ) D (I − w1ᵀ), and √w_i B_ij √w_j has the covariance's eigenvalues
 * but for zeros; with u its eigenvector, v = Σ √w_k u_k (x_k − μ)/√λ. The projections are taken from B and not from u_i/√w_i, so that a row
 * of little weight keeps its digits. What is lost where one row is far from the others is lost of λ, relatively nothing.
 */
import { at, dominantEigenpair, eigenvectorOf, otherNumberOf, otherVectorOf, put, rowOfMatrix } from './eigenpair';
import { rowOf } from './vector';

/** Makes √w_i B_ij √w_j the matrix of a workspace of eigenpair.ts. `rows`: m of n rows; `weights`: theirs, above 0, adding up to 1. */
export function centreProducts(squared: usize, n: u32, rows: usize, weights: usize, m: u32, workspace: usize): void {
  const toMean = otherVectorOf(workspace, m);
  let spread: f64 = 0;
  for (let i: u32 = 0; i < m; i++) {
    const line = lineOf(squared, n, rows, i);
    let sum: f64 = 0;
    for (let k: u32 = 0; k < m; k++) sum += at(weights, k) * at(line, <u32>rowOf(rows, k));
    put(toMean, i, sum);
    spread += at(weights, i) * sum;
  }
  store<f64>(otherNumberOf(workspace, m), spread);
  for (let i: u32 = 0; i < m; i++) {
    const line = lineOf(squared, n, rows, i);
    const row = rowOfMatrix(workspace, m, i);
    const root = sqrt(at(weights, i)), own = at(toMean, i);
    for (let j: u32 = 0; j <= i; j++) put(row, j, root * product(at(line, <u32>rowOf(rows, j)), own, at(toMean, j), spread) * sqrt(at(weights, j)));
  }
}

/** After `centreProducts` and `tridiagonalise`: λ, then (x_i − μ)·v · √λ of each of the m rows, into m + 1 float64. All 0 when λ is. */
export function projectOnDominant(squared: usize, n: u32, rows: usize, weights: usize, m: u32, workspace: usize, output: usize): void {
  store<f64>(output, dominantEigenpair(workspace, m));
  const vector = eigenvectorOf(workspace, m);
  for (let k: u32 = 0; k < m; k++) put(vector, k, sqrt(at(weights, k)) * at(vector, k));
  const toMean = otherVectorOf(workspace, m);
  const spread = load<f64>(otherNumberOf(workspace, m));
  for (let i: u32 = 0; i < m; i++) {
    const line = lineOf(squared, n, rows, i);
    const own = at(toMean, i);
    let sum: f64 = 0;
    for (let k: u32 = 0; k < m; k++) sum += product(at(line, <u32>rowOf(rows, k)), own, at(toMean, k), spread) * at(vector, k);
    put(output, i + 1, sum);
  }
}

/** B_ij. */
// @ts-ignore: decorator
@inline
function product(squared: f64, toMean: f64, otherToMean: f64, spread: f64): f64 {
  return -0.5 * (squared - (toMean + otherToMean) + spread);
}

// @ts-ignore: decorator
@inline
function lineOf(squared: usize, n: u32, rows: usize, i: u32): usize {
  return squared + <usize>(<u32>rowOf(rows, i) * n) * 8;
}
