import t from 'tap';
import { aggregate } from '../../lib/pipeline/aggregate.js';
import { agrees, majority, TOLERANCE } from './agreement.js';
import * as reference from './reference.js';
import { difference, normalRows, runPipeline } from './rows.js';

agrees('phocas', majority, 'phocas', (rows, _, f) => reference.phocas(rows, f));
agrees('phocas (b = 1)', (f) => f + 3, { name: 'phocas', b: 1 }, (rows) => reference.phocas(rows, 1));
agrees('sign-majority', majority, 'sign-majority', (rows) => reference.signMajority(rows));
agrees('monna', majority, 'monna', (rows, _, f) => reference.monna(rows, f, 0));
agrees('monna (pivot = 2)', (f) => 2 * f + 3, { name: 'monna', pivot: 2 }, (rows, _, f) => reference.monna(rows, f, 2));
agrees('cge', majority, 'cge', (rows, _, f) => reference.cge(rows, f));
agrees('aksel', majority, 'aksel', (rows) => reference.aksel(rows));

const far = (d: number, value = 1e20): Float32Array => new Float32Array(d).fill(value);

t.test('f far rows: what the formula says, with the honest rows\' digits', async (t) => {
  const [n, f, d] = [11, 3, 40];
  for (const value of [1e20, -3e38]) {
    for (const first of [0, 4, 8]) {
      const rows = normalRows(n, d, first).map((row, i) => (i >= first && i < first + f ? far(d, value) : row));
      const honest = rows.filter((_, i) => i < first || i >= first + f);
      const near = (name: string, expected: ArrayLike<number>): void => {
        t.ok(difference(aggregate(name, rows, { f }), expected) <= TOLERANCE, `${name}: rows ${first} to ${first + f - 1} at ${value}`);
      };
      near('phocas', reference.phocas(rows, f));
      near('sign-majority', reference.signMajority(rows));
      near('cge', reference.mean(honest));
      near('aksel', reference.aksel(rows));
      near('monna', reference.monna(rows, f, 0));
    }
  }
});

t.test('one row aggregates to itself, or to its signs', async (t) => {
  const [row] = normalRows(1, 50) as [Float32Array];
  for (const rule of ['phocas', 'monna', 'cge', 'aksel']) t.same(aggregate(rule, [row]), row, rule);
  t.same(aggregate('sign-majority', [Float32Array.of(-3, -0, 0, 1e-45, 3e38)]), Float32Array.of(-1, 0, 0, 1, 1));
});

t.test('of rows that are equally far or long those with the smaller index count', async (t) => {
  const rows = [[3, 0], [0, 1], [0, -1], [-1, 0], [1, 0]].map((values) => Float32Array.from(values));
  const weights = (aggregator: { name: string; pivot?: number; f: number }): number[] => [...runPipeline({ aggregator }, rows).weights!];
  t.same(weights({ name: 'cge', f: 2 }), [0, 1 / 3, 1 / 3, 1 / 3, 0]);
  t.same(weights({ name: 'monna', pivot: 4, f: 2 }), [0, 1 / 3, 1 / 3, 0, 1 / 3]);
  // All copies of the pivot's row are as near as it is, and it is always among those averaged.
  const copies = Array.from({ length: 5 }, () => rows[0]!);
  t.same([...runPipeline({ aggregator: { name: 'monna', pivot: 4, f: 2 } }, copies).weights!], [1 / 3, 1 / 3, 0, 0, 1 / 3]);
});

t.test('AKSEL takes every row that is as near as the median one', async (t) => {
  const rows = [[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]].map((values) => Float32Array.from(values));
  t.same([...runPipeline({ aggregator: { name: 'aksel', f: 2 } }, rows).weights!], Array.from({ length: 5 }, () => 1 / 5));
  const apart = [[0, 0], [1, 0], [-2, 0], [0, 3], [0, -4]].map((values) => Float32Array.from(values));
  t.same([...runPipeline({ aggregator: { name: 'aksel', f: 2 } }, apart).weights!], [1 / 3, 1 / 3, 1 / 3, 0, 0]);
});

t.test('a pivot goes by its worker, and one whose row was removed by the next one', async (t) => {
  const rows = normalRows(7, 9);
  const broken = (which: number): Float32Array[] => rows.with(which, far(9, NaN));
  const left = (which: number): Float32Array[] => rows.filter((_, i) => i !== which);
  const monna = (pivot: number, given: Float32Array[], workers?: number[]): Float32Array =>
    runPipeline({ aggregator: { name: 'monna', pivot, f: 2 } }, given, workers === undefined ? {} : { workers }).output;
  t.ok(difference(monna(4, broken(1)), reference.monna(left(1), 1, 3)) <= TOLERANCE);
  t.ok(difference(monna(1, broken(1)), reference.monna(left(1), 1, 1)) <= TOLERANCE);
  t.ok(difference(monna(6, broken(6)), reference.monna(left(6), 1, 0)) <= TOLERANCE);
  t.ok(difference(monna(5, rows, [6, 5, 4, 3, 2, 1, 0]), reference.monna(rows, 2, 1)) <= TOLERANCE);
});

t.test('removed rows are among those that an explicit b of Phocas drops', async (t) => {
  const rows = normalRows(9, 21);
  const left = rows.slice(2);
  const given = rows.map((row, i) => (i < 2 ? row.with(5, NaN) : row));
  for (const [b, rest] of [[3, 1], [2, 0], [1, 0]] as const) {
    t.ok(difference(runPipeline({ aggregator: { name: 'phocas', b, f: 3 } }, given).output, reference.phocas(left, rest)) <= TOLERANCE, `b = ${b}`);
  }
});
