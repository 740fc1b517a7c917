import fc from 'fast-check';
import t from 'tap';
import { aggregate } from '../../lib/pipeline/aggregate.js';
import { agrees, majority, TOLERANCE } from './agreement.js';
import * as reference from './reference.js';
import { difference, normalRows, runPipeline, tiedRows } from './rows.js';

const zero = (rows: reference.Rows): number[] => Array.from(rows[0]!, () => 0);
const rfa = { name: 'geometric-median', preset: 'rfa' };
const byzfl = { name: 'geometric-median', preset: 'byzfl' };
const rounded = (row: ArrayLike<number>): Float32Array => Float32Array.from(row);

// The point is kept in float32: beside a row the weights see its rounding.
agrees('geometric-median (rfa)', majority, rfa, (rows) => reference.weiszfeld(rows, reference.mean(rows), 1e-6, 3), 1e-5);
agrees('geometric-median (byzfl)', majority, byzfl, (rows) => reference.weiszfeld(rows, zero(rows), 0.1, 3));
agrees('geometric-median (one step from the median)', majority, { name: 'geometric-median', T: 1, nu: 0.5, tolerance: 0 }, (rows) =>
  reference.weiszfeld(rows, reference.median(rows), 0.5, 1));

/** The least sum of distances that many steps from the mean, or a row, come to. */
function least(rows: reference.Rows): number {
  const found = reference.weiszfeld(rows, reference.mean(rows), 1e-12, 200);
  return Math.min(reference.sumOfDistances(rows, found), ...rows.map((row) => reference.sumOfDistances(rows, row)));
}

t.test('the exact geometric median is a minimum, wherever the rows are', async (t) => {
  fc.assert(fc.property(tiedRows(majority), ({ f, rows }) => reference.sumOfDistances(rows, aggregate('geometric-median', rows, { f })) <= least(rows) * (1 + 1e-5) + 1e-5), { numRuns: 60 });
  for (const [n, f, d] of [[5, 0, 1], [3, 1, 17], [8, 2, 100], [19, 5, 4099]] as const) {
    const rows = normalRows(n, d, n);
    t.ok(difference(aggregate('geometric-median', rows, { f }), reference.weiszfeld(rows, reference.median(rows), 1e-12, d > 1000 ? 20 : 300)) <= 1e-5, `n = ${n}, f = ${f}, d = ${d}`);
  }
});

t.test('a row that the median by coordinate is, and the minimum is not, is left', async (t) => {
  const rows = [[0, 10], [1, 1], [10, 0]].map((values) => Float32Array.from(values));
  t.same(reference.median(rows), rows[1]);
  const result = aggregate('geometric-median', rows);
  // All three angles of that triangle are below 120 degrees: the minimum sees each side under 120.
  const unit = rows.map((row) => {
    const [x, y] = [row[0]! - result[0]!, row[1]! - result[1]!];
    return [x / Math.hypot(x, y), y / Math.hypot(x, y)] as const;
  });
  for (const axis of [0, 1] as const) t.ok(Math.abs(unit.reduce((sum, vector) => sum + vector[axis], 0)) < 1e-4);
  const twice = [...rows, rows[1]!];
  t.same(aggregate('geometric-median', twice), rows[1], 'but not one that is there twice');
  t.same([...runPipeline({ aggregator: { name: 'geometric-median', f: 1 } }, twice).weights!], [0, 0.5, 0, 0.5]);
});

t.test('geometric-median-of-means is the geometric median of the means of its batches', async (t) => {
  const minimal = (means: reference.Rows, result: ArrayLike<number>): boolean => reference.sumOfDistances(means, result) <= least(means) * (1 + 1e-5) + 1e-5;
  const few = (f: number): number => Math.max(1, Math.ceil(2.2 * f));
  fc.assert(fc.property(tiedRows(few), ({ n, f, rows }) => minimal(reference.batchMeans(rows, Math.min(n, few(f))), aggregate('geometric-median-of-means', rows, { f }))));
  for (const [n, f, d, parameters, k] of [[9, 0, 30, {}, 1], [13, 2, 4099, {}, 5], [13, 2, 30, { epsilon: 0.5 }, 6], [13, 2, 30, { k: 4 }, 4], [7, 1, 30, { k: 7 }, 7]] as const) {
    const rows = normalRows(n, d, n);
    const result = aggregate({ name: 'geometric-median-of-means', ...parameters }, rows, { f });
    const means = reference.batchMeans(rows, k);
    t.ok(difference(result, reference.weiszfeld(means, reference.median(means), 1e-12, d > 1000 ? 40 : 300)) <= 1e-5, `n = ${n}, k = ${k}`);
  }
  const rows = normalRows(9, 5);
  t.ok(difference(aggregate('geometric-median-of-means', rows.with(4, new Float32Array(5).fill(NaN)), { f: 1 }), reference.mean(rows.toSpliced(4, 1))) <= TOLERANCE);
  t.ok(aggregate({ name: 'geometric-median-of-means', k: 9 }, rows.with(4, new Float32Array(5).fill(NaN)), { f: 1 }).every(Number.isFinite));
});

t.test('f far rows: a finite result, and what the formula says', async (t) => {
  const [n, f, d] = [11, 3, 40];
  for (const value of [1e10, 1e20, -3e38]) {
    const rows = normalRows(n, d).map((row, i) => (i % 4 === 2 ? new Float32Array(d).fill(value) : row));
    t.ok(difference(aggregate(rfa, rows, { f }), reference.weiszfeld(rows, reference.mean(rows), 1e-6, 3)) <= 1e-5, `rfa, ${value}`);
    t.ok(difference(aggregate(byzfl, rows, { f }), reference.weiszfeld(rows, zero(rows), 0.1, 3)) <= 1e-5, `byzfl, ${value}`);
    t.ok(difference(aggregate('geometric-median', rows, { f }), reference.weiszfeld(rows, reference.median(rows), 1e-12, 300)) <= 1e-5, `exact, ${value}`);
    const means = reference.batchMeans(rows, 7);
    t.ok(difference(aggregate('geometric-median-of-means', rows, { f }), reference.weiszfeld(means, reference.median(means), 1e-12, 300)) <= 1e-5, `of means, ${value}`);
  }
});

t.test('one row aggregates to itself', async (t) => {
  const [row] = normalRows(1, 50) as [Float32Array];
  for (const rule of ['geometric-median', rfa, byzfl, 'geometric-median-of-means']) t.same(aggregate(rule, [row]), row);
});

t.test('the middle of rows on a line', async (t) => {
  const line = (...values: number[]): Float32Array[] => values.map((value) => Float32Array.of(value));
  t.same(aggregate('geometric-median', line(5, -2, 100, 3, 4)), rounded([4]));
  t.same(aggregate('geometric-median', line(5, -2, 100, 3)), rounded([4]));
});
