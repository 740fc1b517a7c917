import fc from 'fast-check';
import t from 'tap';
import { Stream } from '../../lib/data/random.js';
import { preaggregate } from '../../lib/pipeline/aggregate.js';
import { PREAGGREGATORS } from '../../lib/preaggregators/registry.js';
import { mean } from '../aggregators/reference.js';
import { difference, normalRows, tiedRows } from '../aggregators/rows.js';
import * as reference from './reference.js';

const TOLERANCE = 2e-6;
const least = (f: number): number => 2 * f + 1;

/** With the parameters that they need. */
const EACH = [{ name: 'nnm' }, { name: 'bucketing' }, { name: 'clipping', C: 2 }, { name: 'arc' }] as const;

function greatest(actual: readonly ArrayLike<number>[], expected: readonly ArrayLike<number>[]): number {
  return actual.length === expected.length ? Math.max(...actual.map((row, i) => difference(row, expected[i]!))) : Infinity;
}

t.test('all that is registered is tested here, and says what it is', async (t) => {
  t.same(PREAGGREGATORS.names, EACH.map(({ name }) => name));
  for (const { name, formula, source, precondition, cost } of PREAGGREGATORS) {
    for (const text of [formula, source, precondition, cost]) t.ok(text.length > 0, `${name}: ${text}`);
  }
});

for (const [name, rule, expected] of [
  ['nnm', 'nnm', reference.nnm],
  ['arc', 'arc', reference.arc],
  ['clipping', { name: 'clipping', C: 1.5 }, (rows: readonly Float32Array[]) => reference.clipping(rows, 1.5)],
  ['clipping far above all norms', { name: 'clipping', C: 1e300 }, (rows: readonly Float32Array[]) => rows],
] as const) {
  t.test(`${name} is what its formula says`, async (t) => {
    fc.assert(fc.property(tiedRows(least), ({ f, rows }) => greatest(preaggregate(rule, rows, { f }), expected(rows, f)) <= TOLERANCE));
    for (const [f, more, d] of [[0, 4, 1], [1, 0, 17], [2, 3, 100], [5, 8, 4099]] as const) {
      const rows = normalRows(least(f) + more, d, f);
      t.ok(greatest(preaggregate(rule, rows, { f }), expected(rows, f)) <= TOLERANCE, `f = ${f}, d = ${d}`);
    }
  });
}

/** Rows of which each is 1 in a coordinate of its own: a mean of some tells which. */
function markedRows(n: number): Float32Array[] {
  return Array.from({ length: n }, (_, i) => new Float32Array(n).with(i, 1));
}

function bucketsOf(n: number, options: object, s?: number): number[][] {
  const rule = s === undefined ? 'bucketing' : { name: 'bucketing', s };
  return preaggregate(rule, markedRows(n), options).map((row) => {
    const members = Array.from(row.keys()).filter((i) => row[i] !== 0);
    if (members.some((i) => Math.abs(row[i]! - 1 / members.length) > 1e-7)) throw new Error('not a mean');
    return members;
  });
}

t.test('buckets are means of s rows, the last of what is left, and every row is in one', async (t) => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 12 }), fc.nat(), fc.nat(1000), (n, s, seed, round) => {
    const buckets = bucketsOf(n, { seed, round }, s);
    const sizes = Array.from({ length: Math.ceil(n / s) }, (_, bucket) => Math.min(s, n - bucket * s));
    return buckets.flat().sort((a, b) => a - b).every((row, i) => row === i) && buckets.flat().length === n && buckets.every((bucket, b) => bucket.length === sizes[b]);
  }));
  t.same(bucketsOf(7, {}).map(({ length }) => length), [2, 2, 2, 1], 's = 2 by default');
  t.same(bucketsOf(5, {}, 100).map(({ length }) => length), [5]);
});

t.test('buckets hold the means of the rows that were dealt into them', async (t) => {
  fc.assert(fc.property(tiedRows(least), fc.integer({ min: 1, max: 4 }), fc.nat(), ({ n, rows }, s, seed) => {
    const buckets = bucketsOf(n, { seed, round: 3 }, s);
    return greatest(preaggregate({ name: 'bucketing', s }, rows, { seed, round: 3 }), buckets.map((bucket) => mean(bucket.map((i) => rows[i]!)))) <= TOLERANCE;
  }));
  t.pass();
});

