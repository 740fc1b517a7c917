import fc from 'fast-check';
import t from 'tap';
import { AGGREGATORS } from '../../lib/aggregators/registry.js';
import { Stream } from '../../lib/data/random.js';
import { aggregate, type AggregatorState } from '../../lib/pipeline/aggregate.js';
import { agrees, majority, TOLERANCE } from './agreement.js';
import * as reference from './clustering-reference.js';
import * as rules from './reference.js';
import { difference, normalRows, runPipeline } from './rows.js';

const ALL = { name: 'signguard', share: 1 };
const DEFAULTS = { lower: 0.1, upper: 3, quantile: 0.5 };
const everywhere = (rows: readonly Float32Array[]): number[] => Array.from(rows[0]!.keys());
const lengthOf = (row: Float32Array): number => Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));

agrees('signguard (share = 1)', majority, ALL, (rows) => reference.signguard(rows, everywhere(rows), DEFAULTS));
t.test('signguard counts the signs of ⌊share·d⌋ coordinates, of the product as it is written', async (t) => {
  const rule = AGGREGATORS.get('signguard');
  // In doubles 0.29 · 100 = 28.999999999999996.
  for (const [share, d, coordinates] of [[0.29, 100, 29], [0.57, 100, 57], [0.58, 50, 29], [0.1, 79_510, 7951], [0.1, 99, 9], [0.01, 5, 1]] as const) {
    t.match(rule.resolve({ share }, { n: 5, f: 1, d, removed: 0 }), { coordinates }, `${share} of ${d}`);
  }
});
agrees('signguard (lower = 0.9, upper = 1.1, quantile = 0.2)', majority, { ...ALL, lower: 0.9, upper: 1.1, quantile: 0.2 }, (rows) =>
  reference.signguard(rows, everywhere(rows), { lower: 0.9, upper: 1.1, quantile: 0.2 }));
agrees('flame (lambda = 0)', majority, { name: 'flame', lambda: 0 }, (rows) => reference.flame(rows));
agrees('auror', majority, 'auror', (rows) => reference.auror(rows, 0.5));
agrees('auror (alpha = 1.5, share = 0.2)', majority, { name: 'auror', alpha: 1.5, share: 0.2 }, (rows) => reference.auror(rows, 0.2, 1.5));
agrees('foolsgold', (f) => 2 * f + 2, 'foolsgold', (rows) => reference.foolsgold(rows));

t.test('foolsgold by the letter takes a worker unlike every other for a twin, by the code it does not', (t) => {
  const [a, ...twins] = [Float32Array.of(1), Float32Array.of(-1), Float32Array.of(-2)] as const;
  t.same(aggregate({ name: 'foolsgold', preset: 'fung-2018' }, [a, ...twins]), Float32Array.of(0), 'all weights are 0');
  t.same(aggregate('foolsgold', [a, ...twins]), a);
  for (const [n, d] of [[4, 3], [7, 30], [12, 200]] as const) {
    const rows = normalRows(n, d, n);
    t.ok(difference(aggregate({ name: 'foolsgold', preset: 'fung-2018' }, rows), reference.foolsgold(rows, rows, -Infinity)) <= TOLERANCE, `${n} rows of ${d}`);
  }
  t.end();
});

t.test('clipped-clustering is what its formula says', async (t) => {
  // Without ties: whether two means of cosines are equal is a matter of rounding. clusters.test.ts has the ties.
  for (const [n, d] of [[1, 5], [2, 5], [3, 1], [7, 17], [12, 100], [19, 4099]] as const) {
    for (let seed = 0; seed < (d > 1000 ? 1 : 5); seed++) {
      const rows = normalRows(n, d, seed).map((row, i) => row.map((value) => (i + 1) * value));
      t.ok(difference(aggregate('clipped-clustering', rows), reference.clippedClustering(rows)) <= TOLERANCE, `n = ${n}, d = ${d}`);
    }
  }
});

