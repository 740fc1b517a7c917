import fc from 'fast-check';
import t from 'tap';
import { averageLinkage } from '../../lib/aggregators/average-linkage.js';
import { majorityComponent } from '../../lib/aggregators/majority-component.js';
import { largestByMeanShift, type Points } from '../../lib/aggregators/mean-shift.js';
import { quantile } from '../../lib/aggregators/quantile.js';
import { runInline } from '../../lib/kernels/task.js';
import * as reference from './clustering-reference.js';

const run = <Result>(work: Parameters<typeof runInline<Result>>[0]): Result => runInline(work, () => undefined);

/** Symmetric matrices of whole numbers, so that ties are common and sums exact. */
const distances = fc.record({ n: fc.integer({ min: 1, max: 12 }), greatest: fc.constantFrom(1, 3, 1000), values: fc.infiniteStream(fc.nat()) }).map(({ n, greatest, values }) => {
  const matrix = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) matrix[i]![j] = matrix[j]![i] = Number(values.next().value) % (greatest + 1);
  return matrix;
});
const flat = (matrix: readonly (readonly number[])[]): Float64Array => Float64Array.from(matrix.flat());

t.test('average linkage joins the pair of clusters of least mean distance, again and again', async () => {
  fc.assert(fc.property(distances, fc.integer({ min: 1, max: 12 }), (matrix, count) => {
    const clusters = run(averageLinkage(flat(matrix), matrix.length, count));
    return JSON.stringify(clusters) === JSON.stringify(reference.averageLinkage(matrix, count));
  }), { numRuns: 300 });
});

t.test('the majority is the first component of more than half the points, with all that ties', async () => {
  fc.assert(fc.property(distances, (matrix) => {
    const size = Math.floor(matrix.length / 2) + 1;
    return JSON.stringify(run(majorityComponent(flat(matrix), matrix.length, size))) === JSON.stringify(reference.majority(matrix, size));
  }), { numRuns: 300 });
});

const pointsOf = (list: readonly (readonly [number, number, number])[]): Points =>
  ({ x: Float64Array.from(list, ([x]) => x), y: Float64Array.from(list, ([, y]) => y), z: Float64Array.from(list, ([, , z]) => z) });

t.test('mean shift finds the cluster that its definition says', async () => {
  const point = fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 12 }));
  fc.assert(fc.property(fc.array(point, { minLength: 1, maxLength: 25 }), fc.constantFrom(0, 1, 2, 3.5, 8, 100), (points, bandwidth) =>
    JSON.stringify(run(largestByMeanShift(pointsOf(points), bandwidth))) === JSON.stringify(reference.meanShift(points, bandwidth))), { numRuns: 300 });
});

t.test('mean shift on scikit-learn\'s example', async (t) => {
  // Its documentation gives the labels 1, 1, 1, 0, 0, 0: two clusters of three, of which the one with the first point counts here.
  const points = ([[1, 1], [2, 1], [1, 0], [4, 7], [3, 5], [3, 6]] as const).map(([x, y]) => [x, y, 0] as const);
  t.same(run(largestByMeanShift(pointsOf(points), 2)), [0, 1, 2]);
  t.same(run(largestByMeanShift(pointsOf(points.slice(1)), 2)), [2, 3, 4]);
});

t.test('a quantile lies between sorted values, in proportion', async (t) => {
  const value = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.double({ min: 0, noNaN: true, noDefaultInfinity: true, max: 1e300 }));
  fc.assert(fc.property(fc.array(value, { maxLength: 40 }), fc.oneof(fc.constantFrom(0, 0.5, 0.9, 1), fc.double({ min: 0, max: 1, noNaN: true })), (values, share) => {
    const given = Float64Array.from(values, Math.abs);
    const before = given.slice();
    return run(quantile(given, share)) === reference.quantileOf([...before], share) && given.every((x, k) => x === before[k]);
  }), { numRuns: 300 });
  t.equal(run(quantile(Float64Array.from({ length: 300_000 }, (_, k) => (k * 7919) % 300_000), 0.25)), 74_999.75);
});
