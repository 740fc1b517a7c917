import t from 'tap';
import { z } from 'zod';
import type { Aggregator } from '../../lib/aggregators/aggregator.js';
import { PreconditionError } from '../../lib/aggregators/errors.js';
import { AGGREGATORS } from '../../lib/aggregators/registry.js';
import { addScaled, mean } from '../../lib/kernels/work.js';
import { ArenaPlan } from '../../lib/memory/arena.js';
import { type Address, f64, type RegionRequest, type RegionRequests, u32 } from '../../lib/memory/regions.js';
import { planPipeline, type PipelineRegistries } from '../../lib/pipeline/pipeline.js';
import type { Preaggregator } from '../../lib/preaggregators/preaggregator.js';
import { registry } from '../../lib/registry/registry.js';
import * as reference from '../aggregators/reference.js';
import { difference, normalRows, runPipeline } from '../aggregators/rows.js';

const CALM = {
  formula: '', source: '', precondition: '', cost: '', presets: {}, check: () => undefined,
  properties: () => ({ order: false, translation: false, scale: 'any', meanWithoutByzantine: false, within: 'finite', weights: 'shares' }) as const,
} as const;

/** Means of pairs of rows in a random order: fewer rows, and none of them anybody's own. */
const pairs: Preaggregator<{ s?: number | undefined }, { s: number }, { group: RegionRequest<'u32'> }> = {
  ...CALM,
  name: 'pairs',
  parameters: z.strictObject({ s: z.int().min(1).optional() }),
  mixes: true,
  resolve: ({ s = 2 }) => ({ s }),
  rowsOut: ({ n }, { s }) => Math.ceil(n / s),
  memory: ({ n }) => ({ group: u32(n) }),
  *preaggregate({ arena, rows, d, output, memory, random, parameters: { s } }) {
    const order = random.shuffle(Array.from(rows.keys()));
    for (const [group, address] of output.entries()) {
      const members = order.slice(group * s, (group + 1) * s).map((row) => rows[row] as Address);
      arena.view(memory.group).set(members);
      yield* mean({ table: memory.group.address, n: members.length, d }, address);
    }
    return undefined;
  },
};

/** Minus each row: every row stays its worker's. The last row is left out. */
const negated: Preaggregator = {
  ...CALM,
  name: 'negated',
  parameters: z.strictObject({}),
  mixes: false,
  resolve: () => ({}),
  rowsOut: ({ n }) => n - 1,
  memory: () => ({}),
  *preaggregate({ arena, rows, d, output }) {
    for (const [row, address] of output.entries()) {
      arena.row(address, d).fill(0);
      yield* addScaled(d, -1, rows[row] as Address, address);
    }
    return Array.from(output.keys());
  },
};

/** The sum of all rows ever seen; needs n ≥ 3. Tells which workers it saw. */
const memorious: Aggregator<object, object, RegionRequests, { sum: RegionRequest<'f64'> }> = {
  ...CALM,
  name: 'memorious',
  parameters: z.strictObject({}),
  resolve: () => ({}),
  check: ({ n }) => (n >= 3 ? undefined : `memorious needs n ≥ 3: n = ${n}`),
  memory: () => ({}),
  state: ({ d }) => ({ sum: f64(d) }),
  // eslint-disable-next-line require-yield
  *aggregate({ arena, rows, d, state, output, workers }) {
    const sum = arena.view(state.sum);
    for (const row of rows) for (const [k, value] of arena.row(row, d).entries()) sum[k] = sum[k]! + value;
    arena.row(output, d).set(sum);
    return Float64Array.from(workers);
  },
};

const registries: PipelineRegistries = {
  aggregators: registry<Aggregator>('aggregation rule', [...AGGREGATORS, memorious]),
  preaggregators: registry<Preaggregator>('pre-aggregator', [pairs, negated]),
};
const rows = normalRows(12, 21);
const withNaN = (...which: number[]): Float32Array[] => rows.map((row, i) => (which.includes(i) ? row.with(20, NaN) : row));

t.test('b rows that are not finite are dropped, and the chain goes on with (n − b, f − b)', async (t) => {
  const left = rows.filter((_, i) => i !== 3 && i !== 7);
  for (const [name, expected] of [
    ['median', reference.median(left)],
    ['trimmed-mean', reference.trimmedMean(left, 1)],
    ['mean-around-median', reference.meanAroundMedian(left, 9)],
    ['krum', reference.krum(left, 7, 2)],
    ['multi-krum', reference.multiKrum(left, 7, 2, 9)],
  ] as const) {
    const { output, removed } = runPipeline({ aggregator: { name, f: 3 } }, withNaN(3, 7));
    t.ok(difference(output, expected) < 2e-6, name);
    t.same(removed, [3, 7]);
  }
  const many = normalRows(16, 21);
  const { output } = runPipeline({ aggregator: { name: 'bulyan', f: 3 } }, many.with(5, new Float32Array(21).fill(Infinity)));
  t.ok(difference(output, reference.bulyan(many.filter((_, i) => i !== 5), 2, 2, 2, 7)) < 2e-6, 'bulyan');
});

