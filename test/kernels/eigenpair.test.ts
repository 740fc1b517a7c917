import fc from 'fast-check';
import t from 'tap';
import { Stream } from '../../lib/data/random.js';
import { eigenpairLength, eigenpairStride } from '../../lib/kernels/sizes.js';
import { jacobi } from '../aggregators/jacobi.js';
import { WORKBENCHES, type Workbench } from './workbench.js';

interface Eigenpair {
  readonly value: number;
  readonly vector: Float64Array;
}

/** `stops`: rows at which the way to the tridiagonal matrix is interrupted. */
function eigenpairOn(bench: Workbench, matrix: readonly (readonly number[])[], stops: readonly number[] = []): Eigenpair {
  bench.reset();
  const m = matrix.length;
  const stride = eigenpairStride(m);
  const { address, view } = bench.doubles(eigenpairLength(m) + 8);
  const guard = view.subarray(eigenpairLength(m)).fill(7);
  // What is above the diagonal is NaN, and so not read.
  for (const [i, line] of matrix.entries()) view.set(line.slice(0, i + 1), i * stride);
  let from = m - 1;
  for (const to of [...new Set([...stops.filter((stop) => stop < m), 0])].sort((a, b) => b - a)) {
    bench.kernels.tridiagonalise(address, m, from, to);
    from = to - 1;
  }
  const value = bench.kernels.dominantEigenpair(address, m);
  if (guard.some((number) => number !== 7)) throw new Error('a kernel strayed');
  const vector = (m + 5) * stride;
  return { value, vector: view.slice(vector, vector + m) };
}

/** Of all builds, which have to agree bit by bit. */
function eigenpair(matrix: readonly (readonly number[])[], stops?: readonly number[]): Eigenpair {
  const [pair, ...others] = WORKBENCHES.map((bench) => eigenpairOn(bench, matrix, stops)) as [Eigenpair, ...Eigenpair[]];
  if (others.some(({ value, vector }) => value !== pair.value || vector.some((entry, i) => entry !== pair.vector[i]))) throw new Error('builds differ');
  return pair;
}

/** ‖Av − λv‖/λ. */
function residual(matrix: readonly (readonly number[])[], { value, vector }: { value: number; vector: Float64Array }): number {
  return Math.hypot(...matrix.map((line, i) => line.reduce((sum, entry, j) => sum + (entry / value) * vector[j]!, 0) - vector[i]!));
}

const length = (vector: Float64Array): number => Math.hypot(...vector);

/** Inner products of m rows of `rank` normal values, so positive semidefinite; rank below m makes zeros among the eigenvalues. */
function gram(m: number, rank: number, seed: number, scale = 1): number[][] {
  const random = new Stream(seed, 'attack');
  const rows = Array.from({ length: m }, () => Array.from({ length: rank }, () => random.normal()));
  return rows.map((a) => rows.map((b) => scale * a.reduce((sum, value, k) => sum + value * b[k]!, 0)));
}

t.test('the greatest eigenvalue is Jacobi’s, and the vector belongs to it, from 1e-90 to 1e80', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 30 }), fc.nat(), fc.constantFrom(1, 1e-90, 1e80), (m, rank, seed, scale) => {
      const matrix = gram(m, rank, seed, scale);
      const pair = eigenpair(matrix);
      const [value] = jacobi(gram(m, rank, seed)).values;
      return Math.abs(pair.value / scale / value! - 1) < 1e-12 && residual(matrix, pair) < 1e-12 && Math.abs(length(pair.vector) - 1) < 1e-12;
    }),
  );
});

t.test('it is the same, bit by bit, wherever the work is interrupted', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(), fc.array(fc.nat(19), { maxLength: 5 }), (m, seed, stops) => {
      const matrix = gram(m, m, seed);
      const [whole, interrupted] = [eigenpair(matrix), eigenpair(matrix, stops)];
      return whole.value === interrupted.value && whole.vector.every((entry, i) => entry === interrupted.vector[i]);
    }),
  );
});

t.test('the vector is found wherever it points: no start can be orthogonal to it', async (t) => {
  for (let m = 1; m <= 12; m++) {
    for (let axis = 0; axis < m; axis++) {
      const diagonal = Array.from({ length: m }, (_, i) => Array.from({ length: m }, (__, j) => (i === j ? (i === axis ? 3 : 1) : 0)));
      const { value, vector } = eigenpair(diagonal);
      t.ok(Math.abs(value - 3) < 1e-12 && Math.abs(Math.abs(vector[axis]!) - 1) < 1e-12, `axis ${axis} of ${m}`);
    }
    // (1, −1, 0, …) has the eigenvalue 2 and is orthogonal to (1, …, 1), which has 1.
    const difference = Array.from({ length: m }, (_, i) => Array.from({ length: m }, (__, j) => (i < 2 && j < 2 ? (i === j ? 1 : -1) : 0) + 1 / m));
    if (m > 1) t.ok(Math.abs(eigenpair(difference).value - 2) < 1e-12, `a difference in ${m}`);
  }
});

t.test('eigenvalues that are equal, nearly equal, negligible or all 0', async (t) => {
  const identity = Array.from({ length: 9 }, (_, i) => Array.from({ length: 9 }, (__, j) => Number(i === j)));
  t.ok(residual(identity, eigenpair(identity)) < 1e-12);
  const near = gram(12, 40, 3).map((line, i) => line.map((value, j) => Number(i === j) + 1e-13 * value));
  t.ok(residual(near, eigenpair(near)) < 1e-12);
  const spread = [[1e80, 1, 0], [1, 1e-60, 1e-90], [0, 1e-90, 1e-90]];
  t.ok(Math.abs(eigenpair(spread).value / 1e80 - 1) < 1e-12);
  t.same(eigenpair([[0, 0], [0, 0]]), { value: 0, vector: Float64Array.of(0, 0) });
  const { value, vector } = eigenpair([[4]]);
  t.ok(Math.abs(value - 4) < 1e-14 && vector[0] === 1);
});
