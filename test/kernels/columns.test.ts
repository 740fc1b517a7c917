import fc from 'fast-check';
import t from 'tap';
import { selectionNetwork, sortingNetwork } from '../../lib/kernels/network.js';
import { isClose, rowCounts, rowsOf, seeds, uniform, wholeRows } from './arbitraries.js';
import { WORKBENCHES, type Workbench } from './workbench.js';

const widths = fc.integer({ min: 1, max: 40 });
/** Data where ties abound and data where there are none. */
const kinds = fc.constantFrom('whole', 'fine', 'signed zeros', 'denormal', 'huge', 'one far row');

for (const bench of WORKBENCHES) {
  t.test(`${bench.kind}: sortedMean is the mean of the wanted order statistics`, async () => {
    fc.assert(
      fc.property(rowCounts, widths, seeds, kinds, fc.nat(), fc.nat(), (n, d, seed, kind, a, b) => {
        const [first, last] = [a % n, b % n].sort((x, y) => x - y) as [number, number];
        const rows = dataOf(kind, uniform(seed), n, d);
        const output = sortedMean(bench, rows, first, last);
        return output.every((value, k) => {
          const wanted = sorted(rows, k).slice(first, last + 1);
          return isClose(value, Math.fround(wanted.reduce((sum, x) => sum + x, 0) / wanted.length), 1.2e-7, magnitude(wanted));
        });
      }),
    );
  });

  t.test(`${bench.kind}: nearestMean takes the nearest values, of equally near ones those of the first rows`, async () => {
    fc.assert(
      fc.property(rowCounts, widths, seeds, kinds, fc.nat(), fc.nat(), fc.nat(), (n, d, seed, kind, a, b, c) => {
        const [first, last] = [a % n, b % n].sort((x, y) => x - y) as [number, number];
        const keep = 1 + (c % n);
        // A centre of 1e20 makes all other distances the same float64.
        fc.pre(kind !== 'one far row' || last < n - 1);
        const rows = dataOf(kind, uniform(seed), n, d);
        const output = nearestMean(bench, rows, keep, first, last);
        return output.every((value, k) => {
          const centre = sorted(rows, k).slice(first, last + 1).reduce((sum, x) => sum + x, 0) / (last - first + 1);
          const nearest = rows
            .map((row) => row[k]!)
            .sort((x, y) => Math.abs(x - centre) - Math.abs(y - centre))
            .slice(0, keep);
          return isClose(value, Math.fround(nearest.reduce((sum, x) => sum + x, 0) / keep), 1.2e-7, 1e-9 * magnitude(nearest) + Math.abs(value));
        });
      }),
      { numRuns: 400 },
    );
  });

  t.test(`${bench.kind}: both work on 1,000 rows`, async (t) => {
    const rows = wholeRows(uniform(5), 1000, 21, 40);
    const median = sortedMean(bench, rows, 499, 500);
    const nearest = nearestMean(bench, rows, 300, 499, 500);
    for (let k = 0; k < 21; k++) {
      const column = sorted(rows, k);
      const centre = (column[499]! + column[500]!) / 2;
      const chosen = rows.map((row) => row[k]!).sort((x, y) => Math.abs(x - centre) - Math.abs(y - centre)).slice(0, 300);
      t.equal(median[k], centre);
      t.equal(nearest[k], Math.fround(chosen.reduce((sum, x) => sum + x, 0) / 300));
    }
  });
}

function sortedMean(bench: Workbench, rows: readonly Float32Array[], first: number, last: number): Float32Array {
  const { n, d, table, output, scratch } = prepare(bench, rows);
  const network = selectionNetwork(n, first, last);
  bench.kernels.sortedMean(table, n, 0, d, output.address, bench.words(network), network.length / 2, first, last, scratch.address);
  return checked(output, scratch);
}

function nearestMean(bench: Workbench, rows: readonly Float32Array[], keep: number, first: number, last: number): Float32Array {
  const { n, d, table, output, scratch } = prepare(bench, rows);
  const network = sortingNetwork(n);
  bench.kernels.nearestMean(table, n, 0, d, output.address, bench.words(network), network.length / 2, keep, first, last, scratch.address);
  return checked(output, scratch);
}

function prepare(bench: Workbench, rows: readonly Float32Array[]) {
  bench.reset();
  const [n, d] = [rows.length, rows[0]!.length];
  return {
    n,
    d,
    table: bench.table(rows),
    output: bench.floats(new Float32Array(d).fill(NaN)),
    scratch: bench.floats(new Float32Array(bench.kernels.columnScratch(n) / 4).fill(NaN)),
  };
}

function checked(...[output, scratch]: ReturnType<Workbench['floats']>[]): Float32Array {
  if (output?.intact() !== true || scratch?.intact() !== true) throw new Error('a kernel wrote where it should not');
  // A copy: the next use of the workbench starts from its beginning.
  return output.view.slice();
}

function dataOf(kind: string, random: () => number, n: number, d: number): Float32Array[] {
  switch (kind) {
    case 'whole':
      return wholeRows(random, n, d, 4);
    case 'signed zeros':
      return rowsOf(random, n, d).map((row) => row.map((x) => (x > 0 ? 0 : -0)));
    case 'denormal':
      return wholeRows(random, n, d, 9).map((row) => row.map((x) => x * 1.4e-45));
    case 'huge':
      return rowsOf(random, n, d, 3.3e38);
    case 'one far row':
      return rowsOf(random, n, d).map((row, i) => (i === 0 ? row.fill(1e20) : row));
    default:
      return rowsOf(random, n, d);
  }
}

function sorted(rows: readonly Float32Array[], k: number): number[] {
  return rows.map((row) => row[k]!).sort((x, y) => x - y);
}

function magnitude(values: readonly number[]): number {
  return Math.max(...values.map(Math.abs));
}