t.test('removed rows are among those that an explicit number trims or keeps', async (t) => {
  const left = rows.filter((_, i) => i !== 3 && i !== 7);
  for (const [b, rest] of [[4, 2], [2, 0], [1, 0]] as const) {
    t.ok(difference(runPipeline({ aggregator: { name: 'trimmed-mean', b, f: 3 } }, withNaN(3, 7)).output, reference.trimmedMean(left, rest)) < 2e-6, `b = ${b}`);
  }
  t.ok(difference(runPipeline({ aggregator: { name: 'mean-around-median', keep: 12, f: 3 } }, withNaN(3, 7)).output, reference.mean(left)) < 2e-6);
  t.ok(difference(runPipeline({ aggregator: { name: 'mean-around-median', keep: 4, f: 3 } }, withNaN(3, 7)).output, reference.meanAroundMedian(left, 4)) < 2e-6);
});

t.test('weights are over all rows, 0 for the removed and the ignored', async (t) => {
  t.same(runPipeline({ aggregator: { name: 'mean', f: 2 } }, withNaN(0, 11)).weights, Float64Array.from(rows, (_, i) => (i === 0 || i === 11 ? 0 : 0.1)));
  const left = rows.filter((_, i) => i !== 3);
  const selected = reference.krumOrder(left, 7, 2).slice(0, 9).map((i) => (i < 3 ? i : i + 1));
  t.same(runPipeline({ aggregator: { name: 'multi-krum', f: 3 } }, withNaN(3)).weights, Float64Array.from(rows, (_, i) => (selected.includes(i) ? 1 / 9 : 0)));
  for (const name of ['median', 'trimmed-mean', 'mean-around-median', 'bulyan']) t.equal(runPipeline({ aggregator: { name, f: 1 } }, rows).weights, undefined, name);
});

t.test('too many rows that are not finite are named by their workers', async (t) => {
  const workers = rows.map((_, i) => 100 + i);
  t.throws(() => runPipeline({ aggregator: { name: 'mean', f: 1 } }, withNaN(3, 7), { workers }), { name: 'NonFiniteRowsError', workers: [103, 107], f: 1 });
  t.same(runPipeline({ aggregator: { name: 'mean', f: 2 } }, withNaN(3, 7), { workers }).removed, [103, 107]);
});

t.test('a pre-aggregator that mixes rows takes the weights away and is keyed by seed and round', async (t) => {
  const specification = { preaggregators: [{ name: 'pairs', s: 3 }], aggregator: { name: 'mean', f: 1 } };
  const first = runPipeline(specification, rows, { registries, seed: 1 });
  t.ok(difference(first.output, reference.mean(rows)) < 1e-6);
  t.equal(first.weights, undefined);
  const median = { ...specification, aggregator: { name: 'median', f: 1 } };
  const output = (seed: number, round: number): Float32Array => runPipeline(median, rows, { registries, seed, round }).output;
  t.same(output(1, 2), output(1, 2));
  t.notSame(output(1, 2), output(1, 3));
  t.notSame(output(1, 2), output(2, 2));
});

t.test('a pre-aggregator that keeps workers keeps their weights', async (t) => {
  const specification = { preaggregators: [{ name: 'negated' }, { name: 'negated' }], aggregator: { name: 'memorious', f: 1 } };
  const { output, weights, removed } = runPipeline(specification, withNaN(2), { registries, workers: rows.map((_, i) => 2 * i) });
  t.same(removed, [4]);
  // Left are rows 0, 1, 3 … 9: the third is removed, the two last are left out. The rule answers with the workers that it saw.
  t.same(weights, Float64Array.of(0, 2, 0, 6, 8, 10, 12, 14, 16, 18, 0, 0));
  t.ok(difference(output, reference.mean(rows.filter((_, i) => i !== 2 && i < 10)).map((value) => 9 * value)) < 1e-6);
});