t.test('SignGuard looks at so many coordinates, others each round, all of them equally often', async (t) => {
  const d = 40;
  const seen = new Array<number>(d).fill(0);
  const sets = new Set<string>();
  for (let round = 0; round < 40; round++) {
    // The row with the odd sign at k is in no cluster with the others when k is looked at.
    const looked = Array.from({ length: d }, (_, k) => k).filter((k) => {
      const rows = Array.from({ length: 5 }, (_, i) => new Float32Array(d).fill(1).with(k, i === 4 ? -1 : 1));
      return runPipeline({ aggregator: { name: 'signguard', share: 0.25, f: 0 } }, rows, { round }).weights![4] === 0;
    });
    t.equal(looked.length, 10);
    for (const k of looked) seen[k]!++;
    sets.add(looked.join());
  }
  t.equal(sets.size, 40);
  // 40 draws of probability ¼: 10 ± 2.7; the same ones each run, so the test can't fail by chance.
  t.ok(Math.min(...seen) > 1 && Math.max(...seen) < 22, seen.join());
});

t.test('SignGuard leaves out rows of odd signs or length, and clips what is left', async (t) => {
  const d = 30;
  const rows = [1, 1.5, 1, 2, 9, -1, 0.05].map((value) => new Float32Array(d).fill(value));
  const weights = [...runPipeline({ aggregator: { ...ALL, f: 3 } }, rows).weights!];
  t.ok(difference(weights, [1 / 4, 1 / 6, 1 / 4, 1 / 8, 0, 0, 0]) < 1e-6, weights.join());
});

t.test('SignGuard without a row in both sets takes those of usual length', async (t) => {
  // Three rows of like signs, far too long; four usual ones, each with signs of its own.
  const d = 16;
  const usual = [0, 5, 10, 16].map((negative) => Float32Array.from({ length: d }, (_, k) => (k < negative ? -1 : 1)));
  const long = [0, 1, 2].map(() => Float32Array.from({ length: d }, (_, k) => (k < 13 ? -100 : 100)));
  const { weights } = runPipeline({ aggregator: { ...ALL, quantile: 0, f: 3 } }, [...usual, ...long]);
  t.same([...weights!], [1 / 4, 1 / 4, 1 / 4, 1 / 4, 0, 0, 0]);
  // Neither of two rows is of usual length here: nothing is left, and nothing is done.
  const two = [1, 100].map((value) => Float32Array.of(value));
  t.same(aggregate({ ...ALL, lower: 1, upper: 1 }, two), Float32Array.of(0));
});

t.test('clipped-clustering goes by the norms of all rounds, and after `history` of them by the latest', async (t) => {
  for (const history of [1, 3, 1000]) {
    const state: AggregatorState = {};
    const norms: number[][] = [];
    for (let round = 0; round < 8; round++) {
      const rows = normalRows(7, 20, round).map((row) => row.map((value) => (1 + (round % 3) * 5) * value));
      const seen = norms.slice(-(history - 1) || norms.length).flat();
      t.ok(difference(aggregate({ name: 'clipped-clustering', history }, rows, { state, round }), reference.clippedClustering(rows, seen)) <= TOLERANCE, `round ${round} of ${history}`);
      norms.push(rows.map(lengthOf));
    }
    t.equal((state['norms'] as Float64Array).length, 7 * history);
    t.same(state['seen'], Float64Array.of(56));
  }
});

t.test('a row that is not finite has no norm in the history', async (t) => {
  const state: AggregatorState = {};
  const rows = normalRows(7, 20);
  aggregate('clipped-clustering', rows.with(2, new Float32Array(20).fill(NaN)), { f: 1, state });
  t.same(state['seen'], Float64Array.of(6));
  const seen = rows.toSpliced(2, 1).map(lengthOf);
  t.ok(difference(aggregate('clipped-clustering', rows, { f: 1, state }), reference.clippedClustering(rows, seen)) <= TOLERANCE);
});

t.test('of two clusters of one size that with the smaller index counts', async (t) => {
  const rows = [[-1, 0], [1, 0], [-1, 0], [1, 0]].map((values) => Float32Array.from(values));
  t.same([...runPipeline({ aggregator: { name: 'clipped-clustering', f: 1 } }, rows).weights!], [1 / 2, 0, 1 / 2, 0]);
});

