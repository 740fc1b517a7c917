import fc from 'fast-check';
import t from 'tap';
import { dominantEigenpair } from '../../lib/aggregators/eigenpair.js';
import { Stream } from '../../lib/data/random.js';
import { runInline } from '../../lib/kernels/task.js';
import { jacobi } from './jacobi.js';

const eigenpair = (matrix: readonly (readonly number[])[]): { value: number; vector: Float64Array } =>
  runInline(dominantEigenpair(Float64Array.from(matrix.flat()), matrix.length), () => undefined);

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