t.test('a rule is checked on the rows that reach it', async (t) => {
  const many = normalRows(51, 2);
  const specification = { preaggregators: [{ name: 'pairs' }], aggregator: { name: 'krum', f: 12 } };
  t.throws(() => runPipeline(specification, many, { registries }), { message: 'krum needs n ≥ 2f + 3 (Blanchard et al. 2017): n = 26, f = 12' });
  const { pipeline } = runPipeline({ ...specification, allowUnsafe: true }, many, { registries });
  t.match(pipeline.resolved(), {
    preaggregators: [{ name: 'pairs', parameters: { s: 2 }, n: 26 }],
    aggregator: { name: 'krum', n: 26, f: 12, parameters: { c: 2, p: 2, neighbours: 12 } },
    unsafe: ['krum needs n ≥ 2f + 3 (Blanchard et al. 2017): n = 26, f = 12'],
  });
});

t.test('the manifest gets every number behind a preset', async (t) => {
  const resolved = (aggregator: { name: string; preset?: string; f: number }): object => {
    const pipeline = planPipeline(new ArenaPlan(), 'a', { preaggregators: [], aggregator, allowUnsafe: false }, 51, 10);
    return pipeline.resolved().aggregator.parameters;
  };
  t.same(resolved({ name: 'trimmed-mean', f: 12 }), { b: 12 });
  t.same(resolved({ name: 'mean-around-median', preset: 'baruch-2019-code', f: 12 }), { keep: 38 });
  t.same(resolved({ name: 'krum', preset: 'baruch-2019-code', f: 12 }), { c: 0, p: 1, neighbours: 39 });
  t.same(resolved({ name: 'krum', preset: 'baruch-2019-code', f: 0 }), { c: 0, p: 1, neighbours: 50 });
  t.same(resolved({ name: 'multi-krum', preset: 'el-mhamdi-code', f: 12 }), { m: 37, c: 1, p: 1, neighbours: 38 });
  t.same(resolved({ name: 'phocas', f: 12 }), { b: 12 });
  t.same(resolved({ name: 'geometric-median', f: 12 }), { start: 'median', nu: 1e-12, T: 1000, tolerance: 1e-7 });
  t.same(resolved({ name: 'geometric-median', preset: 'rfa', f: 12 }), { start: 'mean', nu: 1e-6, T: 3, tolerance: 0 });
  t.same(resolved({ name: 'geometric-median', preset: 'byzfl', f: 12 }), { start: 'zero', nu: 0.1, T: 3, tolerance: 0 });
  // 2.2 · 15 comes out as 33.000000000000004 or 33, depending on how it is written.
  for (const [f, k] of [[0, 1], [1, 3], [5, 11], [12, 27], [15, 33], [20, 44], [23, 51]] as const) t.same(resolved({ name: 'geometric-median-of-means', f }), { epsilon: 0.1, k });
  t.same(resolved({ name: 'centered-clipping', f: 12 }), { tau: 10, L: 1 });
  t.same(resolved({ name: 'monna', f: 12 }), { pivot: 0 });
  t.same(resolved({ name: 'norm-clipping', f: 12 }), { tau: 'median' });
  t.same(resolved({ name: 'bulyan', f: 12 }), { c: 2, p: 2, theta: 27, keep: 3 });
  t.same(resolved({ name: 'bulyan', preset: 'baruch-2019-code', f: 12 }), { c: 0, p: 1, theta: 27, keep: 2 });
});

t.test('state is planned apart, and memory serves fewer rows too', async (t) => {
  const plan = new ArenaPlan();
  const pipeline = planPipeline(plan, 'a', { preaggregators: [], aggregator: { name: 'memorious', f: 1 }, allowUnsafe: false }, 12, 21, registries);
  t.same(Object.keys(pipeline.state), ['sum']);
  t.equal(pipeline.state['sum']?.length, 21);
  t.throws(() => planPipeline(plan, 'b', { preaggregators: [], aggregator: { name: 'memorious', f: 1 }, allowUnsafe: false }, 2, 21, registries), PreconditionError);
  t.throws(() => planPipeline(plan, 'c', { preaggregators: [], aggregator: { name: 'mean', f: 4 }, allowUnsafe: false }, 3, 1), RangeError);
  t.throws(() => planPipeline(plan, 'd', { preaggregators: [{ name: 'pairs', s: 0 }], aggregator: { name: 'mean', f: 1 }, allowUnsafe: false }, 3, 1, registries), /^pairs\.s: 0 is not allowed/);
});

t.test('the partial distances of fewer rows fit where those of all rows do', async (t) => {
  // 900 rows are cut into more chunks than 1,000: their partial sums take more memory.
  const krum = AGGREGATORS.get('krum');
  const lengthFor = (n: number, f: number): number => {
    const shape = { n, f, d: 100_000, removed: 0 };
    return krum.memory(shape, krum.resolve({}, shape))['partials']!.length;
  };
  t.ok(lengthFor(1000, 100) >= lengthFor(900, 0));
  t.ok(lengthFor(1000, 0) < lengthFor(900, 0));
});
