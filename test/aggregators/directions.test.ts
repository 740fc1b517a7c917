import fc from 'fast-check';
import t from 'tap';
import { dnc } from '../../lib/aggregators/dnc.js';
import { NoAggregateError } from '../../lib/aggregators/errors.js';
import { Stream } from '../../lib/data/random.js';
import { aggregate } from '../../lib/pipeline/aggregate.js';
import { TOLERANCE } from './agreement.js';
import { jacobi } from './jacobi.js';
import * as reference from './reference.js';
import { difference, normalRows, runPipeline } from './rows.js';
import { caf, dncSelection, floyd, outlierScores } from './subset-reference.js';

/** Rows of whole numbers of some size, whose distances are exact, and f of more than half of them. */
const wholeRows = fc.record({ f: fc.integer({ min: 0, max: 4 }), more: fc.integer({ min: 0, max: 6 }), d: fc.integer({ min: 1, max: 8 }) })
  .chain(({ f, more, d }) => fc.record({
    f: fc.constant(f),
    rows: fc.array(fc.array(fc.integer({ min: -200, max: 200 }), { minLength: d, maxLength: d }).map((row) => Float32Array.from(row)), { minLength: 2 * f + 1 + more, maxLength: 2 * f + 1 + more }),
  }));

t.test('CAF is what its formula says, wherever the direction of the greatest variance is one', async () => {
  fc.assert(fc.property(wholeRows, ({ f, rows }) => {
    const { output, gap } = caf(rows, f);
    fc.pre(gap > 1e-4);
    return difference(aggregate('caf', rows, { f }), output) <= TOLERANCE;
  }), { numRuns: 200 });
});

t.test('CAF takes more steps than one, and no more than 2f', async (t) => {
  let most = 0;
  for (let seed = 0; seed < 40; seed++) {
    const { steps } = caf(normalRows(13, 4, seed), 6);
    t.ok(steps <= 12);
    most = Math.max(most, steps);
    const rows = normalRows(13, 4, seed).map((row, i) => row.map((value) => Math.round(100 * value) * (i === 3 ? 50 : 1)));
    const expected = caf(rows, 6);
    if (expected.gap > 1e-4) t.ok(difference(aggregate('caf', rows, { f: 6 }), expected.output) <= TOLERANCE, `seed ${seed}`);
  }
  t.ok(most >= 3, `${most} steps at most`);
});

t.test('far rows lose all their weight in CAF and DnC, alike or apart, at every scale', async (t) => {
  for (const name of ['caf', 'dnc']) {
    for (const [far, near] of [[1e20, 1], [-3e38, 1], [1, 1e-40], [1e20, 1e-40]] as const) {
      for (const first of [0, 3, 8]) {
        const rows = normalRows(11, 12, first).map((row, i) => row.map((value) => (i >= first && i < first + 3 ? far : near * value)));
        const { output, weights } = runPipeline({ aggregator: { name, f: 3 } }, rows);
        for (let row = first; row < first + 3; row++) t.equal(weights![row], 0, `${name}: ${far} beside ${near} from ${first}`);
        t.ok(output.every(Number.isFinite));
        t.ok(Math.abs(weights!.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-12);
      }
    }
    // One after another: each is the farthest along a direction of its own.
    const apart = normalRows(11, 12, 5).map((row, i) => row.map((value, k) => (i < 3 && k === i ? 1e20 : value)));
    if (name === 'caf') t.same([...runPipeline({ aggregator: { name, f: 3 } }, apart).weights!].slice(0, 3), [0, 0, 0]);
  }
});

t.test('CAF and DnC of equal rows, of one row, of one coordinate, of no Byzantine row', async (t) => {
  for (const name of ['caf', 'dnc']) {
    const [row] = normalRows(1, 20) as [Float32Array];
    t.ok(difference(aggregate(name, Array.from({ length: 7 }, () => row), { f: 3 }), row) < 1e-7, name);
    t.same(aggregate(name, [row]), row, name);
    for (const [n, d] of [[9, 1], [9, 40], [2, 3]] as const) {
      const rows = normalRows(n, d, n);
      t.ok(difference(aggregate(name, rows), reference.mean(rows)) <= TOLERANCE, `${name}, f = 0, d = ${d}`);
    }
    const line = [5, 1, 2, 3, -90].map((value) => Float32Array.of(value));
    const value = aggregate(name, line, { f: 1 })[0]!;
    t.ok(value >= 1 && value <= 5, `${name}: ${value}`);
  }
});

/** What DnC draws in a call: the coordinates of each iteration. */
const draws = (niters: number, b: number, d: number, seed: number, round: number): number[][] => {
  const random = new Stream(seed, 'aggregator', 0, round);
  return Array.from({ length: niters }, () => floyd(random, b, d));
};

/** Whether the rows that are dropped stand out clearly from those that are kept, so that rounding can't exchange them. */
const isClear = (scores: readonly number[], dropped: number): boolean => {
  const order = scores.toSorted((a, b) => b - a);
  return dropped === 0 || order[dropped - 1]! - order[dropped]! > 1e-4 * order[0]!;
};

t.test('DnC is what its formula says, on all coordinates and on drawn ones', async () => {
  const shapes = fc.record({ f: fc.integer({ min: 0, max: 3 }), more: fc.integer({ min: 0, max: 6 }), d: fc.integer({ min: 1, max: 9 }), b: fc.integer({ min: 1, max: 9 }), niters: fc.integer({ min: 1, max: 4 }), c: fc.constantFrom(0.5, 1, 1.4), seed: fc.nat(), round: fc.nat(1000) });
  fc.assert(fc.property(shapes, ({ f, more, d, b: wanted, niters, c, seed, round }) => {
    const rows = normalRows(2 * f + 1 + more, d, seed);
    const b = Math.min(wanted, d);
    const dropped = Math.floor(c * f);
    const coordinates = draws(niters, b, d, seed, round);
    fc.pre(coordinates.every((chosen) => isClear(outlierScores(rows, chosen), dropped)));
    const good = dncSelection(rows, dropped, coordinates);
    const { length } = good;
    if (length === 0) return throwsNoAggregate(() => aggregate({ name: 'dnc', niters, b, c }, rows, { f, seed, round }));
    return difference(aggregate({ name: 'dnc', niters, b, c }, rows, { f, seed, round }), reference.mean(good.map((i) => rows[i]!))) <= TOLERANCE;
  }), { numRuns: 200 });
});

t.test('DnC counts every iteration when they take more memory than is given to them at once', async (t) => {
  const [n, d, b, niters] = [9, 200_000, 100_000, 6];
  const rows = normalRows(n, d, 8);
  const { weights, pipeline } = runPipeline({ aggregator: { name: 'dnc', niters, b, c: 0.5, f: 2 } }, rows, { seed: 6 });
  const memory = dnc.memory({ n, f: 2, d, removed: 0 }, dnc.resolve({ niters, b, c: 0.5 }, { n, f: 2, d, removed: 0 }));
  t.ok(memory.coordinates.length < niters * b, 'the iterations are done in several goes');
  t.same(pipeline.resolved().aggregator.parameters, { niters, b, c: 0.5, dropped: 1 });
  const good = new Set(rows.keys());
  for (const coordinates of draws(niters, b, d, 6, 0)) {
    const products = rows.map(() => new Array<number>(n).fill(0));
    for (const k of coordinates) {
      const values = rows.map((row) => row[k]!);
      const mean = values.reduce((sum, value) => sum + value, 0) / n;
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) products[i]![j]! += (values[i]! - mean) * (values[j]! - mean);
    }
    // The projections are the eigenvector's entries but for a factor.
    const scores = Array.from(jacobi(products).vectors[0]!, (entry) => entry ** 2);
    t.ok(isClear(scores, 1));
    good.delete(scores.indexOf(Math.max(...scores)));
  }
  t.ok(good.size < n - 1, `${n - good.size} rows are dropped`);
  t.same([...rows.keys()].filter((row) => weights![row]! > 0), [...good]);
});

