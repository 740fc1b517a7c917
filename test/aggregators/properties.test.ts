import fc from 'fast-check';
import t from 'tap';
import { AGGREGATORS } from '../../lib/aggregators/registry.js';
import { Stream } from '../../lib/data/random.js';
import { aggregate as aggregateRows } from '../../lib/pipeline/aggregate.js';
import { difference, normalRows, runPipeline } from './rows.js';
import { served } from './server.js';

const RULES = [...AGGREGATORS].flatMap(({ name, presets }) => [{ name }, ...Object.keys(presets).map((preset) => ({ name, preset }))]);
const label = (rule: { name: string; preset?: string }): string => [rule.name, rule.preset].filter(Boolean).join(' ');
/** With a server where the rule needs one. */
const aggregate = (rule: string | { name: string }, rows: readonly Float32Array[], options: { f: number }): Float32Array =>
  aggregateRows(rule, rows, { ...served(typeof rule === 'string' ? { name: rule } : rule, rows), ...options });
/** All but these rules, or these presets of a rule. */
const without = (...names: string[]): typeof RULES => RULES.filter((rule) => !names.includes(rule.name) && !names.includes(label(rule)));
const ROBUST = without('mean');
/** What stays among the honest rows' values, however few steps it takes and whoever the pivot is. */
const AMONG_HONEST = without(
  'mean', 'sign-majority', 'norm-clipping', 'centered-clipping', 'fltrust', 'monna', 'geometric-median rfa', 'geometric-median byzfl', 'geometric-median-of-means',
  'signguard', 'clipped-clustering', 'foolsgold', 'auror', 'flame',
);
/** Their weights add up to less than 1 where rows are clipped. */
const CLIPPING = ['norm-clipping', 'centered-clipping', 'signguard', 'clipped-clustering', 'flame'];

/** Rows enough for every rule to tolerate f. */
const SHAPES = fc.record({ f: fc.integer({ min: 0, max: 3 }), more: fc.integer({ min: 0, max: 4 }), d: fc.integer({ min: 1, max: 40 }), seed: fc.nat() })
  .map(({ f, more, d, seed }) => ({ n: 4 * f + 4 + more, f, d, seed }));

t.test('the order of the rows does not matter', async (t) => {
  // On a line the middle rows tie when p = 1. With a single neighbour the two nearest rows tie, and Bulyan comes down to one unless c = 0 and f ≥ 1.
  // Several subsets share the least diameter often, because two rows make it. Equally many signs tie often, and so do two clusters of one size.
  for (const rule of without('monna', 'geometric-median-of-means', 'mda', 'signguard', 'clipped-clustering').map((rule) => (rule.name === 'bulyan' ? { ...rule, c: 0 } : rule))) {
    fc.assert(fc.property(SHAPES, ({ n, f, d, seed }) => {
      const rows = normalRows(n, d, seed);
      fc.pre(d > 1 && (rule.name !== 'bulyan' || f >= 1));
      const order = new Stream(seed, 'placement').shuffle(Array.from(rows.keys()));
      return difference(aggregate(rule, order.map((i) => rows[i]!), { f }), aggregate(rule, rows, { f })) < 1e-5;
    }), { numRuns: 15 });
    t.pass(label(rule));
  }
});

t.test('moved and scaled rows give the moved and scaled aggregate', async (t) => {
  for (const rule of without('sign-majority', 'fltrust', 'zeno', 'cge', 'geometric-median byzfl', 'foolsgold', ...CLIPPING)) {
    fc.assert(fc.property(SHAPES, ({ n, f, d, seed }) => {
      const rows = normalRows(n, d, seed);
      const moved = rows.map((row) => row.map((value, k) => 8 * value + (k % 3)));
      const expected = aggregate(rule, rows, { f }).map((value, k) => 8 * value + (k % 3));
      return difference(aggregate(rule, moved, { f }), expected) < 1e-5;
    }), { numRuns: 15 });
    t.pass(label(rule));
  }
});

t.test('scaled rows give the scaled aggregate, or the same signs', async (t) => {
  for (const rule of without('centered-clipping', 'geometric-median byzfl')) {
    fc.assert(fc.property(SHAPES, ({ n, f, d, seed }) => {
      const rows = normalRows(n, d, seed);
      const factor = rule.name === 'sign-majority' ? 1 : 8;
      return difference(aggregate(rule, rows.map((row) => row.map((value) => 8 * value)), { f }), aggregate(rule, rows, { f }).map((value) => factor * value)) < 1e-5;
    }), { numRuns: 15 });
    t.pass(label(rule));
  }
});