t.test('buckets are drawn anew for each seed and round, and the same again for the same ones', async (t) => {
  const deal = (seed: number, round: number): string => JSON.stringify(bucketsOf(12, { seed, round }));
  t.equal(deal(4, 5), deal(4, 5));
  t.equal(new Set([deal(4, 5), deal(4, 6), deal(5, 5), deal(0, 0)]).size, 4);
  // Row 0 shares its bucket with each of the others in a share of 1/5 of 2,000 rounds; 5 standard errors.
  const together = new Array<number>(6).fill(0);
  for (let round = 0; round < 2000; round++) for (const bucket of bucketsOf(6, { round })) if (bucket[0] === 0) together[bucket[1]!]! += 1;
  t.ok(together.slice(1).every((times) => Math.abs(times - 400) < 5 * Math.sqrt(2000 * 0.2 * 0.8)), together.join(', '));
});

t.test('one row in a bucket stays as it is, bit by bit', async (t) => {
  const rows = normalRows(9, 40);
  const dealt = preaggregate({ name: 'bucketing', s: 1 }, rows, { seed: 2 });
  t.same(dealt.map((row) => row.join()).sort(), rows.map((row) => row.join()).sort());
  t.notSame(dealt, rows, 'in another order');
});

t.test('of equally near rows nnm takes the smaller', async (t) => {
  // Row 1 is between 0 and 2, and is mixed with one of them.
  t.same(preaggregate('nnm', [0, 1, 2].map((value) => Float32Array.of(value)), { f: 1 }), [0.5, 0.5, 1.5].map((value) => Float32Array.of(value)));
  t.same(preaggregate('nnm', [2, 1, 0].map((value) => Float32Array.of(value)), { f: 1 }), [1.5, 1.5, 0.5].map((value) => Float32Array.of(value)));
});

