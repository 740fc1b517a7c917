import fc from 'fast-check';
import t from 'tap';
import { selectionNetwork, sortingNetwork } from '../../lib/kernels/network.js';
import type { Address } from '../../lib/memory/regions.js';
import { numbers, rowsOf, seeds, uniform } from './arbitraries.js';
import { WORKBENCHES, type Workbench } from './workbench.js';

/** A kernel whose result at a coordinate must not depend on the range that the coordinate was computed in. */
type PerCoordinate = (bench: Workbench, table: Address, n: number, x: Address, output: Address) => (begin: number, end: number) => void;

const KERNELS: Record<string, PerCoordinate> = {
  mean: ({ kernels }, table, n, _x, output) => (begin, end) => { kernels.mean(table, n, begin, end, output); },
  combine: (bench, table, n, _x, output) => {
    const weights = bench.floats(Float32Array.from({ length: n }, (_, i) => 1 / (i + 3))).address;
    return (begin, end) => { bench.kernels.combine(table, weights, n, begin, end, output); };
  },
  weightedSum: (bench, table, n, _x, output) => {
    const weights = bench.doubles(n);
    weights.view.forEach((_, i) => (weights.view[i] = 1 / (i + 3)));
    const scratch = bench.bytes(bench.kernels.columnScratch(n));
    return (begin, end) => { bench.kernels.weightedSum(table, weights.address, n, begin, end, output, scratch); };
  },
  majoritySign: ({ kernels }, table, n, _x, output) => (begin, end) => { kernels.majoritySign(table, n, begin, end, output); },
  'mean of meanAndDeviation': ({ kernels }, table, n, x, output) => (begin, end) => { kernels.meanAndDeviation(table, n, begin, end, output, x, 0); },
  'deviation of meanAndDeviation': ({ kernels }, table, n, x, output) => (begin, end) => { kernels.meanAndDeviation(table, n, begin, end, x, output, 0); },
  shiftedMean: ({ kernels }, table, n, _x, output) => (begin, end) => { kernels.shiftedMean(table, n, begin, end, output, -1.5, 0); },
  ...Object.fromEntries([0, 1, 2].map((direction) => [`movedMean in direction ${direction}`, (bench: Workbench, table: Address, n: number, _x: Address, output: Address) => {
    const scratch = bench.bytes(4096);
    return (begin: number, end: number) => { bench.kernels.movedMean(table, n, begin, end, output, direction, 1.7, scratch); };
  }])),
  sortedMean: (bench, table, n, _x, output) => {
    const network = selectionNetwork(n, n >> 2, n >> 1);
    const address = bench.words(network);
    const scratch = bench.bytes(bench.kernels.columnScratch(n));
    return (begin, end) => { bench.kernels.sortedMean(table, n, begin, end, output, address, network.length / 2, n >> 2, n >> 1, scratch); };
  },
  nearestMean: (bench, table, n, _x, output) => {
    const network = sortingNetwork(n);
    const address = bench.words(network);
    const scratch = bench.bytes(bench.kernels.columnScratch(n));
    const keep = (n >> 1) + 1;
    return (begin, end) => { bench.kernels.nearestMean(table, n, begin, end, output, address, network.length / 2, keep, n >> 2, n >> 1, scratch); };
  },
  fill: ({ kernels }, _table, _n, _x, output) => (begin, end) => { kernels.fill(output, begin, end, 0.1); },
  copy: ({ kernels }, _table, _n, x, output) => (begin, end) => { kernels.copy(x, output, begin, end); },
  gather: (bench, _table, _n, x, output) => {
    const places = bench.words(Array.from({ length: 90 }, (_, k) => k >> 1));
    return (begin, end) => { bench.kernels.gather(x, places, output, begin, end); };
  },
  scale: ({ kernels }, _table, _n, x, output) => (begin, end) => { kernels.scale(0.1, x, output, begin, end); },
  clamp: ({ kernels }, _table, _n, x, output) => (begin, end) => { kernels.clamp(output, x, x, begin, end); },
  addScaled: ({ kernels }, _table, _n, x, output) => (begin, end) => { kernels.addScaled(0.1, x, output, begin, end); },
  adagrad: (bench, _table, _n, x, output) => {
    const sums = bench.doubles(90);
    sums.view.fill(0);
    return (begin, end) => { bench.kernels.adagrad(0.1, sums.address, x, output, begin, end); };
  },
  decayAndAdd: ({ kernels }, _table, _n, x, output) => (begin, end) => { kernels.decayAndAdd(0.9, output, 0.1, x, begin, end); },
};

for (const bench of WORKBENCHES) {
  for (const [name, kernel] of Object.entries(KERNELS)) {
    t.test(`${bench.kind}: ${name} gives the same bits however the range is split, and leaves the rest alone`, async () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 90 }), seeds, fc.array(fc.nat(90), { maxLength: 6 }), (n, d, seed, cuts) => {
          bench.reset();
          const random = uniform(seed);
          const table = bench.table(rowsOf(random, n, d));
          const x = bench.floats(numbers(random, d));
          const start = numbers(random, d);
          const [whole, split] = [bench.floats(start), bench.floats(start)];
          const edges = cuts.map((cut) => cut % (d + 1)).sort((a, b) => a - b);
          const [begin, end] = [edges[0] ?? 0, edges.at(-1) ?? d];
          kernel(bench, table, n, x.address, whole.address)(begin, end);
          const run = kernel(bench, table, n, x.address, split.address);
          [begin, ...edges, end].reduce((from, to) => (run(from, to), to));
          const words = (floats: Float32Array) => new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
          return (
            words(whole.view).every((word, k) => word === words(split.view)[k]) &&
            whole.view.every((value, k) => (k >= begin && k < end) || value === start[k]) &&
            whole.intact() &&
            split.intact() &&
            x.intact()
          );
        }),
      );
    });
  }
}
