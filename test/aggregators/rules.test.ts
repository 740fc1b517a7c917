import t from 'tap';
import { aggregate } from '../../lib/pipeline/aggregate.js';
import { agrees, majority, TOLERANCE } from './agreement.js';
import * as reference from './reference.js';
import { difference, normalRows } from './rows.js';

const krumLeast = (f: number): number => 2 * f + 3;
const bulyanLeast = (f: number): number => 4 * f + 3;

agrees('mean', majority, 'mean', (rows) => reference.mean(rows));
agrees('median', majority, 'median', (rows) => reference.median(rows));
agrees('trimmed-mean', majority, 'trimmed-mean', (rows, _, f) => reference.trimmedMean(rows, f));

for (const [preset, keep] of [
  [undefined, (n: number, f: number) => n - f],
  ['meamed', (n: number, f: number) => n - f],
  ['bulyan-phase-2', (n: number, f: number) => n - 2 * f],
  ['baruch-2019-code', (n: number, f: number) => n - f - 1],
] as const) {
  agrees(`mean-around-median (${preset ?? 'default'})`, (f) => 2 * f + 2, named('mean-around-median', preset), (rows, n, f) => reference.meanAroundMedian(rows, keep(n, f)));
}

for (const [preset, c, p] of [[undefined, 2, 2], ['blanchard-2017', 2, 2], ['byzfl', 1, 2], ['el-mhamdi-code', 1, 1], ['baruch-2019-code', 0, 1], ['blades', 2, 4]] as const) {
  const title = preset ?? 'default';
  agrees(`krum (${title})`, krumLeast, named('krum', preset), (rows, n, f) => reference.krum(rows, n - f - c, p));
  const m = (n: number, f: number): number => (preset === 'el-mhamdi-code' ? n - f - 2 : n - f);
  agrees(`multi-krum (${title})`, krumLeast, named('multi-krum', preset), (rows, n, f) => reference.multiKrum(rows, n - f - c, p, m(n, f)));
}

for (const [preset, c, p, less] of [[undefined, 2, 2, 0], ['el-mhamdi-2018', 2, 2, 0], ['baruch-2019-code', 0, 1, 1]] as const) {
  agrees(`bulyan (${preset ?? 'default'})`, bulyanLeast, named('bulyan', preset), (rows, n, f) => reference.bulyan(rows, f, c, p, n - 4 * f - less));
}

function named(name: string, preset: string | undefined): { name: string; preset?: string } {
  return preset === undefined ? { name } : { name, preset };
}

t.test('a parameter beside a preset overrides it', async (t) => {
  const rows = normalRows(13, 30);
  t.same(aggregate({ name: 'krum', preset: 'byzfl', c: 0, p: 3 }, rows, { f: 4 }), reference.krum(rows, 9, 3));
  t.ok(difference(aggregate({ name: 'multi-krum', m: 3 }, rows, { f: 4 }), reference.multiKrum(rows, 7, 2, 3)) <= TOLERANCE);
  t.ok(difference(aggregate({ name: 'trimmed-mean', b: 2 }, rows, { f: 4 }), reference.trimmedMean(rows, 2)) <= TOLERANCE);
  t.ok(difference(aggregate({ name: 'mean-around-median', keep: 5 }, rows, { f: 4 }), reference.meanAroundMedian(rows, 5)) <= TOLERANCE);
  t.ok(difference(aggregate({ name: 'bulyan', keep: 9, c: 0 }, rows, { f: 2 }), reference.bulyan(rows, 2, 0, 2, 9)) <= TOLERANCE);
});

t.test('one row aggregates to itself', async (t) => {
  const [row] = normalRows(1, 50) as [Float32Array];
  for (const rule of ['mean', 'median', 'trimmed-mean', 'mean-around-median']) t.same(aggregate(rule, [row]), row, rule);
  for (const rule of ['krum', 'multi-krum', 'bulyan']) t.same(aggregate({ name: rule, c: 0 }, [row], { allowUnsafe: true }), row, rule);
});

t.test('Krum gives the row that it selects bit by bit', async (t) => {
  const rows = Array.from({ length: 5 }, () => Float32Array.of(-0, 1e-45, 3.4e38, -1.1));
  t.ok(Object.is(aggregate('krum', rows, { f: 1 })[0], -0));
  t.same(new Uint32Array(aggregate('krum', rows, { f: 1 }).buffer), new Uint32Array(rows[0]!.slice().buffer));
});

t.test('Bulyan keeps the near distances\' digits beside a far row', async (t) => {
  for (let position = 0; position < 11; position++) {
    const rows = normalRows(11, 10, position).with(position, new Float32Array(10).fill(1e20));
    for (const [preset, c, p, keep] of [['el-mhamdi-2018', 2, 2, 3], ['baruch-2019-code', 0, 1, 2]] as const) {
      t.ok(difference(aggregate({ name: 'bulyan', preset }, rows, { f: 2 }), reference.bulyan(rows, 2, c, p, keep)) <= TOLERANCE, `${preset}, ${position}`);
    }
  }
});

t.test('Bulyan of 1,000 rows takes seconds at most', async (t) => {
  const rows = normalRows(1000, 20);
  const before = process.cpuUsage();
  const result = aggregate('bulyan', rows, { f: 200 });
  t.ok(result.every(Number.isFinite));
  t.ok(process.cpuUsage(before).user < 8e6);
});