t.test('rows that point elsewhere, and longer ones, don\'t turn the clusters\' mean', async (t) => {
  const common = normalRows(1, 50, 99)[0]!;
  const honest = normalRows(8, 50).map((row) => row.map((value, k) => common[k]! + 0.2 * value));
  for (const length of [1e-20, 1, 1e20]) {
    const rows = [...honest, ...[1, 2, 3].map(() => common.map((value) => -length * value))];
    for (const rule of [{ name: 'flame', lambda: 0 }, { name: 'clipped-clustering' }]) {
      const { weights } = runPipeline({ aggregator: { ...rule, f: 3 } }, rows);
      t.same([...weights!.slice(8)], [0, 0, 0], `${rule.name} ${length}`);
    }
  }
});

t.test('FLAME\'s noise is normal, of lambda times the median norm, and another each round', async (t) => {
  const d = 20_000;
  const rows = normalRows(5, d);
  const norm = rows.map(lengthOf).sort((a, b) => a - b)[2]!;
  const noise = (round: number, seed = 0): number[] => {
    const noisy = aggregate({ name: 'flame', lambda: 0.01 }, rows, { round, seed });
    const without = aggregate({ name: 'flame', lambda: 0 }, rows, { round, seed });
    return [...noisy].map((value, k) => value - without[k]!);
  };
  const values = noise(0);
  const average = values.reduce((sum, value) => sum + value, 0) / d;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / d);
  t.ok(Math.abs(average) < 5 * 0.01 * norm / Math.sqrt(d), `${average}`);
  t.ok(Math.abs(deviation / (0.01 * norm) - 1) < 5 / Math.sqrt(2 * d), `${deviation}`);
  const random = new Stream(0, 'aggregator', 0, 0);
  t.ok(difference(values, values.map(() => 0.01 * norm * random.normal())) < 1e-5);
  t.same(noise(0), values);
  t.ok(difference(noise(1), values) > 0.1 && difference(noise(0, 1), values) > 0.1);
});

t.test('AUROR drops who is in the minority where the workers part', async (t) => {
  // Ten coordinates of twenty in which two workers stand apart.
  const rows = normalRows(9, 20).map((row, i) => row.map((value, k) => 0.1 * value + (k < 10 && i >= 7 ? 5 : 0)));
  const { weights } = runPipeline({ aggregator: { name: 'auror', f: 2 } }, rows);
  t.same([...weights!], [...new Array<number>(7).fill(1 / 7), 0, 0]);
  // In one coordinate no distance exceeds the quantile of all: the mean. A given alpha tells.
  const line = [1, 2, 3, 1e20].map((value) => Float32Array.of(value));
  t.same([...runPipeline({ aggregator: { name: 'auror', f: 1 } }, line).weights!], [1 / 4, 1 / 4, 1 / 4, 1 / 4]);
  t.same([...runPipeline({ aggregator: { name: 'auror', alpha: 10, f: 1 } }, line).weights!], [1 / 3, 1 / 3, 1 / 3, 0]);
  // With a share of 0 all may be in some minority: the least often counts.
  const each = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map((values) => Float32Array.from(values));
  t.same([...runPipeline({ aggregator: { name: 'auror', alpha: 0, share: 0, f: 1 } }, each).weights!], [1 / 3, 1 / 3, 1 / 3]);
});

t.test('FoolsGold goes by the sums of each worker\'s rows', async (t) => {
  const state: AggregatorState = {};
  const histories = Array.from({ length: 6 }, () => new Array<number>(12).fill(0));
  for (let round = 0; round < 6; round++) {
    const rows = normalRows(6, 12, round);
    // One worker's row is lost in round 2, and its history stays what it was.
    const lost = round === 2 ? 3 : undefined;
    const left = [...rows.keys()].filter((i) => i !== lost);
    for (const i of left) histories[i] = histories[i]!.map((value, k) => value + rows[i]![k]!);
    const given = lost === undefined ? rows : rows.with(lost, new Float32Array(12).fill(Infinity));
    const expected = reference.foolsgold(left.map((i) => rows[i]!), left.map((i) => histories[i]!));
    t.ok(difference(aggregate('foolsgold', given, { f: 1, state, round }), expected) <= TOLERANCE, `round ${round}`);
  }
});

