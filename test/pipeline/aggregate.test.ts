import t from 'tap';
import { NonFiniteRowsError } from '../../lib/aggregators/errors.js';
import { craft } from '../../lib/attacks/craft.js';
import { aggregate, preaggregate } from '../../lib/pipeline/aggregate.js';
import { ParameterError } from '../../lib/registry/problems.js';
import { normalRows } from '../aggregators/rows.js';

const rows = normalRows(9, 4);
/** Calls with what the types forbid. */
const anyAggregate = aggregate as (...call: unknown[]) => unknown;

t.test('rows that are no rows are refused, saying which and why', async (t) => {
  t.throws(() => anyAggregate('mean'), /array of Float32Array, and got undefined/);
  t.throws(() => anyAggregate('mean', new Float32Array(3)), /array of Float32Array, and got a value of type Float32Array/);
  t.throws(() => anyAggregate('mean', []), /at least one row/);
  t.throws(() => anyAggregate('mean', [[1, 2]]), /row 0 is a value of type Array/);
  t.throws(() => anyAggregate('mean', [rows[0], new Float64Array(4)]), /row 1 is a value of type Float64Array/);
  // eslint-disable-next-line no-sparse-arrays
  t.throws(() => anyAggregate('mean', [rows[0], , rows[1]]), /row 1 is undefined/);
  t.throws(() => anyAggregate('mean', [rows[0], new Float32Array(3)]), /row 0 has 4 coordinates, row 1 has 3/);
  t.throws(() => anyAggregate('mean', [new Float32Array(0)]), /at least one coordinate/);
});

t.test('options that can not be meant are refused', async (t) => {
  for (const f of [-1, 1.5, NaN, 10, '2', null, Infinity, [1]]) t.throws(() => anyAggregate('mean', rows, { f }), /f has to be a whole number from 0 to 9/);
  t.throws(() => anyAggregate('mean', rows, { F: 1 }), /no option "F"; allowed: f, seed, .*; the nearest is "f"/);
  t.throws(() => anyAggregate('mean', rows, { seeed: 1 }), /the nearest is "seed"/);
  t.throws(() => anyAggregate('mean', rows, { seed: -1 }), /seed has to be/);
  t.throws(() => anyAggregate('mean', rows, { round: 2 ** 32 }), /round has to be/);
  t.throws(() => anyAggregate('mean', rows, { allowUnsafe: 1 }), /allowUnsafe is true or false/);
  t.throws(() => anyAggregate('mean', rows, { state: 1 }), /state is an object/);
  t.throws(() => anyAggregate('mean', rows, { trusted: [1] }), /trusted takes rows of type Float32Array/);
  t.throws(() => anyAggregate('mean', rows, { trusted: new Float32Array(3) }), /4 coordinates/);
  t.throws(() => anyAggregate('mean', rows, { score: 1 }), /score is a function/);
  t.throws(() => anyAggregate('mean', rows, 3), /options of aggregate are an object/);
  t.throws(() => anyAggregate('mean', rows, null), /options of aggregate are an object/);
  t.same(anyAggregate('mean', rows, { f: undefined, seed: undefined }), aggregate('mean', rows));
});

t.test('unknown rules, presets and parameters are refused with the nearest name', async (t) => {
  t.throws(() => aggregate('krumm', rows), { name: 'ParameterError', message: /^"krumm" is no aggregation rule; allowed: mean, .*; the nearest is "krum"$/ });
  t.throws(() => aggregate('constructor', rows), ParameterError);
  t.throws(() => anyAggregate(undefined, rows), /not by undefined/);
  t.throws(() => anyAggregate({ preset: 'byzfl' }, rows), ParameterError);
  t.throws(() => aggregate({ name: 'krum', preset: 'byzfk' }, rows), /^krum\.preset: "byzfk" is no preset of krum; allowed: .*; the nearest is "byzfl"$/);
  t.throws(() => aggregate({ name: 'mean', preset: 'x' }, rows), /mean has no presets/);
  t.throws(() => aggregate({ name: 'mean', b: 1 }, rows), /^mean\.b: unknown key "b"; allowed: name$/, 'and not f, which is an option');
  t.throws(() => aggregate({ name: 'multi-krum', k: 1 }, rows), /^multi-krum\.k: unknown key "k"; allowed: name, preset, m, c, p$/);
  t.throws(() => aggregate({ name: 'krum', f: 1 }, rows), /it goes into the options/);
  for (const p of [0, 7, 1.5, NaN, Infinity, '2', null]) t.throws(() => aggregate({ name: 'krum', p }, rows), /^krum\.p: .* is not allowed: it must be (a whole number|a number|at least 1|at most 6)$/);
  for (const keep of [0, 'n', 1.5, [3]]) t.throws(() => aggregate({ name: 'mean-around-median', keep }, rows), /^mean-around-median\.keep: .* is not allowed: it must be (at least 1|(a|a whole) number, "n-f", "n-2f" or "n-f-1")$/);
  t.same(aggregate({ name: 'krum', c: undefined }, rows), aggregate('krum', rows));
});

