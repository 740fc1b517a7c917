import fc from 'fast-check';
import t from 'tap';
import { PreconditionError } from '../../lib/aggregators/errors.js';
import { aggregate } from '../../lib/pipeline/aggregate.js';
import * as reference from './reference.js';
import { difference, normalRows, runPipeline, tiedRows } from './rows.js';

const rows = normalRows(9, 40);
const [trusted] = normalRows(1, 40, 77) as [Float32Array];
const along = (row: ArrayLike<number>): number => Array.from(row).reduce((sum, value, k) => sum + value * trusted[k]!, 0);

t.test('fltrust is what its formula says', async (t) => {
  fc.assert(fc.property(tiedRows((f) => Math.max(1, f)), fc.nat(), ({ rows, f }, seed) => {
    const [row] = normalRows(1, rows[0]!.length, seed) as [Float32Array];
    return difference(aggregate('fltrust', rows, { f, trusted: row }), reference.fltrust(rows, row)) < 2e-6;
  }));
  for (const d of [1, 40, 4099, 20_000]) {
    const [row, ...others] = normalRows(12, d, d) as [Float32Array];
    t.ok(difference(aggregate('fltrust', others, { trusted: row }), reference.fltrust(others, row)) < 2e-6, `d = ${d}`);
  }
});

t.test('zeno is what its formula says', async (t) => {
  fc.assert(fc.property(tiedRows((f) => f + 1), fc.constantFrom(0, 0.01, 1), ({ rows, f }, rho) => {
    // Whole numbers: gains tie as norms do.
    const gain = (row: ArrayLike<number>): number => Array.from(row).reduce((sum, value, k) => sum + value * (k % 3), 0);
    return difference(aggregate({ name: 'zeno', rho }, rows, { f, score: gain }), reference.zeno(rows, f, rho, gain)) < 2e-6;
  }));
  t.ok(difference(aggregate({ name: 'zeno', gamma: 2 }, rows, { f: 3, score: along }), reference.zeno(rows, 3, 0.002, along)) < 2e-6, 'rho is gamma/1000');
  t.same(aggregate('zeno', rows, { f: 3, score: along }), aggregate({ name: 'zeno', gamma: 0.1, rho: 0.0001 }, rows, { f: 3, score: along }));
  t.ok(difference(aggregate({ name: 'zeno', b: 5 }, rows, { f: 1, score: along }), reference.zeno(rows, 5, 0.0001, along)) < 2e-6, 'b given');
});

t.test('rows that point away from the server\'s gradient, or nowhere, count nothing; without any other the aggregate is zero', async (t) => {
  const away = trusted.map((value) => -2 * value);
  t.same(aggregate('fltrust', [trusted, away, new Float32Array(40)], { trusted }), trusted);
  t.same(aggregate('fltrust', [away, new Float32Array(40)], { trusted }), new Float32Array(40));
});

t.test('a row\'s length doesn\'t matter to fltrust, from 1e-40 to 1e38', async (t) => {
  const expected = aggregate('fltrust', rows, { trusted });
  for (const scale of [1e-38, 1e20, 1e37]) {
    const scaled = rows.map((row, i) => (i % 2 === 0 ? row.map((value) => value * scale) : row));
    t.ok(difference(aggregate('fltrust', scaled, { trusted }), expected) < 1e-5, `${scale}`);
  }
});

t.test('fltrust needs a direction', async (t) => {
  t.throws(() => aggregate('fltrust', rows), { name: 'TypeError', message: /^fltrust needs a gradient on samples at the server: give the option "trusted", a Float32Array/ });
  t.throws(() => aggregate('fltrust', rows, { trusted: new Float32Array(40) }), { name: 'PreconditionError', message: /g_0 ≠ 0.*all 40 coordinates are 0/ });
  t.throws(() => aggregate('fltrust', rows, { trusted: trusted.with(7, NaN) }), { name: 'PreconditionError', message: /coordinate 7 is NaN/ });
  t.same(aggregate('fltrust', rows, { trusted: new Float32Array(40), allowUnsafe: true }), new Float32Array(40));
  t.ok(aggregate('fltrust', rows, { trusted: trusted.with(7, Infinity), allowUnsafe: true }).every(Number.isNaN), 'and says so when it is none');
});

t.test('zeno needs a score, which is a number, and may be asked by a function that aggregates itself', async (t) => {
  t.throws(() => aggregate('zeno', rows, { trusted }), { name: 'TypeError', message: /^zeno needs the loss on samples at the server: give the option "score", a function/ });
  t.throws(() => aggregate('zeno', rows, { score: () => '1' as unknown as number }), /score has to return a number, and returned a string/);
  t.throws(() => aggregate('zeno', rows, { f: 9, score: along }), PreconditionError);
  const nested = (row: Float32Array): number => along(aggregate('median', [row, row, trusted]));
  t.same(aggregate('zeno', rows, { f: 2, score: nested }), aggregate('zeno', rows, { f: 2, score: along }));
  const scribbling = (row: Float32Array): number => { const score = along(row); row.fill(0); return score; };
  t.same(aggregate('zeno', rows, { f: 2, score: scribbling }), aggregate('zeno', rows, { f: 2, score: along }), 'it can\'t change the rows');
});

t.test('a score that is no number loses, as does minus infinity; removed rows are among those left out', async (t) => {
  const score = (row: Float32Array): number => ({ 0: NaN, 1: -Infinity })[rows.findIndex((other) => other[0] === row[0])] ?? along(row);
  t.ok(difference(aggregate('zeno', rows, { f: 2, score }), reference.mean(rows.slice(2))) < 2e-6);
  t.ok(difference(aggregate({ name: 'zeno', b: 3 }, rows.with(4, new Float32Array(40).fill(NaN)), { f: 1, score: along }), reference.zeno(rows.toSpliced(4, 1), 2, 0.0001, along)) < 2e-6);
});

t.test('zeno finds no aggregate where no row\'s score is a finite number: it doesn\'t take the first rows', async (t) => {
  for (const score of [() => NaN, () => -Infinity]) t.throws(() => aggregate('zeno', rows, { f: 2, score }), { name: 'NoAggregateError', message: /^zeno can't tell rows apart: of none of 9 .* gamma = 0\.1, rho = 0\.0001/ });
  t.throws(() => aggregate({ name: 'zeno', rho: 1.7e308 }, rows, { f: 2, score: along }), { name: 'NoAggregateError', message: /rho = 1\.7e\+308/ });
  const one = (row: Float32Array): number => (row[0] === rows[5]![0] ? along(row) : NaN);
  t.same(aggregate({ name: 'zeno', b: 8 }, rows, { score: one }), rows[5], 'one that is suffices');
});

t.test('a pipeline without a server says so', async (t) => {
  for (const name of ['fltrust', 'zeno']) t.throws(() => runPipeline({ aggregator: { name, f: 1 } }, rows), { name: 'TypeError', message: `${name} needs a server with samples of its own, and here is none` });
});