function throwsNoAggregate(run: () => unknown): boolean {
  try {
    run();
    return false;
  } catch (error) {
    return error instanceof NoAggregateError;
  }
}

t.test('DnC draws anew in each round and for each seed, and the same again', async (t) => {
  const rows = normalRows(15, 400, 4);
  const rule = { name: 'dnc', b: 5, niters: 3 };
  const at = (seed: number, round: number): string => aggregate(rule, rows, { f: 3, seed, round }).join();
  t.equal(at(1, 2), at(1, 2));
  t.equal(new Set([at(1, 2), at(1, 3), at(2, 2), at(2, 3)]).size, 4);
});

t.test('the default takes 10,000 coordinates, or all there are', async (t) => {
  const resolved = (d: number): unknown => runPipeline({ aggregator: { name: 'dnc', f: 1 } }, normalRows(3, d)).pipeline.resolved().aggregator.parameters;
  t.same(resolved(12_000), { niters: 5, b: 10_000, c: 1, dropped: 1 });
  t.same(resolved(7), { niters: 5, b: 7, c: 1, dropped: 1 });
});

t.test('no row that is good every time is an error that says what to do', async (t) => {
  const rows = normalRows(9, 30, 2);
  t.throws(() => aggregate({ name: 'dnc', niters: 100, b: 1 }, rows, { f: 4 }), { name: 'NoAggregateError', message: /^dnc is left without a row: none of 9 was good in all 100 iterations, each of which drops 4; fewer iterations/ });
  const broken = rows.with(5, new Float32Array(30).fill(NaN));
  try {
    runPipeline({ aggregator: { name: 'dnc', niters: 100, b: 1, f: 4 } }, broken);
    t.fail('nothing was thrown');
  } catch (error) {
    t.same((error as NoAggregateError).workers, [5], 'it names the workers whose rows were dropped before');
  }
});

t.test('rows that are all huge, all tiny or more than their coordinates', async (t) => {
  for (const name of ['mda', 'smea', 'caf', 'dnc']) {
    for (const [n, f, d] of [[9, 2, 20], [12, 3, 1], [12, 3, 2]] as const) {
      const rows = normalRows(n, d, n + d);
      const expected = aggregate(name, rows, { f });
      const huge = aggregate(name, rows.map((row) => row.map((value) => 2 ** 66 * value)), { f });
      t.ok(difference(huge.map((value) => value / 2 ** 66), expected) <= TOLERANCE, `${name}, ${n} × ${d} at 2^66`);
      const tiny = rows.map((row) => row.map((value) => 1e-40 * value));
      const { output, weights } = runPipeline({ aggregator: { name, f } }, tiny);
      const sums = Array.from(output, (_, k) => 1e40 * tiny.reduce((sum, row, i) => sum + weights![i]! * row[k]!, 0));
      // A float32 of 1e-40 has five digits.
      t.ok(difference(Array.from(output, (value) => 1e40 * value), sums) <= 1e-4, `${name}, ${n} × ${d} at 1e-40`);
      t.ok(difference(sums, expected) <= 1e-4, `${name}, ${n} × ${d}: the same rows count at 1e-40`);
    }
  }
});