t.test('a module is refused with where it belongs, and for a rule with what goes in its place', async (t) => {
  for (const module of ['module', { name: 'module', module: './x.mjs' }, { module: './x.mjs' }]) {
    t.throws(() => anyAggregate(module, rows), { name: 'ParameterError', message: /^a rule in a module belongs in a scenario.*aggregate takes an object with an aggregate function/ }, JSON.stringify(module));
    t.throws(() => preaggregate(module as string, rows), { name: 'ParameterError', message: /^a pre-aggregator in a module belongs in a scenario.*catalogue/ });
    t.throws(() => craft(module as string, rows.slice(0, 1), { n: 9, f: 1 }), { name: 'ParameterError', message: /^an attack in a module belongs in a scenario.*catalogue/ });
    const pipeline = { preaggregators: [module as string], aggregator: 'mean' };
    t.throws(() => craft('optimal-ipm', rows.slice(1), { n: 9, f: 1, pipeline }), { name: 'ParameterError', message: /^a pre-aggregator in a module/ });
    t.throws(() => craft('optimal-ipm', rows.slice(1), { n: 9, f: 1, pipeline: { aggregator: module as string } }), { name: 'ParameterError', message: /^a rule in a module/ });
  }
  const exported = { name: 'module', module: './x.mjs', aggregate: ({ rows: [first] }: { rows: readonly Float32Array[] }) => first! };
  t.same(aggregate(exported, rows), rows[0], 'a rule of the user\'s own may be called so');
});

t.test('more rows than f that are not finite are refused, naming the workers', async (t) => {
  const broken = rows.map((row, i) => ([1, 4, 8].includes(i) ? row.with(3, i === 4 ? Infinity : NaN) : row));
  t.throws(() => aggregate('mean', broken), NonFiniteRowsError);
  t.throws(() => aggregate('median', broken, { f: 2 }), { workers: [1, 4, 8], f: 2, message: /3 of 9 rows hold NaN or an infinity, and at most f = 2 may: those of workers 1, 4, 8/ });
  t.same(aggregate('mean', broken, { f: 3 }), aggregate('mean', rows.filter((_, i) => ![1, 4, 8].includes(i))));
  t.throws(() => aggregate('mean', [new Float32Array(2).fill(NaN)], { f: 1 }), /1 of 1 row holds NaN or an infinity, and none is left/);
  t.throws(() => aggregate('mean', [new Float32Array(2), new Float32Array(2).fill(NaN)]), /1 of 2 rows holds NaN or an infinity, and at most f = 0 may: that of worker 1/);
});

t.test('rows may lie in shared memory, at any offset, and be one array twice', async (t) => {
  const shared = new SharedArrayBuffer(9 * 4 * 4 + 4);
  const views = rows.map((row, i) => {
    const view = new Float32Array(shared, 4 + i * 16, 4);
    view.set(row);
    return view;
  });
  for (const rule of ['mean', 'median', 'krum', 'bulyan']) {
    const result = aggregate(rule, views, { f: 1 });
    t.same(result, aggregate(rule, rows, { f: 1 }));
    t.ok(result.buffer instanceof ArrayBuffer);
  }
  t.same(aggregate('mean', [rows[0]!, rows[0]!]), rows[0]);
});

t.test('calls of all sizes in any order give what each gives alone', async (t) => {
  const shapes = [[3, 10], [40, 5000], [3, 10], [100, 3], [7, 70_000], [5, 1]] as const;
  const first = shapes.map(([n, d]) => aggregate('trimmed-mean', normalRows(n, d), { f: 1 }));
  for (const [i, [n, d]] of [...shapes.entries()].reverse()) t.same(aggregate('trimmed-mean', normalRows(n, d), { f: 1 }), first[i]);
});

t.test('an unknown pre-aggregator is refused', async (t) => {
  t.throws(() => preaggregate('buckets', rows), { name: 'ParameterError', message: /"buckets" is no pre-aggregator/ });
});
