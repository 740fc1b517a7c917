import fc from 'fast-check';
import t from 'tap';
import { isClose, lengths, numbers, rowCounts, rowsOf, seeds, uniform } from './arbitraries.js';
import { WORKBENCHES } from './workbench.js';

const scales = fc.constantFrom(1e-40, 1e-25, 1e-3, 1, 1e20, 3e38);

for (const bench of WORKBENCHES) {
  const { kernels } = bench;

  t.test(`${bench.kind}: mean, deviation and shifted mean agree with float64, from denormals to 3e38`, async () => {
    fc.assert(
      fc.property(rowCounts, lengths, seeds, scales, fc.constantFrom(0, 1), (n, d, seed, scale, ddof) => {
        fc.pre(n > ddof);
        bench.reset();
        const rows = rowsOf(uniform(seed), n, d, scale);
        const table = bench.table(rows);
        const outputs = Array.from({ length: 4 }, () => bench.floats(new Float32Array(d).fill(NaN)));
        const [mean, exactMean, deviation, shifted] = outputs as [typeof outputs[0], typeof outputs[0], typeof outputs[0], typeof outputs[0]];
        kernels.mean(table, n, 0, d, mean.address);
        kernels.meanAndDeviation(table, n, 0, d, exactMean.address, deviation.address, ddof);
        kernels.shiftedMean(table, n, 0, d, shifted.address, -1.5, ddof);
        for (let k = 0; k < d; k++) {
          const column = rows.map((row) => row[k]!);
          const { mu, sigma } = moments(column, ddof);
          const magnitude = column.reduce((sum, x) => sum + Math.abs(x) / n, 0);
          if (!isClose(mean.view[k]!, mu, 6e-8 * (n + 1), magnitude)) return false;
          if (!isClose(exactMean.view[k]!, mu, 1.2e-7)) return false;
          if (!isClose(deviation.view[k]!, Math.fround(sigma), 1.2e-7)) return false;
          if (!isClose(shifted.view[k]!, Math.fround(mu - 1.5 * sigma), 1.2e-7)) return false;
        }
        return outputs.every((output) => output.intact());
      }),
    );
  });

  t.test(`${bench.kind}: equal rows have that mean and deviation 0`, async () => {
    fc.assert(
      fc.property(rowCounts, lengths, seeds, (n, d, seed) => {
        bench.reset();
        const row = numbers(uniform(seed), d);
        const table = bench.table(Array.from({ length: n }, () => row));
        const mean = bench.floats(row);
        const deviation = bench.floats(row);
        kernels.meanAndDeviation(table, n, 0, d, mean.address, deviation.address, 0);
        return mean.view.every((value, k) => value === row[k]) && deviation.view.every((value) => value === 0);
      }),
    );
  });

  t.test(`${bench.kind}: combine is the weighted sum and never reads a row of weight 0`, async () => {
    fc.assert(
      fc.property(rowCounts, lengths, seeds, scales, (n, d, seed, scale) => {
        bench.reset();
        const random = uniform(seed);
        const rows = rowsOf(random, n, d, scale);
        const weights = Float32Array.from({ length: n }, () => (random() < 0.3 ? 0 : random() / n));
        weights.forEach((weight, i) => {
          if (weight === 0) rows[i]!.fill(NaN);
        });
        const output = bench.floats(new Float32Array(d).fill(NaN));
        kernels.combine(bench.table(rows), bench.floats(weights).address, n, 0, d, output.address);
        return output.view.every((value, k) => {
          const terms = rows.map((row, i) => (weights[i] === 0 ? 0 : weights[i]! * row[k]!));
          const magnitude = terms.reduce((sum, term) => sum + Math.abs(term), 0);
          return isClose(value, terms.reduce((sum, term) => sum + term, 0), 6e-8 * (n + 1), magnitude + 1e-37);
        }) && output.intact();
      }),
    );
  });

  t.test(`${bench.kind}: a sum that overflows on the way to a finite result gives that result`, async (t) => {
    for (const d of [1, 5, 16, 33]) {
      bench.reset();
      const rows = [3e38, 3e38, -3e38, 3e38].map((value) => new Float32Array(d).fill(value));
      const table = bench.table(rows);
      const output = bench.floats(new Float32Array(d));
      kernels.mean(table, 4, 0, d, output.address);
      t.ok(output.view.every((value) => value === Math.fround(1.5e38)));
      kernels.combine(table, bench.floats([1, 1, 1, -1]).address, 4, 0, d, output.address);
      t.ok(output.view.every((value) => value === 0));
    }
  });

  t.test(`${bench.kind}: forensics sums over the coordinates what the round reports`, async () => {
    fc.assert(
      fc.property(rowCounts, lengths, seeds, fc.constantFrom(1e-25, 1, 1e20), (n, d, seed, scale) => {
        bench.reset();
        const random = uniform(seed);
        const rows = rowsOf(random, n, d, scale);
        const aggregate = bench.floats(numbers(random, d, scale));
        const sums = bench.doubles(8);
        kernels.forensics(bench.table(rows), n, 0, d, aggregate.address, sums.address);
        const expected = new Float64Array(8);
        for (let k = 0; k < d; k++) {
          const { mu, sigma } = moments(rows.map((row) => row[k]!), 0);
          const a = aggregate.view[k]!;
          [(a - mu) ** 2, sigma ** 2, mu ** 2, a ** 2, a * mu].forEach((term, at) => (expected[at]! += term));
          [0.5, 1, 2].forEach((factor, at) => (expected[5 + at]! += Math.abs(mu) < factor * sigma ? 1 : 0));
        }
        return sums.view.every((value, at) => (at < 5 ? isClose(value, expected[at]!, 1e-12, at === 4 ? d * scale ** 2 : expected[at]!) : value === expected[at]));
      }),
    );
  });

  t.test(`${bench.kind}: hasNonFinite finds one bad value anywhere in the range and none outside it`, async () => {
    fc.assert(
      fc.property(lengths, fc.nat(), fc.nat(), fc.nat(), fc.constantFrom(NaN, Infinity, -Infinity), (d, a, b, place, bad) => {
        bench.reset();
        const [begin, end] = [a % d, b % (d + 1)].sort((x, y) => x - y) as [number, number];
        const row = bench.floats(new Float32Array(d).fill(3.4e38));
        if (kernels.hasNonFinite(row.address, begin, end) !== 0) return false;
        row.view[place % d] = bad;
        return kernels.hasNonFinite(row.address, begin, end) === (place % d >= begin && place % d < end ? 1 : 0);
      }),
    );
  });

  t.test(`${bench.kind}: norms and distances keep their digits from 1e-40 to 3e38`, async () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), lengths, seeds, scales, fc.nat(), (n, d, seed, scale, cut) => {
        bench.reset();
        const rows = rowsOf(uniform(seed), n, d, scale);
        const begin = cut % d;
        const pairs = bench.doubles((n * (n - 1)) / 2 + 1);
        const table = bench.table(rows);
        const scratch = bench.floats(new Float32Array(kernels.columnScratch(n) / 4).fill(NaN));
        kernels.squaredDistances(table, n, 0, n, begin, d, pairs.address, scratch.address);
        let pair = 0;
        for (let i = 0; i < n; i++) {
          const norm = kernels.squaredNorm(bench.floats(rows[i]!).address, begin, d);
          if (!isClose(norm, squared(rows[i]!, undefined, begin), 1e-5)) return false;
          for (let j = i + 1; j < n; j++, pair++) {
            if (!isClose(pairs.view[pair]!, squared(rows[i]!, rows[j], begin), 1e-5)) return false;
          }
        }
        return Number.isNaN(pairs.view[pair]) && scratch.intact();
      }),
    );
  });

  t.test(`${bench.kind}: distances taken in bands of rows have the bits of all at once`, async () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), lengths, seeds, fc.array(fc.nat({ max: 6 }), { maxLength: 3 }), (n, d, seed, cuts) => {
        bench.reset();
        const table = bench.table(rowsOf(uniform(seed), n, d));
        const pairs = (n * (n - 1)) / 2;
        const [whole, banded] = [bench.doubles(pairs + 1), bench.doubles(pairs + 1)];
        const scratch = bench.bytes(kernels.columnScratch(n));
        kernels.squaredDistances(table, n, 0, n, 0, d, whole.address, scratch);
        const edges = [0, ...cuts.map((cut) => Math.min(n, 3 * cut)).sort((a, b) => a - b), n];
        for (const [k, next] of edges.slice(1).entries()) kernels.squaredDistances(table, n, edges[k]!, next, 0, d, banded.address, scratch);
        return whole.view.every((distance, pair) => Object.is(distance, banded.view[pair]));
      }),
    );
  });

  t.test(`${bench.kind}: nearly equal rows keep their distance, equal ones have none, and one far row changes no other distance`, async (t) => {
    bench.reset();
    const d = 2000;
    const row = numbers(uniform(1), d, 1);
    const near = row.map((value, k) => (k === 700 ? value + 2 ** -20 : value));
    const far = new Float32Array(d).fill(1e20);
    const pairs = bench.doubles(6);
    kernels.squaredDistances(bench.table([row, near, row, far]), 4, 0, 4, 0, d, pairs.address, bench.bytes(kernels.columnScratch(4)));
    const difference = near[700]! - row[700]!;
    t.equal(pairs.view[1], 0);
    t.ok(isClose(pairs.view[0]!, difference ** 2, 1e-6) && isClose(pairs.view[3]!, difference ** 2, 1e-6));
    for (const pair of [2, 4, 5]) t.ok(isClose(pairs.view[pair]!, d * 1e40, 1e-6));
    t.ok(isClose(kernels.squaredNorm(bench.floats(far).address, 0, d), d * 1e40, 1e-6));
  });

  t.test(`${bench.kind}: copies of a row are at distance 0 from it, and all others see them equally far, bit by bit`, async () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 14 }), lengths, seeds, fc.constantFrom(0, 100), (n, d, seed, common) => {
        bench.reset();
        const random = uniform(seed);
        const shared = numbers(random, d, common);
        const rows = rowsOf(random, n, d).map((row) => row.map((value, k) => value + shared[k]!));
        const copies = [...rows, ...rows];
        const pairs = bench.doubles(n * (2 * n - 1));
        kernels.squaredDistances(bench.table(copies), 2 * n, 0, 2 * n, 0, d, pairs.address, bench.bytes(kernels.columnScratch(2 * n)));
        const distance = (i: number, j: number): number => (i === j ? 0 : i > j ? distance(j, i) : pairs.view[(i * (4 * n - i - 1)) / 2 + j - i - 1]!);
        return copies.every((_, i) => rows.every((_, j) => distance(i, j) === distance(i, j + n)));
      }),
    );
  });
}

function moments(column: readonly number[], ddof: number): { mu: number; sigma: number } {
  const mu = column.reduce((sum, x) => sum + x, 0) / column.length;
  return { mu, sigma: Math.sqrt(column.reduce((sum, x) => sum + (x - mu) ** 2, 0) / (column.length - ddof)) };
}

function squared(a: Float32Array, b: Float32Array | undefined, begin: number): number {
  let sum = 0;
  for (let k = begin; k < a.length; k++) sum += (a[k]! - (b?.[k] ?? 0)) ** 2;
  return sum;
}
