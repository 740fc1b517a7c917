import fc from 'fast-check';
import t from 'tap';
import { isClose, lengths, numbers, rowCounts, rowsOf, seeds, uniform, wholeRows } from './arbitraries.js';
import { WORKBENCHES } from './workbench.js';

const scales = fc.constantFrom(1e-40, 1e-25, 1e-3, 1, 1e20, 3e38);

for (const bench of WORKBENCHES) {
  const { kernels } = bench;

  t.test(`${bench.kind}: weightedSum is the weighted sum in float64, rounded once`, async () => {
    fc.assert(
      fc.property(rowCounts, lengths, seeds, scales, fc.constantFrom(1, 1e-41), (n, d, seed, scale, size) => {
        bench.reset();
        const random = uniform(seed);
        const rows = rowsOf(random, n, d, scale);
        const weights = bench.doubles(n);
        weights.view.forEach((_, i) => (weights.view[i] = (size * (random() - 0.3)) / n));
        const output = bench.floats(new Float32Array(d).fill(NaN));
        kernels.weightedSum(bench.table(rows), weights.address, n, 0, d, output.address, bench.bytes(kernels.columnScratch(n)));
        return output.view.every((value, k) => {
          const terms = rows.map((row, i) => weights.view[i]! * row[k]!);
          const magnitude = terms.reduce((sum, term) => sum + Math.abs(term), 0);
          const sum = terms.reduce((total, term) => total + term, 0);
          return isClose(value, sum, 1, 6.1e-8 * Math.abs(sum) + 1e-14 * magnitude);
        }) && output.intact();
      }),
    );
  });

  t.test(`${bench.kind}: weightedSum overflows only where the sum does, and may write over one of its rows`, async (t) => {
    for (const d of [1, 5, 16, 33, 2051, 5000]) {
      bench.reset();
      const [first, ...others] = [3e38, 3e38, -3e38].map((value) => bench.floats(new Float32Array(d).fill(value)));
      const weights = bench.doubles(3);
      weights.view.set([1, 1, 1.5]);
      const table = bench.words([first!, ...others].map(({ address }) => address));
      kernels.weightedSum(table, weights.address, 3, 0, d, first!.address, bench.bytes(kernels.columnScratch(3)));
      t.ok(first!.view.every((value) => isClose(value, 1.5e38, 1e-7)) && first!.intact());
    }
  });

  t.test(`${bench.kind}: distances to a point keep their digits from 1e-40 to 3e38`, async () => {
    fc.assert(
      fc.property(rowCounts, lengths, seeds, scales, fc.nat(), (n, d, seed, scale, cut) => {
        bench.reset();
        const random = uniform(seed);
        const rows = rowsOf(random, n, d, scale);
        const point = bench.floats(numbers(random, d, scale));
        const begin = cut % d;
        const distances = bench.doubles(n + 1);
        kernels.squaredDistancesTo(bench.table(rows), n, begin, d, point.address, distances.address);
        return rows.every((row, i) => isClose(distances.view[i]!, squared(row, point.view, begin), 1e-5)) && Number.isNaN(distances.view[n]);
      }),
    );
  });

  t.test(`${bench.kind}: projections are those of the differences, in float64, from denormals to 3e38`, async () => {
    fc.assert(
      fc.property(rowCounts, lengths, seeds, scales, fc.constantFrom(0, 1e6), fc.nat(), (n, d, seed, scale, shift, cut) => {
        bench.reset();
        const random = uniform(seed);
        const rows = rowsOf(random, n, d, scale).map((row) => (scale > 1 ? row : row.map((value) => value + shift)));
        const point = bench.floats(numbers(random, d, scale).map((value) => (scale > 1 ? value : value + shift)));
        const direction = bench.floats(numbers(random, d));
        const begin = cut % d;
        const sums = bench.doubles(n + 1);
        kernels.projections(bench.table(rows), n, begin, d, point.address, direction.address, sums.address);
        return rows.every((row, i) => {
          const terms = Array.from(row.subarray(begin), (value, k) => (value - point.view[begin + k]!) * direction.view[begin + k]!);
          const magnitude = terms.reduce((sum, term) => sum + Math.abs(term), 0);
          return isClose(sums.view[i]!, terms.reduce((sum, term) => sum + term, 0), 1, 1e-13 * magnitude);
        }) && Number.isNaN(sums.view[n]);
      }),
    );
  });

  t.test(`${bench.kind}: a row is at distance 0 from itself, a near one at its distance, and a far one changes no other's`, async (t) => {
    bench.reset();
    const d = 2000;
    const row = numbers(uniform(1), d, 1);
    const near = row.map((value, k) => (k === 700 ? value + 2 ** -20 : value));
    const distances = bench.doubles(3);
    kernels.squaredDistancesTo(bench.table([row, near, new Float32Array(d).fill(1e20)]), 3, 0, d, bench.floats(row).address, distances.address);
    t.equal(distances.view[0], 0);
    t.ok(isClose(distances.view[1]!, (near[700]! - row[700]!) ** 2, 1e-6));
    t.ok(isClose(distances.view[2]!, d * 1e40, 1e-6));
  });

  t.test(`${bench.kind}: majoritySign counts signs, and 0 and −0 have none`, async () => {
    fc.assert(
      fc.property(rowCounts, lengths, seeds, fc.constantFrom(1, 1e-45, 1e38), (n, d, seed, scale) => {
        bench.reset();
        const random = uniform(seed);
        const rows = wholeRows(random, n, d, 2).map((row) => row.map((value) => (value === 0 && random() < 0.5 ? -0 : value * scale)));
        const output = bench.floats(new Float32Array(d).fill(NaN));
        kernels.majoritySign(bench.table(rows), n, 0, d, output.address);
        return output.view.every((value, k) => value === Math.sign(rows.reduce((sum, row) => sum + Math.sign(row[k]!), 0))) && output.intact();
      }),
    );
  });
}

function squared(row: Float32Array, point: Float32Array, begin: number): number {
  let sum = 0;
  for (let k = begin; k < row.length; k++) sum += (row[k]! - point[k]!) ** 2;
  return sum;
}
