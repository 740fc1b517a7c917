import fc from 'fast-check';
import t from 'tap';
import { isClose, lengths, numbers, rowCounts, rowsOf, seeds, uniform } from './arbitraries.js';
import { WORKBENCHES } from './workbench.js';

for (const bench of WORKBENCHES) {
  const { kernels } = bench;

  t.test(`${bench.kind}: products with a point are float64 sums of exact products, from 1e-40 to 3e38`, async () => {
    fc.assert(
      fc.property(rowCounts, lengths, seeds, fc.constantFrom(1e-40, 1e-3, 1, 1e20, 3e38), fc.nat(), (n, d, seed, scale, cut) => {
        bench.reset();
        const random = uniform(seed);
        const rows = rowsOf(random, n, d, scale);
        const point = bench.floats(numbers(random, d, 1));
        const begin = cut % d;
        const products = bench.doubles(n + 1);
        kernels.dotProducts(bench.table(rows), n, begin, d, point.address, products.address);
        return rows.every((row, i) => {
          const terms = Array.from({ length: d - begin }, (_, k) => Math.fround(row[begin + k]!) * point.view[begin + k]!);
          const magnitude = terms.reduce((sum, term) => sum + Math.abs(term), 0);
          return isClose(products.view[i]!, terms.reduce((sum, term) => sum + term, 0), 1, 1e-14 * magnitude);
        }) && Number.isNaN(products.view[n]) && point.intact();
      }),
    );
  });
}