t.test('many rows, whose products are taken in bands, are compared like few', async (t) => {
  const rows = normalRows(400, 20);
  t.ok(difference(aggregate('foolsgold', rows), reference.foolsgold(rows)) <= TOLERANCE);
  t.ok(difference(aggregate({ name: 'flame', lambda: 0 }, rows.slice(0, 100)), reference.flame(rows.slice(0, 100))) <= TOLERANCE);
});

t.test('FoolsGold knows workers by their numbers', async (t) => {
  const rows = normalRows(5, 12);
  const order = [3, 0, 4, 2, 1];
  const { output, weights } = runPipeline({ aggregator: { name: 'foolsgold', f: 0 } }, order.map((i) => rows[i]!), { workers: order });
  t.ok(difference(output, reference.foolsgold(rows)) <= TOLERANCE);
  t.equal(weights!.length, 5);
  t.throws(() => runPipeline({ aggregator: { name: 'foolsgold', f: 0 } }, rows, { workers: [0, 1, 2, 3, 5] }), { message: /workers 0 to 4, and got a row of worker 5/ });
});

t.test('FoolsGold gives copies nothing, and two unlike workers their mean', async (t) => {
  const [a, b, c] = normalRows(3, 30) as [Float32Array, Float32Array, Float32Array];
  const { weights } = runPipeline({ aggregator: { name: 'foolsgold', f: 2 } }, [a, b, c, c, c.map((value) => 3e19 * value)]);
  t.same([...weights!.slice(2)], [0, 0, 0]);
  t.ok(weights![0]! > 0.3 && weights![1]! > 0.3);
  t.same(aggregate('foolsgold', [a, a]), new Float32Array(30));
  t.ok(difference(aggregate('foolsgold', [a, b]), rules.mean([a, b])) <= TOLERANCE);
});

t.test('sums of 3e38 over rounds stay finite', async (t) => {
  const state: AggregatorState = {};
  for (let round = 0; round < 5; round++) {
    const rows = [new Float32Array(9).fill(3e38), ...normalRows(4, 9, round)];
    const result = aggregate('foolsgold', rows, { state, round });
    t.ok(result.every(Number.isFinite));
  }
  t.ok((state['history'] as Float64Array).every(Number.isFinite));
});

const RULES = [{ name: 'signguard' }, { name: 'clipped-clustering' }, { name: 'flame', lambda: 0 }, { name: 'auror' }, { name: 'foolsgold' }];

t.test('rows at 1e20 and at 1e-36 have the aggregate that rows at 1 have, times as much', async (t) => {
  for (const rule of RULES) {
    fc.assert(fc.property(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 1, max: 30 }), fc.nat(), (n, d, seed) => {
      // Powers of two, by which float32 scale exactly.
      const rows = normalRows(n, d, seed).map((row) => row.map((value) => Math.round(1024 * value) / 1024));
      const expected = aggregate(rule, rows);
      return [2 ** 66, 2 ** -120].every((factor) => {
        const scaled = aggregate(rule, rows.map((row) => row.map((value) => factor * value)));
        return difference(scaled.map((value) => value / factor), expected) <= TOLERANCE;
      });
    }), { numRuns: 30 });
    t.pass(rule.name);
  }
});

t.test('denormal rows, and rows of zeros among others, are rows like others', async (t) => {
  for (const rule of RULES) {
    for (const [n, d] of [[1, 1], [2, 1], [2, 9], [5, 1], [5, 9]] as const) {
      if (rule.name === 'foolsgold' && n === 1) continue;
      for (const size of [1e-40, 1e-45, 1, 1e20, 3e38]) {
        const rows = Array.from({ length: n }, (_, i) => new Float32Array(d).fill(i % 3 === 2 ? 0 : size * (i % 2 === 0 ? 1 : -1)));
        const values = rows.flatMap((row) => [...row]);
        const result = aggregate(rule, rows);
        t.ok(result.every((value) => value >= Math.min(0, ...values) && value <= Math.max(0, ...values)), `${rule.name}, n = ${n}, d = ${d}, ${size}: ${result.join()}`);
      }
    }
  }
});
