import fc from 'fast-check';
import t from 'tap';
import { isClose, lengths, numbers, rowCounts, rowsOf, seeds, uniform } from './arbitraries.js';
import { WORKBENCHES } from './workbench.js';

const scales = fc.constantFrom(1e-40, 1e-25, 1e-3, 1, 1e20, 3e38);

for (const bench of WORKBENCHES) {
  const { kernels } = bench;

  t.test(`${bench.kind}: inner products are what float64 makes of them, from 1e-40 to 3e38 and between such rows`, async () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), lengths, seeds, scales, scales, fc.nat(), (n, d, seed, scale, other, cut) => {
        bench.reset();
        const random = uniform(seed);
        const rows = rowsOf(random, n, d, scale).map((row, i) => (i % 2 === 0 ? row : numbers(random, d, other)));
        const begin = cut % d;
        const products = bench.doubles((n * (n + 1)) / 2 + 1);
        const scratch = bench.floats(new Float32Array(kernels.columnScratch(n) / 4).fill(NaN));
        kernels.innerProducts(bench.table(rows), n, 0, n, begin, d, products.address, scratch.address, 0);
        let pair = 0;
        for (let i = 0; i < n; i++) {
          for (let j = i; j < n; j++, pair++) {
            const { sum, magnitude } = product(rows[i]!, rows[j]!, begin);
            if (!isClose(products.view[pair]!, sum, 1e-13, magnitude)) return false;
          }
        }
        return Number.isNaN(products.view[pair]) && scratch.intact();
      }),
    );
  });

  t.test(`${bench.kind}: products taken in bands of rows have the bits of all at once`, async () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), lengths, seeds, fc.nat(), (n, d, seed, cut) => {
        bench.reset();
        const table = bench.table(rowsOf(uniform(seed), n, d));
        const scratch = bench.bytes(kernels.columnScratch(n));
        const [whole, bands] = [bench.doubles((n * (n + 1)) / 2 + 1), bench.doubles((n * (n + 1)) / 2 + 1)];
        kernels.innerProducts(table, n, 0, n, 0, d, whole.address, scratch, 0);
        const edge = Math.min(n, 3 * (cut % (Math.floor(n / 3) + 1)));
        kernels.innerProducts(table, n, edge, n, 0, d, bands.address, scratch, 0);
        kernels.innerProducts(table, n, 0, edge, 0, d, bands.address, scratch, 0);
        return whole.view.every((value, pair) => Object.is(value, bands.view[pair]));
      }),
    );
  });

  t.test(`${bench.kind}: equal rows have equal products, bit by bit, wherever they are`, async () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 14 }), lengths, seeds, (n, d, seed) => {
        bench.reset();
        const rows = rowsOf(uniform(seed), n, d);
        const all = 2 * n;
        const products = bench.doubles((all * (all + 1)) / 2);
        kernels.innerProducts(bench.table([...rows, ...rows]), all, 0, all, 0, d, products.address, bench.bytes(kernels.columnScratch(all)), 0);
        const at = (i: number, j: number): number => (i > j ? at(j, i) : products.view[(i * (2 * all - i + 1)) / 2 + j - i]!);
        return rows.every((_, i) => rows.every((_, j) => at(i, j) === at(i, j + n) && at(i, j) === at(i + n, j + n)));
      }),
    );
  });

  t.test(`${bench.kind}: the cosine distance of nearly parallel rows keeps its digits`, async (t) => {
    bench.reset();
    const d = 5000;
    for (const scale of [1e-36, 1, 1e20]) {
      const row = numbers(uniform(1), d, scale);
      // One coordinate turned by some 1e-3 of the row's norm: a cosine distance near 1e-6, of which float32 sums would see one digit.
      const near = row.map((value, k) => (k === 700 ? value + 0.03 * scale : value));
      const { view, address } = bench.doubles(3);
      kernels.innerProducts(bench.table([row, near]), 2, 0, 2, 0, d, address, bench.bytes(kernels.columnScratch(2)), 0);
      const [a, ab, b] = view as unknown as [number, number, number];
      // 1 − cos² = (|x|²|e|² − (x·e)²)/(|x|²|y|²) with e = y − x, which has a single coordinate: no cancellation.
      const e = near[700]! - row[700]!;
      const xx = product(row, row, 0).sum;
      const yy = product(near, near, 0).sum;
      const sine = (xx - row[700]! ** 2) * (e * e / xx / yy);
      const distance = sine / (1 + Math.sqrt(1 - sine));
      t.ok(isClose(1 - ab / Math.sqrt(a * b), distance, 1e-7), `${scale}`);
    }
  });

  t.test(`${bench.kind}: rows of float64 are sums of float32 rows, and have their inner products`, async () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), lengths, seeds, fc.constantFrom(1, 1e20, 3e38), fc.nat(), (n, d, seed, scale, cut) => {
        bench.reset();
        const random = uniform(seed);
        const sums = Array.from({ length: n }, () => bench.doubles(d + 1));
        for (const { view } of sums) view.fill(0, 0, d);
        const expected = sums.map(() => new Float64Array(d));
        const split = cut % (d + 1);
        for (let round = 0; round < 3; round++) {
          for (const [i, row] of rowsOf(random, n, d, scale).entries()) {
            const { address } = bench.floats(row);
            kernels.addToSums(address, sums[i]!.address, 0, split);
            kernels.addToSums(address, sums[i]!.address, split, d);
            for (const [k, value] of row.entries()) expected[i]![k]! += value;
          }
        }
        if (!sums.every(({ view }, i) => expected[i]!.every((value, k) => value === view[k]) && Number.isNaN(view[d]))) return false;
        const products = bench.doubles((n * (n + 1)) / 2);
        kernels.innerProducts(bench.words(sums.map(({ address }) => address)), n, 0, n, 0, d, products.address, bench.bytes(kernels.columnScratch(n)), 1);
        let pair = 0;
        return expected.every((x, i) => expected.slice(i).every((y) => {
          const { sum, magnitude } = product(x, y, 0);
          return isClose(products.view[pair++]!, sum, 1e-13, magnitude);
        }));
      }),
    );
  });

  t.test(`${bench.kind}: countSigns counts at the listed coordinates, and 0 and −0 have no sign`, async () => {
    fc.assert(
      fc.property(rowCounts, lengths, seeds, fc.nat(), (n, d, seed, cut) => {
        bench.reset();
        const random = uniform(seed);
        const rows = rowsOf(random, n, d).map((row) => row.map((value) => (random() < 0.3 ? (random() < 0.5 ? 0 : -0) : value * 1e-40)));
        const listed = Array.from({ length: d }, (_, k) => k).filter(() => random() < 0.4);
        const first = cut % (listed.length + 1);
        const counts = bench.doubles(2 * n + 1);
        kernels.countSigns(bench.table(rows), n, bench.words(listed), first, listed.length, counts.address);
        const chosen = listed.slice(first);
        return rows.every((row, i) => counts.view[i] === chosen.filter((k) => row[k]! > 0).length && counts.view[n + i] === chosen.filter((k) => row[k]! < 0).length)
          && Number.isNaN(counts.view[2 * n]);
      }),
    );
  });
}

function product(x: ArrayLike<number>, y: ArrayLike<number>, begin: number): { sum: number; magnitude: number } {
  let sum = 0;
  let magnitude = 0;
  for (let k = begin; k < x.length; k++) {
    sum += x[k]! * y[k]!;
    magnitude += Math.abs(x[k]! * y[k]!);
  }
  return { sum, magnitude };
}