t.test('weights by row are what the aggregate is made of', async (t) => {
  const quiet = { name: 'flame', lambda: 0 };
  for (const rule of [...without('median', 'trimmed-mean', 'mean-around-median', 'phocas', 'bulyan', 'sign-majority', 'fltrust', 'zeno', 'flame'), quiet]) {
    fc.assert(fc.property(SHAPES, fc.boolean(), ({ n, f, d, seed }, broken) => {
      const rows = normalRows(n, d, seed);
      const given = broken && f > 0 ? rows.with(1, new Float32Array(d).fill(NaN)) : rows;
      const { output, weights } = runPipeline({ aggregator: { ...rule, f } }, given);
      const sums = Array.from(output, (_, k) => rows.reduce((sum, row, i) => sum + weights![i]! * row[k]!, 0));
      const total = weights!.reduce((sum, weight) => sum + weight, 0);
      // Where each worker's history is parallel to another's, and on a line most are, FoolsGold gives nobody anything.
      const nothing = rule.name === 'foolsgold' && total === 0;
      const whole = CLIPPING.includes(rule.name) ? total > 0 && total <= 1 + 1e-12 : nothing || Math.abs(total - 1) < 1e-12;
      return whole && weights!.every((weight) => weight >= 0) && (given === rows || weights![1] === 0) && difference(output, sums) < 1e-5;
    }), { numRuns: 15 });
    t.pass(label(rule));
  }
});

t.test('rows of zeros aggregate to zeros', async (t) => {
  for (const rule of without('fltrust')) {
    for (const d of [1, 20]) t.same(aggregate(rule, Array.from({ length: 9 }, () => new Float32Array(d)), { f: 1 }), new Float32Array(d), label(rule));
  }
});

t.test('identical rows aggregate to themselves', async (t) => {
  const [row] = normalRows(1, 100) as [Float32Array];
  // FoolsGold takes workers with one history for one worker's copies; FLAME adds noise.
  for (const rule of without('sign-majority', 'centered-clipping', 'foolsgold', 'flame')) {
    for (const n of [7, 12, 33]) t.ok(difference(aggregate(rule, Array.from({ length: n }, () => row), { f: 1 }), row) < 1e-6, `${label(rule)}, n = ${n}`);
  }
});

t.test('one far row at every position leaves the aggregate among the honest values', async (t) => {
  for (const rule of AMONG_HONEST) {
    for (const far of [1e3, -1e10, 1e20]) {
      for (let position = 0; position < 9; position++) {
        const rows = normalRows(9, 33, position);
        const honest = rows.toSpliced(position, 1);
        rows[position] = new Float32Array(33).fill(far);
        const result = aggregate(rule, rows, { f: 1 });
        if (!inHull(result, honest)) t.fail(`${label(rule)}: ${far} at ${position}`);
      }
    }
    t.pass(label(rule));
  }
});

t.test('Krum and multi-Krum give a far row no weight', async (t) => {
  for (const name of ['krum', 'multi-krum']) {
    for (let position = 0; position < 9; position++) {
      const rows = normalRows(9, 33, position);
      rows[position] = new Float32Array(33).fill(1e20);
      const { weights } = runPipeline({ aggregator: { name, f: 1 } }, rows);
      t.equal(weights?.[position], 0, `${name}, ${position}`);
      t.ok(Math.abs(weights!.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-12);
    }
  }
});

const LIES: Readonly<Record<string, (row: Float32Array, rows: readonly Float32Array[]) => Float32Array>> = {
  NaN: (row) => new Float32Array(row.length).fill(NaN),
  'one NaN in the last coordinate': (row) => row.with(row.length - 1, NaN),
  '+Inf': (row) => new Float32Array(row.length).fill(Infinity),
  '−Inf': (row) => row.with(0, -Infinity),
  '1e20': (row) => new Float32Array(row.length).fill(1e20),
  '−3e38': (row) => new Float32Array(row.length).fill(-3e38),
  '−0': (row) => new Float32Array(row.length).fill(-0),
  denormals: (row) => new Float32Array(row.length).fill(1e-45),
  'another worker\'s row': (_, rows) => rows.at(-1)!.slice(),
};

for (const [lie, tell] of Object.entries(LIES)) {
  t.test(`f rows of ${lie}: a finite aggregate, and the rows as they were`, async (t) => {
    for (const rule of ROBUST) {
      for (const [n, f, d] of [[12, 2, 5], [15, 3, 70]] as const) {
        const honest = normalRows(n, d, n);
        const rows = honest.map((row, i) => (i % 4 === 1 && i < 4 * f ? tell(row, honest) : row));
        const before = rows.map((row) => row.slice());
        const result = aggregate(rule, rows, { f });
        t.ok(result.every(Number.isFinite), `${label(rule)}: finite`);
        if (AMONG_HONEST.includes(rule)) t.ok(inHull(result, [...honest, ...(lie === '−0' || lie === 'denormals' ? [new Float32Array(d)] : [])]), `${label(rule)}: among the honest values`);
        t.same(rows, before, `${label(rule)}: the rows are unchanged`);
      }
    }
  });
}

t.test('all rows far from zero and near one another: the differences count, not the norms', async (t) => {
  // At 2^23 float32 has steps of 1: a Gram matrix would see nothing but noise.
  const near = [0, 1, 2, 3, 4, 40, 41].map((shift) => new Float32Array(20).fill(2 ** 23 + shift));
  t.same(aggregate('krum', near, { f: 1 }), near[2]);
});

/** Within the least and the greatest of the rows in every coordinate, up to rounding. */
function inHull(result: Float32Array, rows: readonly Float32Array[]): boolean {
  return result.every((value, k) => {
    const values = rows.map((row) => row[k]!);
    return value >= Math.min(...values) - 1e-5 && value <= Math.max(...values) + 1e-5;
  });
}
