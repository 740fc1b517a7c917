import fc from 'fast-check';
import t from 'tap';
import { isClose, lengths, rowCounts, rowsOf, seeds, uniform } from './arbitraries.js';
import { WORKBENCHES, type Workbench } from './workbench.js';

const scales = fc.constantFrom(1e-40, 1e-25, 1, 1e20, 3e38);

/** Groups of one row or more, with some twice. */
function groupsOf(random: () => number, n: number): number[][] {
  const groups = Array.from({ length: 1 + Math.floor(8 * random()) }, () => {
    const share = random();
    const group = Array.from({ length: n }, (_, row) => row).filter(() => random() < share);
    return group.length > 0 ? group : [Math.floor(n * random())];
  });
  return [...groups, groups[0]!];
}

/** The two kernels, each given the groups in its own way. Returns the outputs. */
const KERNELS = {
  groupMeans: (bench: Workbench, rows: readonly Float32Array[], groups: readonly number[][], begin: number, end: number) => {
    const addresses = rows.map((row) => bench.floats(row).address);
    const bounds = [0];
    for (const group of groups) bounds.push(bounds.at(-1)! + group.length);
    const { table, outputs } = outputsOf(bench, groups.length, rows[0]!.length);
    bench.kernels.groupMeans(bench.words(groups.flat().map((row) => addresses[row]!)), bench.words(bounds), groups.length, begin, end, table);
    return outputs;
  },
  subsetMeans: (bench: Workbench, rows: readonly Float32Array[], groups: readonly number[][], begin: number, end: number) => {
    const n = rows.length;
    const fours = Math.ceil(n / 4);
    const masks = groups.flatMap((group) => Array.from({ length: fours }, (_, four) => group.filter((row) => row >> 2 === four).reduce((mask, row) => mask | (1 << (row % 4)), 0)));
    const { table, outputs } = outputsOf(bench, groups.length, rows[0]!.length);
    bench.kernels.subsetMeans(bench.table(rows), n, bench.octets(masks), groups.length, begin, end, table, bench.bytes(bench.kernels.columnScratch(n)));
    return outputs;
  },
};

function outputsOf(bench: Workbench, groups: number, d: number) {
  const outputs = Array.from({ length: groups }, () => bench.floats(new Float32Array(d).fill(NaN)));
  return { outputs, table: bench.words(outputs.map(({ address }) => address)) };
}

for (const bench of WORKBENCHES) {
  for (const [name, kernel] of Object.entries(KERNELS)) {
    t.test(`${bench.kind}: ${name} agrees with float64, from denormals to 3e38, and equal groups have equal means`, async () => {
      fc.assert(
        fc.property(rowCounts, lengths, seeds, scales, (n, d, seed, scale) => {
          bench.reset();
          const random = uniform(seed);
          const rows = rowsOf(random, n, d, scale);
          const groups = groupsOf(random, n);
          const outputs = kernel(bench, rows, groups, 0, d);
          const words = ({ view }: { view: Float32Array }): string => new Uint32Array(view.buffer, view.byteOffset, d).join();
          return words(outputs[0]!) === words(outputs.at(-1)!) && outputs.every((output, group) => output.intact() && output.view.every((mean, k) => {
            const values = groups[group]!.map((row) => rows[row]![k]!);
            const magnitude = values.reduce((sum, x) => sum + Math.abs(x) / values.length, 0);
            return isClose(mean, values.reduce((sum, x) => sum + x / values.length, 0), 6e-8 * (values.length + 1), magnitude);
          }));
        }),
      );
    });

    t.test(`${bench.kind}: ${name} gives the same bits however the range is split, and leaves the rest alone`, async () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 120 }), seeds, fc.nat(120), fc.nat(120), (n, d, seed, a, b) => {
          bench.reset();
          const random = uniform(seed);
          const rows = rowsOf(random, n, d);
          const groups = groupsOf(random, n);
          const [begin, end] = [a % (d + 1), b % (d + 1)].sort((x, y) => x - y) as [number, number];
          const whole = kernel(bench, rows, groups, 0, d);
          const part = kernel(bench, rows, groups, begin, end);
          return part.every(({ view }, group) => view.every((mean, k) => (k < begin || k >= end ? Number.isNaN(mean) : Object.is(mean, whole[group]!.view[k]))));
        }),
      );
    });

    t.test(`${bench.kind}: ${name} gives the finite mean of values whose sum overflows on the way`, async (t) => {
      for (const d of [1, 5, 32, 45]) {
        bench.reset();
        const rows = [3e38, 3e38, -3e38, 3e38, 3e38, -3e38].map((value) => new Float32Array(d).fill(value));
        const [first, second] = kernel(bench, rows, [[0, 1, 2, 3], [0, 1, 2, 3, 4, 5]], 0, d);
        t.ok(first!.view.every((mean) => mean === Math.fround(1.5e38)));
        t.ok(second!.view.every((mean) => mean === Math.fround(Math.fround(3e38) / 3)));
      }
    });
  }
}
