import fc from 'fast-check';
import t from 'tap';
import { diameterSearchSteps } from '../../lib/aggregators/diameter-search.js';
import { subsetCount } from '../../lib/aggregators/subsets.js';
import { varianceSearchSteps } from '../../lib/aggregators/variance-search.js';
import { aggregate } from '../../lib/pipeline/aggregate.js';
import { agrees, majority, TOLERANCE } from './agreement.js';
import * as reference from './reference.js';
import { difference, normalRows, runPipeline, tiedRows } from './rows.js';
import { greatestVariance, mdaSelection, smeaSelection, squaredDiameter, subsets } from './subset-reference.js';

const pick = <T>(rows: readonly T[], selection: readonly number[]): T[] => selection.map((i) => rows[i]!);

/** The rows that count, each with 1/m. */
function selected(name: string, rows: readonly Float32Array[], f: number, allowUnsafe = false): number[] {
  const { weights } = runPipeline({ aggregator: { name, f }, allowUnsafe }, rows);
  const rowsThatCount = [...rows.keys()].filter((row) => weights![row]! > 0);
  if (!rowsThatCount.every((row) => weights![row] === 1 / rowsThatCount.length)) throw new Error('unequal weights');
  return rowsThatCount;
}

const shapes = fc.record({ f: fc.integer({ min: 0, max: 4 }), more: fc.integer({ min: 0, max: 3 }), d: fc.integer({ min: 1, max: 30 }), seed: fc.nat() })
  .map(({ f, more, d, seed }) => ({ f, rows: normalRows(2 * f + 1 + more, d, seed) }));

agrees('mda', majority, 'mda', (rows, _, f) => reference.mean(pick(rows, mdaSelection(rows, f))));

t.test('MDA takes the first of all subsets that have the least diameter', async () => {
  fc.assert(fc.property(tiedRows(majority), ({ f, rows }) => selected('mda', rows, f).join() === mdaSelection(rows, f).join()));
  // Few values, so that many distances are equal and whole groups of rows are.
  const few = fc.integer({ min: 1, max: 10 }).chain((n) => fc.record({ f: fc.integer({ min: 0, max: n - 1 }), rows: fc.array(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 2, maxLength: 2 }), { minLength: n, maxLength: n }) }));
  fc.assert(fc.property(few, ({ f, rows }) => {
    const floats = rows.map((row) => Float32Array.from(row));
    return selected('mda', floats, f, true).join() === mdaSelection(floats, f).join();
  }), { numRuns: 300 });
});

t.test('MDA’s diameter is the least one for rows without ties', async () => {
  fc.assert(fc.property(shapes, ({ f, rows }) => {
    const least = squaredDiameter(rows, mdaSelection(rows, f));
    return Math.abs(squaredDiameter(rows, selected('mda', rows, f)) - least) <= 1e-6 * least;
  }));
});

t.test('SMEA takes the first of all subsets with the least greatest eigenvalue', async () => {
  fc.assert(fc.property(tiedRows(majority), ({ f, rows }) => {
    const [actual, expected] = [selected('smea', rows, f), smeaSelection(rows, f)];
    return actual.join() === expected.join();
  }), { numRuns: 60 });
  fc.assert(fc.property(shapes, ({ f, rows }) => {
    const least = greatestVariance(rows, smeaSelection(rows, f));
    return Math.abs(greatestVariance(rows, selected('smea', rows, f)) - least) <= 1e-6 * least;
  }), { numRuns: 40 });
});

t.test('the mean of the chosen rows: f = 0, one coordinate, one row, few coordinates and many', async (t) => {
  for (const [name, selection] of [['mda', mdaSelection], ['smea', smeaSelection]] as const) {
    for (const [n, f, d] of [[1, 0, 5], [6, 0, 3], [7, 3, 1], [9, 3, 2], [8, 2, 4], [7, 2, 60]] as const) {
      const rows = normalRows(n, d, n + d);
      t.ok(difference(aggregate(name, rows, { f }), reference.mean(pick(rows, selection(rows, f)))) <= TOLERANCE, `${name}, n = ${n}, f = ${f}, d = ${d}`);
    }
    const [row] = normalRows(1, 20) as [Float32Array];
    t.same(selected(name, Array.from({ length: 7 }, () => row), 3), [0, 1, 2, 3], `${name}: of equal rows the first`);
    t.same(selected(name, Array.from({ length: 7 }, (_, i) => (i % 2 === 0 ? row : row.map((value) => value + 1))), 3), [0, 2, 4, 6], `${name}: the equal ones`);
    t.same(selected(name, normalRows(4, 3), 3, true), [0], `${name}: a single row has no diameter`);
  }
});

