import type { Address } from '../memory/regions.js';
import type { Kernels } from './kernels.js';
import { eigenpairLength } from './sizes.js';

/**
 * The operations that tasks name, as a thread executes them: one chunk at a time. Chunks of coordinates are
 * `COORDINATES_PER_CHUNK` wide, chunks of rows are single rows. `work.ts` has the callers' side of each.
 */
export interface Executor {
  readonly kernels: Kernels;
  /** Memory of this thread's own, `columnScratch` bytes: for the column kernels, the distances, the products and the directions. */
  readonly scratch: Address;
}

export type Operation = (executor: Executor, argument: (index: number) => number, chunk: number) => void;

/** 16 KiB of each row: 51 rows fit a second-level cache, and d = 79,510 makes 20 chunks to share out. */
export const COORDINATES_PER_CHUNK = 4096;

export const OPERATIONS = {
  mean({ kernels }, argument, chunk) {
    const [begin, end] = coordinates(argument(2), chunk);
    kernels.mean(address(argument(0)), argument(1), begin, end, address(argument(3)));
  },
  weightedSum({ kernels, scratch }, argument, chunk) {
    const [begin, end] = coordinates(argument(2), chunk);
    kernels.weightedSum(address(argument(0)), address(argument(4)), argument(1), begin, end, address(argument(3)), scratch);
  },
  /** The sum of the first rows and the distances of all to it, while the chunk's part of the rows is in the cache. */
  weightedSumAndDistances({ kernels, scratch }, argument, chunk) {
    const [begin, end] = coordinates(argument(2), chunk);
    const n = argument(1);
    const output = address(argument(3));
    kernels.weightedSum(address(argument(0)), address(argument(4)), argument(5), begin, end, output, scratch);
    kernels.squaredDistancesTo(address(argument(0)), n, begin, end, output, address(argument(6) + chunk * n * 8));
  },
  /** Batch j of k: rows ⌊jn/k⌋ … ⌊(j+1)n/k⌋ − 1. */
  batchMeans({ kernels }, argument, chunk) {
    const [begin, end] = coordinates(argument(2), chunk);
    const n = argument(1);
    const k = argument(4);
    const batches = new Uint32Array(kernels.memory.buffer, argument(3), k);
    for (const [batch, output] of batches.entries()) {
      const [first, next] = batchRows(batch, n, k);
      kernels.mean(address(argument(0) + 4 * first), next - first, begin, end, address(output));
    }
  },
  majoritySign({ kernels }, argument, chunk) {
    const [begin, end] = coordinates(argument(2), chunk);
    kernels.majoritySign(address(argument(0)), argument(1), begin, end, address(argument(3)));
  },
  shiftedMean({ kernels }, argument, chunk) {
    const [begin, end] = coordinates(argument(2), chunk);
    kernels.shiftedMean(address(argument(0)), argument(1), begin, end, address(argument(3)), argument(4), argument(5));
  },
  /** Row g of the output table = mean of the addresses at positions bounds[g] … bounds[g + 1] − 1 of the members. */
  groupMeans({ kernels }, argument, chunk) {
    const [begin, end] = coordinates(argument(3), chunk);
    kernels.groupMeans(address(argument(0)), address(argument(1)), argument(2), begin, end, address(argument(4)));
  },
  subsetMeans({ kernels, scratch }, argument, chunk) {
    const [begin, end] = coordinates(argument(4), chunk);
    kernels.subsetMeans(address(argument(0)), argument(1), address(argument(2)), argument(3), begin, end, address(argument(5)), scratch);
  },
  spreadAlong({ kernels, scratch }, argument, chunk) {
    const [begin, end] = coordinates(argument(2), chunk);
    const partial = argument(3) + chunk * (2 * argument(1) + 1) * 8;
    kernels.spreadAlong(address(argument(0)), argument(1), begin, end, argument(4), address(partial), scratch);
  },
  movedMean({ kernels, scratch }, argument, chunk) {
    const [begin, end] = coordinates(argument(2), chunk);
    kernels.movedMean(address(argument(0)), argument(1), begin, end, address(argument(3)), argument(4), argument(5), scratch);
  },
  sortedMean({ kernels, scratch }, argument, chunk) {
    const [begin, end] = coordinates(argument(2), chunk);
    kernels.sortedMean(address(argument(0)), argument(1), begin, end, address(argument(3)), address(argument(4)), argument(5), argument(6), argument(7), scratch);
  },
  nearestMean({ kernels, scratch }, argument, chunk) {
    const [begin, end] = coordinates(argument(2), chunk);
    kernels.nearestMean(
      address(argument(0)), argument(1), begin, end, address(argument(3)), address(argument(4)), argument(5), argument(6), argument(7), argument(8), scratch,
    );
  },
  squaredDistances({ kernels, scratch }, argument, chunk) {
    const n = argument(1);
    const d = argument(2);
    const width = argument(4);
    const bands = argument(5);
    const blocks = argument(6);
    // Set by set, n rows each.
    const column = Math.floor(chunk / bands);
    const block = column % blocks;
    const table = argument(0) + ((column - block) / blocks) * n * 4;
    const [first, next] = bandRows(chunk % bands, n, bands);
    const partial = argument(3) + column * n * (n - 1) * 4;
    kernels.squaredDistances(address(table), n, first, next, block * width, Math.min(d, (block + 1) * width), address(partial), scratch);
  },
  squaredDistancesTo({ kernels }, argument, chunk) {
    const [begin, end] = coordinates(argument(2), chunk);
    const n = argument(1);
    kernels.squaredDistancesTo(address(argument(0)), n, begin, end, address(argument(3)), address(argument(4) + chunk * n * 8));
  },
  innerProducts({ kernels, scratch }, argument, chunk) {
    const n = argument(1);
    const d = argument(2);
    const width = argument(4);
    const bands = argument(5);
    const block = Math.floor(chunk / bands);
    const [first, next] = bandRows(chunk % bands, n, bands);
    const partial = argument(3) + block * n * (n + 1) * 4;
    kernels.innerProducts(
      address(argument(0)), n, first, next, block * width, Math.min(d, (block + 1) * width), address(partial), scratch, argument(6),
    );
  },
  /** Row i of the sums (float64) += row i. */
  addRowsToSums({ kernels }, argument, chunk) {
    const [begin, end] = coordinates(argument(2), chunk);
    const [rows, sums] = [argument(0), argument(3)].map((table) => new Uint32Array(kernels.memory.buffer, table, argument(1))) as [Uint32Array, Uint32Array];
    for (const [row, place] of rows.entries()) kernels.addToSums(address(place), address(sums[row] as number), begin, end);
  },
  /** One row a chunk: its signs are counted while it is in the cache. */
  normsAndSigns({ kernels }, argument, chunk) {
    const [table, n, d, norms, listed, count, counts] = [0, 1, 2, 3, 4, 5, 6].map(argument) as [number, number, number, number, number, number, number];
    const row = new Uint32Array(kernels.memory.buffer, table, n)[chunk] as number;
    new Float64Array(kernels.memory.buffer, norms, n)[chunk] = kernels.squaredNorm(address(row), 0, d);
    kernels.countSigns(address(table + 4 * chunk), 1, address(listed), 0, count, address(counts + 16 * chunk));
  },
  twoMeans({ kernels, scratch }, argument, chunk) {
    const [begin, end] = coordinates(argument(2), chunk);
    kernels.twoMeans(
      address(argument(0)), argument(1), begin, end, address(argument(3)), address(argument(4)), address(argument(5)), address(argument(6)), argument(7), scratch,
    );
  },
  countSmaller({ kernels }, argument, chunk) {
    const [begin, end] = coordinates(argument(2), chunk);
    const n = argument(1);
    const partial = argument(7) + chunk * (n + 1) * 8;
    kernels.countSmaller(address(argument(0)), n, begin, end, address(argument(3)), address(argument(4)), address(argument(5)), argument(6), address(partial));
  },
  dotProducts({ kernels }, argument, chunk) {
    const [begin, end] = coordinates(argument(2), chunk);
    const n = argument(1);
    kernels.dotProducts(address(argument(0)), n, begin, end, address(argument(3)), address(argument(4) + chunk * n * 8));
  },
  projections({ kernels }, argument, chunk) {
    const [begin, end] = coordinates(argument(2), chunk);
    const n = argument(1);
    kernels.projections(address(argument(0)), n, begin, end, address(argument(3)), address(argument(4)), address(argument(5) + chunk * n * 8));
  },
  forensics({ kernels }, argument, chunk) {
    const [begin, end] = coordinates(argument(2), chunk);
    kernels.forensics(address(argument(0)), argument(1), begin, end, address(argument(3)), address(argument(4) + chunk * 64));
  },
  copyToRows({ kernels }, argument, chunk) {
    const [begin, end] = coordinates(argument(2), chunk);
    const table = new Uint32Array(kernels.memory.buffer, argument(0), argument(1));
    for (const row of table) kernels.copy(address(argument(3)), address(row), begin, end);
  },
  /** One row a chunk, set after set while it is in the cache: row i of a set's output table = row i at so many coordinates, those of the set. */
  gather({ kernels }, argument, chunk) {
    const [n, count, sets] = [argument(1), argument(3), argument(5)];
    const row = new Uint32Array(kernels.memory.buffer, argument(0), n)[chunk] as number;
    const outputs = new Uint32Array(kernels.memory.buffer, argument(4), n * sets);
    for (let set = 0; set < sets; set++) {
      kernels.gather(address(row), address(argument(2) + set * count * 4), address(outputs[set * n + chunk] as number), 0, count);
    }
  },
  drawCoordinates({ kernels }, argument) {
    kernels.drawCoordinates(address(argument(0)), argument(1), argument(2), address(argument(3)), address(argument(4)));
  },
  /** One set of rows a chunk, and of its work what makes these rows of its matrix tridiagonal, with what comes before the first and after the last. */
  dominantDirections({ kernels }, argument, chunk) {
    const [n, m, from, to] = [argument(1), argument(4), argument(7), argument(8)];
    const squared = address(argument(0) + chunk * n * n * 8);
    const [rows, weights] = [address(argument(2)), address(argument(3))];
    const workspace = address(argument(5) + chunk * eigenpairLength(m) * 8);
    if (from === m - 1) kernels.centreProducts(squared, n, rows, weights, m, workspace);
    kernels.tridiagonalise(workspace, m, from, to);
    if (to === 0) kernels.projectOnDominant(squared, n, rows, weights, m, workspace, address(argument(6) + chunk * (m + 1) * 8));
  },
  fill({ kernels }, argument, chunk) {
    const [begin, end] = coordinates(argument(0), chunk);
    kernels.fill(address(argument(1)), begin, end, argument(2));
  },
  scale({ kernels }, argument, chunk) {
    const [begin, end] = coordinates(argument(0), chunk);
    kernels.scale(argument(1), address(argument(2)), address(argument(3)), begin, end);
  },
  /** One row a chunk: row i of the output table = factors[i] · row i. */
  scaleRows({ kernels }, argument, chunk) {
    const [row, output] = [argument(0), argument(4)].map((table) => new Uint32Array(kernels.memory.buffer, table, argument(1))[chunk] as number);
    const factor = new Float64Array(kernels.memory.buffer, argument(3), argument(1))[chunk] as number;
    kernels.scale(factor, address(row as number), address(output as number), 0, argument(2));
  },
  clamp({ kernels }, argument, chunk) {
    const [begin, end] = coordinates(argument(0), chunk);
    kernels.clamp(address(argument(1)), address(argument(2)), address(argument(3)), begin, end);
  },
  addScaled({ kernels }, argument, chunk) {
    const [begin, end] = coordinates(argument(0), chunk);
    kernels.addScaled(argument(1), address(argument(2)), address(argument(3)), begin, end);
  },
  decayAndAdd({ kernels }, argument, chunk) {
    const [begin, end] = coordinates(argument(0), chunk);
    kernels.decayAndAdd(argument(1), address(argument(2)), argument(3), address(argument(4)), begin, end);
  },
  adagrad({ kernels }, argument, chunk) {
    const [begin, end] = coordinates(argument(0), chunk);
    kernels.adagrad(argument(1), address(argument(2)), address(argument(3)), address(argument(4)), begin, end);
  },
  /** One row a chunk: flags[row] = 1 when it holds NaN or ±Inf. */
  findNonFinite({ kernels }, argument, chunk) {
    const row = new Uint32Array(kernels.memory.buffer, argument(0), argument(1))[chunk] as number;
    new Float64Array(kernels.memory.buffer, argument(3), argument(1))[chunk] = kernels.hasNonFinite(address(row), 0, argument(2));
  },
  /** One row a chunk: norms[row] = Σ row². */
  squaredNorms({ kernels }, argument, chunk) {
    const row = new Uint32Array(kernels.memory.buffer, argument(0), argument(1))[chunk] as number;
    new Float64Array(kernels.memory.buffer, argument(3), argument(1))[chunk] = kernels.squaredNorm(address(row), 0, argument(2));
  },
} satisfies Readonly<Record<string, Operation>>;

export type OperationName = keyof typeof OPERATIONS;

/** Their order numbers them in the control words. */
export const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly OperationName[];

/** The rows of batch j when n rows are cut into k batches that are as equal as can be: `first` included, `next` excluded. */
export function batchRows(batch: number, n: number, k: number): [first: number, next: number] {
  return [Math.floor((batch * n) / k), Math.floor(((batch + 1) * n) / k)];
}

/** The rows of band j of k, `next` excluded: multiples of 3 for the kernel, and about as many pairs of a row with later rows in each band. */
function bandRows(band: number, n: number, k: number): [first: number, next: number] {
  const edge = (j: number): number => (j === k ? n : Math.floor((n * (1 - Math.sqrt(1 - j / k))) / 3) * 3);
  return [edge(band), edge(band + 1)];
}

function coordinates(d: number, chunk: number): [begin: number, end: number] {
  return [chunk * COORDINATES_PER_CHUNK, Math.min(d, (chunk + 1) * COORDINATES_PER_CHUNK)];
}

function address(value: number): Address {
  return value as Address;
}
