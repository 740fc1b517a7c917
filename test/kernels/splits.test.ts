import fc from 'fast-check';
import t from 'tap';
import { sortingNetwork } from '../../lib/kernels/network.js';
import { isClose, rowsOf, seeds, uniform, wholeRows } from './arbitraries.js';
import { WORKBENCHES, type Workbench } from './workbench.js';

const shapes = fc.record({ n: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(51, 64)), d: fc.integer({ min: 1, max: 90 }), seed: seeds });

/** Lets the kernel split the columns of coordinates begin … end − 1, in two calls. */
function split(bench: Workbench, rows: readonly Float32Array[], [begin, middle, end]: readonly [number, number, number]) {
  const { kernels } = bench;
  const n = rows.length;
  const d = rows[0]!.length;
  const network = sortingNetwork(n);
  const [table, words] = [bench.table(rows), bench.words(network)];
  const scratch = bench.floats(new Float32Array(kernels.columnScratch(n) / 4).fill(NaN));
  const distances = bench.doubles(d + 1);
  const [low, high] = [bench.floats(new Float32Array(d).fill(NaN)), bench.floats(new Float32Array(d).fill(NaN))];
  for (const [from, to] of [[begin, middle], [middle, end]] as const) {
    kernels.twoMeans(table, n, from, to, distances.address, low.address, high.address, words, network.length / 2, scratch.address);
  }
  return { table, distances, low, high, intact: () => low.intact() && high.intact() && scratch.intact() && Number.isNaN(distances.view[d]) };
}

/** The best split of whole numbers, in whole numbers: of equally good ones that with the fewest low values. */
function exactSplit(values: readonly number[]): { i: number; distance: number; sorted: readonly number[] } {
  const n = values.length;
  const sorted = values.toSorted((a, b) => a - b);
  const sum = (some: readonly number[]): number => some.reduce((total, value) => total + value, 0);
  // Σ of squares within = Σx² − L²/i − U²/(n − i): the least where (L²(n − i) + U²i)/(i(n − i)) is greatest.
  let best = { i: 0, distance: 0, sorted };
  let [numerator, denominator] = [sum(sorted) ** 2, n];
  for (let i = 1; i < n; i++) {
    const [lower, upper] = [sum(sorted.slice(0, i)), sum(sorted.slice(i))];
    const [top, bottom] = [lower ** 2 * (n - i) + upper ** 2 * i, i * (n - i)];
    if (top * denominator > numerator * bottom) {
      best = { i, distance: upper / (n - i) - lower / i, sorted };
      [numerator, denominator] = [top, bottom];
    }
  }
  return best;
}

for (const bench of WORKBENCHES) {
  t.test(`${bench.kind}: the split of whole numbers is the best one, ties and all, however the range is cut`, async () => {
    fc.assert(fc.property(shapes, fc.nat(), fc.integer({ min: 1, max: 4 }), ({ n, d, seed }, cut, range) => {
      bench.reset();
      const rows = wholeRows(uniform(seed), n, d, range);
      const result = split(bench, rows, [0, cut % (d + 1), d]);
      return result.intact() && Array.from({ length: d }, (_, k) => k).every((k) => {
        const { i, distance, sorted } = exactSplit(rows.map((row) => row[k]!));
        return isClose(result.distances.view[k]!, distance, 1e-14)
          && result.low.view[k] === (i > 0 && i < n - i ? sorted[i - 1] : -Infinity)
          && result.high.view[k] === (i > n - i ? sorted[i] : Infinity);
      });
    }));
  });

  t.test(`${bench.kind}: nothing outside the range is written`, async (t) => {
    bench.reset();
    const { distances, low, high } = split(bench, rowsOf(uniform(3), 7, 60), [5, 21, 40]);
    for (const view of [distances.view, low.view, high.view]) {
      t.ok([...view.slice(0, 5), ...view.slice(40, 60)].every(Number.isNaN));
      t.notOk(view.slice(5, 40).some(Number.isNaN));
    }
  });

  t.test(`${bench.kind}: no size and no common part costs the centres' distance its digits`, async () => {
    fc.assert(fc.property(fc.integer({ min: 2, max: 60 }), seeds, fc.constantFrom(1e-40, 1, 1e20, 1e38), (n, seed, scale) => {
      bench.reset();
      const random = uniform(seed);
      // Two groups of steps of a power of two about a common value that is 2²⁰ of them away, so that their values are exact.
      const step = 2 ** Math.round(Math.log2(scale / 2 ** 21));
      const unit = Math.max(step, 2 ** -149);
      const inUnits = Array.from({ length: n }, (_, i) => (i % 3 === 0 ? 0 : 100) + Math.floor(random() * 8));
      const rows = inUnits.map((value) => Float32Array.of((2 ** 20 + value) * unit));
      const { distances } = split(bench, rows, [0, 0, 1]);
      return isClose(distances.view[0]!, exactSplit(inUnits).distance * unit, 1e-13);
    }));
  });

  t.test(`${bench.kind}: a far value is a group of its own, and what is left of it does not matter`, async (t) => {
    for (const far of [-3e38, -1e20, 1e20, 3e38]) {
      bench.reset();
      const rows = [1, 2, far, 4, 5].map((value) => Float32Array.of(value));
      const { distances, low, high } = split(bench, rows, [0, 1, 1]);
      t.ok(isClose(distances.view[0]!, Math.abs(Math.fround(far) - 3), 1e-14));
      t.same([low.view[0], high.view[0]], far < 0 ? [Math.fround(far), Infinity] : [-Infinity, Math.fround(far)]);
    }
  });

  t.test(`${bench.kind}: countSmaller counts where the groups are more than alpha apart`, async () => {
    fc.assert(fc.property(shapes, fc.nat(), fc.integer({ min: 0, max: 5 }), ({ n, d, seed }, cut, alpha) => {
      bench.reset();
      const rows = wholeRows(uniform(seed), n, d, 4);
      const { table, distances, low, high } = split(bench, rows, [0, d, d]);
      const begin = cut % d;
      const [lower, upper] = [low.view.slice(), high.view.slice()];
      const counts = bench.doubles(n + 2);
      bench.kernels.countSmaller(table, n, begin, d, distances.address, low.address, high.address, alpha, counts.address);
      const indicative = Array.from({ length: d }, (_, k) => k).filter((k) => k >= begin && distances.view[k]! > alpha);
      return counts.view[n] === indicative.length && Number.isNaN(counts.view[n + 1]) && low.intact() && high.intact()
        && rows.every((row, i) => counts.view[i] === indicative.filter((k) => row[k]! <= lower[k]! || row[k]! >= upper[k]!).length);
    }));
  });
}