t.test('without Byzantine rows nnm is the mean everywhere, and with all but one it changes nothing', async (t) => {
  const rows = normalRows(7, 50);
  t.ok(preaggregate('nnm', rows, { f: 0 }).every((row) => difference(row, mean(rows)) <= TOLERANCE));
  t.same(preaggregate('nnm', rows, { f: 6 }), rows);
  t.throws(() => preaggregate('nnm', rows, { f: 7 }), { name: 'PreconditionError', message: /nnm needs f < n, a row to average: n = 7, f = 7/ });
  t.throws(() => preaggregate('nnm', rows, { f: 7, allowUnsafe: true }), /allowUnsafe can't lift this/);
});

t.test('the number of rows that arc clips is a whole number without rounding', async (t) => {
  const arc = PREAGGREGATORS.get('arc');
  for (const [n, f, k] of [[51, 12, 18], [13, 2, 3], [10, 5, 5], [1, 0, 0], [1, 1, 0], [2, 1, 1], [3, 1, 1], [4, 2, 2], [1000, 250, 375]] as const) {
    t.same(arc.resolve({}, { n, f, d: 1, removed: 0 }), { k }, `n = ${n}, f = ${f}`);
  }
});

t.test('arc clips to the next norm: of equal rows none, of all but a few zero ones all to zero', async (t) => {
  const [row] = normalRows(1, 30) as [Float32Array];
  const equal = Array.from({ length: 8 }, () => row);
  t.same(preaggregate('arc', equal, { f: 3 }), equal);
  // n = 8, f = 2: k = 3, and the fourth norm is 0.
  const few = equal.map((_, i) => (i < 3 ? row : new Float32Array(30)));
  t.same(preaggregate('arc', few, { f: 2 }).map((clipped) => Math.hypot(...clipped)), new Array(8).fill(0));
  const rows = [1, 4, 2, 8, 3, 100, 5, 6].map((value) => Float32Array.of(value, 0));
  t.same(preaggregate('arc', rows, { f: 2 }).map(([value]) => value), [1, 4, 2, 5, 3, 5, 5, 5]);
  t.same(preaggregate('arc', rows, { f: 0 }), rows);
});

t.test('clipped rows have the norm C and their direction; the others stay bit by bit', async (t) => {
  const rows = [...normalRows(5, 700), ...normalRows(5, 700, 2).map((row) => row.map((value) => 1e-3 * value)), new Float32Array(700)];
  const clipped = preaggregate({ name: 'clipping', C: 3 }, rows, { f: 2 });
  for (const [i, row] of clipped.entries()) {
    if (i >= 5) t.same(row, rows[i]);
    else t.ok(Math.abs(reference.norm(row) - 3) < 1e-5 && Math.abs(row[0]! / row[1]! - rows[i]![0]! / rows[i]![1]!) < 1e-5);
  }
  t.throws(() => preaggregate('clipping', rows), { name: 'ParameterError', message: /^clipping\.C: / });
  for (const C of [0, -1, Infinity, NaN, '3']) t.throws(() => preaggregate({ name: 'clipping', C }, rows), { name: 'ParameterError', message: /^clipping\.C: / });
  t.throws(() => preaggregate({ name: 'bucketing', s: 0 }, rows), { name: 'ParameterError', message: /^bucketing\.s: / });
});

t.test('a far row is far, not infinite, and the near ones keep their digits', async (t) => {
  for (const far of [1e20, -3e38]) {
    for (let position = 0; position < 9; position += 4) {
      const rows = normalRows(9, 33, position).with(position, new Float32Array(33).fill(far));
      for (const [name, expected] of [['nnm', reference.nnm(rows, 2)], ['arc', reference.arc(rows, 2)]] as const) {
        const mixed = preaggregate(name, rows, { f: 2 });
        t.ok(mixed.every((row, i) => difference(row, expected[i]!) <= TOLERANCE), `${name}, ${far} at ${position}`);
      }
      for (const C of [5, 1e-30]) {
        const [clipped, expected] = [preaggregate({ name: 'clipping', C }, rows), reference.clipping(rows, C)];
        t.ok(clipped.every((row, i) => row.every((value, k) => Math.abs(value - expected[i]![k]!) <= TOLERANCE * C)), `clipping to ${C}, ${far} at ${position}`);
      }
    }
  }
});

t.test('rows of zeros stay rows of zeros', async (t) => {
  const rows = Array.from({ length: 7 }, () => new Float32Array(20));
  for (const rule of EACH) t.ok(preaggregate(rule, rows, { f: 2 }).every((row) => row.every((value) => value === 0)), rule.name);
});

t.test('rows in another order come out in that order', async (t) => {
  for (const rule of EACH.filter(({ name }) => name !== 'bucketing')) {
    fc.assert(fc.property(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 2, max: 40 }), fc.nat(), (f, more, d, seed) => {
      const rows = normalRows(2 * f + more, d, seed);
      const order = new Stream(seed, 'placement').shuffle(Array.from(rows.keys()));
      const expected = preaggregate(rule, rows, { f });
      return greatest(preaggregate(rule, order.map((i) => rows[i]!), { f }), order.map((i) => expected[i]!)) < 1e-5;
    }), { numRuns: 30 });
    t.pass(rule.name);
  }
});

t.test('the rows that come in are unchanged, and what comes out is another array each time', async (t) => {
  const rows = normalRows(9, 40);
  const before = rows.map((row) => row.slice());
  for (const rule of EACH) {
    const first = preaggregate(rule, rows, { f: 2 });
    const copy = first.map((row) => row.slice());
    t.same(preaggregate(rule, rows, { f: 2 }), copy, `${rule.name}: the same again`);
    preaggregate(rule, normalRows(9, 40, 77), { f: 2 });
    t.same(first, copy, `${rule.name}: and the first result stays`);
  }
  t.same(rows, before);
});

t.test('rows that are not finite are dropped first', async (t) => {
  const rows = normalRows(9, 40);
  const spoilt = rows.with(4, new Float32Array(40).fill(NaN));
  const left = rows.toSpliced(4, 1);
  t.ok(greatest(preaggregate('nnm', spoilt, { f: 2 }), reference.nnm(left, 1)) <= TOLERANCE);
  t.ok(greatest(preaggregate('arc', spoilt, { f: 2 }), reference.arc(left, 1)) <= TOLERANCE);
  t.equal(preaggregate('bucketing', spoilt, { f: 2 }).length, 4);
  t.throws(() => preaggregate('nnm', spoilt, { f: 0 }), { name: 'NonFiniteRowsError' });
});

t.test('a single row', async (t) => {
  const [row] = normalRows(1, 10) as [Float32Array];
  for (const name of ['nnm', 'bucketing', 'arc']) t.same(preaggregate(name, [row]), [row], name);
});
