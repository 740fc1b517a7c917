import fc from 'fast-check';
import t from 'tap';
import { columnScratch } from '../../lib/kernels/sizes.js';
import { isClose, lengths, numbers, rowCounts, rowsOf, seeds, uniform } from './arbitraries.js';
import { WORKBENCHES } from './workbench.js';

const scales = fc.constantFrom(1e-40, 1e-3, 1, 1e20, 3e38);

/** The directions in the kernels' order, from a coordinate's mean and deviation (divisor n − 1). */
const DIRECTIONS: readonly ((mean: number, deviation: number) => number)[] = [(_, deviation) => -deviation, (mean) => -mean, (mean) => -Math.sign(mean)];

t.test('every scratch holds what the directions take', async (t) => {
  t.ok(columnScratch(1) >= 4096);
});

for (const bench of WORKBENCHES) {
  const { kernels } = bench;

  t.test(`${bench.kind}: the moved mean and the spread along a direction agree with float64, from denormals to 3e38`, async () => {
    fc.assert(
      fc.property(rowCounts, lengths, seeds, scales, fc.constantFrom(0, 1, 2), (n, d, seed, scale, direction) => {
        fc.pre(n > 1);
        bench.reset();
        const rows = rowsOf(uniform(seed), n, d, scale);
        const table = bench.table(rows);
        const output = bench.floats(new Float32Array(d).fill(NaN));
        const sums = bench.doubles(2 * n + 1);
        const scratch = bench.bytes(4096);
        kernels.movedMean(table, n, 0, d, output.address, direction, 0.3, scratch);
        kernels.spreadAlong(table, n, 0, d, direction, sums.address, scratch);
        const columns = Array.from({ length: d }, (_, k) => moments(rows.map((row) => row[k]!)));
        const p = columns.map(({ mean, deviation }) => DIRECTIONS[direction]!(mean, deviation));
        const squares = rows.map((row) => columns.reduce((sum, { mean }, k) => sum + (row[k]! - mean) ** 2, 0));
        const length = p.reduce((sum, value) => sum + value * value, 0);
        // What is lost where a mean or a difference is near 0 is lost of the values themselves.
        const size = columns.reduce((sum, _, k) => sum + Math.max(...rows.map((row) => row[k]! ** 2)), 0);
        const sizeOfP = direction === 2 ? length : size;
        return (
          output.view.every((value, k) => isClose(value, Math.fround(columns[k]!.mean + 0.3 * p[k]!), 1.2e-7)) &&
          rows.every((row, i) => {
            const projection = columns.reduce((sum, { mean }, k) => sum + (row[k]! - mean) * p[k]!, 0);
            return isClose(sums.view[i]!, squares[i]!, 1e-11, size) && isClose(sums.view[n + i]!, projection, 1e-11, Math.sqrt(size * sizeOfP));
          }) &&
          isClose(sums.view[2 * n]!, length, 1e-11, sizeOfP) &&
          output.intact()
        );
      }),
    );
  });

  t.test(`${bench.kind}: equal rows have no spread, and a mean of 0 no sign`, async (t) => {
    bench.reset();
    const row = numbers(uniform(3), 301);
    const opposite = row.map((value) => -value);
    const scratch = bench.bytes(4096);
    const equal = bench.doubles(7);
    kernels.spreadAlong(bench.table([row, row, row]), 3, 0, 301, 0, equal.address, scratch);
    t.same(equal.view, new Float64Array(7));
    const signs = bench.doubles(5);
    kernels.spreadAlong(bench.table([row, opposite]), 2, 0, 301, 2, signs.address, scratch);
    t.same(signs.view.slice(2), new Float64Array(3));
  });

  t.test(`${bench.kind}: scaling takes factors that no float32 holds, and 1 changes no bit`, async (t) => {
    bench.reset();
    const source = bench.floats(Float32Array.of(1e20, -1e20, 0, -0, 1e-45, 3e38, 7));
    const target = bench.floats(new Float32Array(7).fill(NaN));
    kernels.scale(1e-50, source.address, target.address, 0, 7);
    t.same(target.view, Float32Array.from(source.view, (value) => 1e-50 * value));
    kernels.scale(1, source.address, target.address, 0, 7);
    t.same(new Uint32Array(target.view.slice().buffer), new Uint32Array(source.view.slice().buffer));
    kernels.scale(-0.3, target.address, target.address, 0, 7);
    t.same(target.view, Float32Array.from(source.view, (value) => -0.3 * value), 'in place');
    t.ok(target.intact() && source.intact());
  });
}

function moments(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)) };
}
