import { PAUSE, type Work } from '../kernels/task.js';

export interface Eigenpair {
  readonly value: number;
  /** Of length 1; zeros when the matrix is 0. */
  readonly vector: Float64Array;
}

/**
 * The greatest eigenvalue of a symmetric, positive semidefinite matrix (m × m, row-major, overwritten) and an eigenvector.
 *
 * Directly, by O(m³) operations whatever the matrix, where a power iteration takes as many steps as the gap to the next eigenvalue asks
 * for and never leaves a start that is orthogonal to the vector. Householder reflections make the matrix tridiagonal; bisection encloses
 * the eigenvalue in at most 60 steps; the vector follows from the two factorisations that met there (`vectorAt`). Both are good to
 * rounding: the residual ‖Av − λv‖ is of the order of m · 1e-16 λ, far below 1e-6 λ.
 */
export function* dominantEigenpair(matrix: Float64Array, m: number): Work<Eigenpair> {
  let scale = 0;
  for (const value of matrix) scale = Math.max(scale, Math.abs(value));
  if (scale === 0) return { value: 0, vector: new Float64Array(m) };
  // Entries of at most 1: no square over- or underflows where it matters.
  for (let k = 0; k < matrix.length; k++) matrix[k] = (matrix[k] as number) / scale;
  const { tridiagonal, factors } = yield* tridiagonalise(matrix, m);
  const bound = leastBound(tridiagonal);
  const vector = vectorAt(tridiagonal, bound);
  for (let k = m - 3; k >= 0; k--) reflect(vector, matrix, k * m, k + 1, factors[k] as number);
  return { value: scale * bound, vector: normalised(vector) };
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** Entry k couples k and k + 1. */
  readonly beside: Float64Array;
}

/** Squares below this, of entries of at most 1, are nothing. */
const NOTHING = 1e-290;

/**
 * QᵀAQ by reflections I − factors[k] · v vᵀ; row k of the matrix keeps v at k + 1 … m − 1. The matrix is taken as its lower and
 * upper halves alike: each step updates both.
 */
function* tridiagonalise(matrix: Float64Array, m: number): Work<{ tridiagonal: Tridiagonal; factors: Float64Array }> {
  const factors = new Float64Array(m);
  const beside = new Float64Array(m);
  const image = new Float64Array(m);
  for (let k = 0; k + 2 < m; k++) {
    const v = matrix.subarray(k * m, (k + 1) * m);
    const first = v[k + 1] as number;
    let tail = 0;
    for (let i = k + 2; i < m; i++) tail += (v[i] as number) ** 2;
    if (tail < NOTHING) {
      beside[k] = first;
      continue;
    }
    const length = Math.sqrt(first * first + tail);
    const reflected = first > 0 ? -length : length;
    beside[k] = reflected;
    v[k + 1] = first - reflected;
    const factor = 2 / ((first - reflected) ** 2 + tail);
    factors[k] = factor;
    let along = 0;
    for (let i = k + 1; i < m; i++) {
      let sum = 0;
      for (let j = k + 1, place = i * m + j; j < m; j++, place++) sum += (matrix[place] as number) * (v[j] as number);
      image[i] = factor * sum;
      along += factor * sum * (v[i] as number);
    }
    for (let i = k + 1; i < m; i++) image[i] = (image[i] as number) - 0.5 * factor * along * (v[i] as number);
    for (let i = k + 1; i < m; i++) {
      const [vi, wi] = [v[i] as number, image[i] as number];
      for (let j = k + 1, place = i * m + j; j < m; j++, place++) matrix[place] = (matrix[place] as number) - (vi * (image[j] as number) + wi * (v[j] as number));
    }
    yield PAUSE;
  }
  if (m >= 2) beside[m - 2] = matrix[(m - 2) * m + m - 1] as number;
  return { tridiagonal: { diagonal: Float64Array.from({ length: m }, (_, i) => matrix[i * m + i] as number), beside }, factors };
}

/** The upper end of the last interval of the bisection: just above the greatest eigenvalue, all pivots above 0. */
function leastBound(tridiagonal: Tridiagonal): number {
  const { diagonal, beside } = tridiagonal;
  let [below, above] = [-Infinity, 0];
  for (const [i, value] of diagonal.entries()) {
    below = Math.max(below, value);
    above = Math.max(above, value + Math.abs(beside[i] as number) + Math.abs(beside[i - 1] ?? 0));
  }
  // Gershgorin's bound may be the eigenvalue itself.
  for (let step = 2 ** -50; pivotsAt(tridiagonal, above) === undefined; step *= 2) above += step;
  while (above - below > 2 ** -50 * above) {
    const middle = below + (above - below) / 2;
    if (pivotsAt(tridiagonal, middle) === undefined) below = middle;
    else above = middle;
  }
  return above;
}

/** The pivots of shift · I − T eliminated from the first row on and from the last; undefined unless all are above 0: unless the shift is above every eigenvalue. */
function pivotsAt({ diagonal, beside }: Tridiagonal, shift: number): { down: Float64Array; up: Float64Array } | undefined {
  const m = diagonal.length;
  const [down, up] = [new Float64Array(m), new Float64Array(m)];
  for (let i = 0; i < m; i++) {
    down[i] = shift - (diagonal[i] as number) - (i === 0 ? 0 : (beside[i - 1] as number) ** 2 / (down[i - 1] as number));
    if (!((down[i] as number) > 0)) return undefined;
  }
  for (let i = m - 1; i >= 0; i--) {
    up[i] = shift - (diagonal[i] as number) - (i === m - 1 ? 0 : (beside[i] as number) ** 2 / (up[i + 1] as number));
    if (!((up[i] as number) > 0)) return undefined;
  }
  return { down, up };
}

/**
 * z with (shift · I − T) z = γ e_r: it takes no start, and r is where γ is least. As 1/γ_r is an entry of the diagonal of the inverse, whose
 * trace is at least 1/(shift − λ), that γ, which is the residual, is at most m (shift − λ); and no entry of z is above z_r = 1.
 */
function vectorAt(tridiagonal: Tridiagonal, shift: number): Float64Array {
  const { diagonal, beside } = tridiagonal;
  const m = diagonal.length;
  const { down, up } = pivotsAt(tridiagonal, shift) as { down: Float64Array; up: Float64Array };
  const gamma = (i: number): number => (down[i] as number) + (up[i] as number) - (shift - (diagonal[i] as number));
  let r = 0;
  for (let i = 1; i < m; i++) if (gamma(i) < gamma(r)) r = i;
  const vector = new Float64Array(m);
  vector[r] = 1;
  for (let i = r - 1; i >= 0; i--) vector[i] = ((beside[i] as number) * (vector[i + 1] as number)) / (down[i] as number);
  for (let i = r + 1; i < m; i++) vector[i] = ((beside[i - 1] as number) * (vector[i - 1] as number)) / (up[i] as number);
  return vector;
}

/** x ← (I − factor · v vᵀ) x from coordinate `first` on; v stands in the matrix at `row`. */
function reflect(x: Float64Array, matrix: Float64Array, row: number, first: number, factor: number): void {
  let along = 0;
  for (let i = first; i < x.length; i++) along += (matrix[row + i] as number) * (x[i] as number);
  for (let i = first; i < x.length; i++) x[i] = (x[i] as number) - factor * along * (matrix[row + i] as number);
}

function normalised(x: Float64Array): Float64Array {
  const length = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
  return x.map((value) => value / length);
}