t.test('a far row, or f of them, alike or apart, is left out at every scale', async (t) => {
  for (const name of ['mda', 'smea']) {
    for (const [far, near] of [[1e20, 1], [-3e38, 1], [1, 1e-40], [1e20, 1e-40]] as const) {
      for (const first of [0, 3, 7]) {
        const apart = normalRows(10, 12, first).map((row, i) => row.map((value, k) => (i >= first && i < first + 3 ? far * (k === i - first ? 1 : 0.1) : near * value)));
        t.same(selected(name, apart, 3), [...apart.keys()].filter((i) => i < first || i >= first + 3), `${name}: ${far} beside ${near} from ${first}`);
        const alike = apart.map((row, i) => (i >= first && i < first + 3 ? apart[first]! : row));
        t.same(selected(name, alike, 3), selected(name, apart, 3));
      }
    }
  }
});

t.test('MDA of as many rows as a large run has ends, and finds the rows that belong together', async (t) => {
  for (const [n, f, d] of [[30, 10, 64], [51, 12, 64], [51, 25, 3], [100, 25, 2]] as const) {
    const rows = normalRows(n, d, f).map((row, i) => (i % 2 === 1 && i < 2 * f ? row.map((value) => value + 100) : row));
    t.same(selected('mda', rows, f), [...rows.keys()].filter((i) => i % 2 === 0 || i >= 2 * f), `n = ${n}, f = ${f}`);
    const plain = normalRows(n, d, f);
    t.equal(selected('mda', plain, f).length, n - f, `n = ${n}, f = ${f}: no outlier to begin with`);
  }
});

t.test('the greatest numbers of steps are what the limits were derived from', async (t) => {
  t.ok(diameterSearchSteps(51, 25) < 2 ** 31 && diameterSearchSteps(100, 25) < 2 ** 31 && diameterSearchSteps(1000, 9) < 2 ** 31);
  t.ok(diameterSearchSteps(1000, 10) > 2 ** 31 && diameterSearchSteps(1000, 999) > 1e100);
  // N(k) = 1, 2, 3, 5, 8, 12, …
  t.same([0, 1, 2, 3, 4, 5].map((f) => diameterSearchSteps(2, f) / diameterSearchSteps(2, 0)), [1, 2, 3, 5, 8, 12]);
  for (const [n, f] of [[3, 0], [5, 2], [8, 3], [9, 1]] as const) {
    const beginnings = new Set(subsets(n, n - f).flatMap((subset) => Array.from({ length: n - f + 1 }, (_, length) => subset.slice(0, length).join())));
    t.ok(Math.abs(varianceSearchSteps(n, f) - beginnings.size * (n - f) ** 2) < 1e-6, `${beginnings.size} beginnings of subsets of ${n - f} of ${n}`);
  }
});

t.test('a search that could take too long is refused with the number of subsets', async (t) => {
  const refused = (name: string, n: number, f: number): string => {
    try {
      aggregate(name, normalRows(n, 2), { f, allowUnsafe: true });
    } catch (error) {
      return `${(error as Error).name} ${(error as Error).message}`;
    }
    return 'nothing was thrown';
  };
  t.match(refused('mda', 1000, 300), /^PreconditionError mda needs .* among about 5\.4·10\^263 subsets of 700 of 1000 rows .*n = 1000, f = 300; .*allowUnsafe can't lift this$/);
  t.match(refused('smea', 51, 12), /^PreconditionError smea needs .* among 158,753,389,900 subsets of 39 of 51 rows .*n = 51, f = 12/);
  t.match(refused('smea', 1000, 200), /subsets of 800 of 1000 rows/);
  t.match(refused('mda', 5, 5), /n − f ≥ 1/);
  t.match(refused('smea', 5, 5), /n − f ≥ 1/);
});

t.test('subsets are counted exactly', async (t) => {
  for (let n = 0; n <= 9; n++) for (let size = 0; size <= n; size++) t.equal(subsetCount(n, size), String(subsets(n, size).length));
  t.equal(subsetCount(16, 11), '4,368');
  t.equal(subsetCount(51, 12), '158,753,389,900');
  t.equal(subsetCount(1000, 500), 'about 2.7·10^299');
});
