import type { Address } from '../memory/regions.js';
import { address, type ArgumentsOf, number, type Shape } from './arguments.js';
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

/** An operation: what it is handed, and one chunk of it. */
export interface Operation<S extends Shape = Shape> {
  readonly takes: S;
  perform(executor: Executor, given: ArgumentsOf<S>, chunk: number): void;
}

function operation<S extends Shape>(takes: S, perform: Operation<S>['perform']): Operation<S> {
  return { takes, perform };
}

/** 16 KiB of each row: 51 rows fit a second-level cache, and d = 79,510 makes 20 chunks to share out. */
export const COORDINATES_PER_CHUNK = 4096;

/** A row table and how long its rows are. */
const ROWS = { table: address, n: number, d: number };

export const OPERATIONS = {
  mean: operation({ ...ROWS, output: address }, ({ kernels }, { table, n, d, output }, chunk) => {
    const [begin, end] = coordinates(d, chunk);
    kernels.mean(table, n, begin, end, output);
  }),
  weightedSum: operation({ ...ROWS, output: address, weights: address }, ({ kernels, scratch }, { table, n, d, output, weights }, chunk) => {
    const [begin, end] = coordinates(d, chunk);
    kernels.weightedSum(table, weights, n, begin, end, output, scratch);
  }),
  /** The sum of the first rows and the distances of all to it, while the chunk's part of the rows is in the cache. */
  weightedSumAndDistances: operation(
    { ...ROWS, output: address, weights: address, summed: number, partials: address },
    ({ kernels, scratch }, { table, n, d, output, weights, summed, partials }, chunk) => {
      const [begin, end] = coordinates(d, chunk);
      kernels.weightedSum(table, weights, summed, begin, end, output, scratch);
      kernels.squaredDistancesTo(table, n, begin, end, output, address(partials + chunk * n * 8));
    },
  ),
  /** Batch j of k: rows ⌊jn/k⌋ … ⌊(j+1)n/k⌋ − 1. */
  batchMeans: operation({ ...ROWS, outputs: address, k: number }, ({ kernels }, { table, n, d, outputs, k }, chunk) => {
    const [begin, end] = coordinates(d, chunk);
    const batches = new Uint32Array(kernels.memory.buffer, outputs, k);
    for (const [batch, output] of batches.entries()) {
      const [first, next] = batchRows(batch, n, k);
      kernels.mean(address(table + 4 * first), next - first, begin, end, address(output));
    }
  }),
  majoritySign: operation({ ...ROWS, output: address }, ({ kernels }, { table, n, d, output }, chunk) => {
    const [begin, end] = coordinates(d, chunk);
    kernels.majoritySign(table, n, begin, end, output);
  }),
  shiftedMean: operation({ ...ROWS, output: address, factor: number, ddof: number }, ({ kernels }, { table, n, d, output, factor, ddof }, chunk) => {
    const [begin, end] = coordinates(d, chunk);
    kernels.shiftedMean(table, n, begin, end, output, factor, ddof);
  }),
  /** Row g of the output table = mean of the addresses at positions bounds[g] … bounds[g + 1] − 1 of the members. */
  groupMeans: operation({ members: address, bounds: address, groups: number, d: number, outputs: address }, ({ kernels }, { members, bounds, groups, d, outputs }, chunk) => {
    const [begin, end] = coordinates(d, chunk);
    kernels.groupMeans(members, bounds, groups, begin, end, outputs);
  }),
  subsetMeans: operation({ ...ROWS, masks: address, groups: number, outputs: address }, ({ kernels, scratch }, { table, n, d, masks, groups, outputs }, chunk) => {
    const [begin, end] = coordinates(d, chunk);
    kernels.subsetMeans(table, n, masks, groups, begin, end, outputs, scratch);
  }),
  spreadAlong: operation({ ...ROWS, partials: address, direction: number }, ({ kernels, scratch }, { table, n, d, partials, direction }, chunk) => {
    const [begin, end] = coordinates(d, chunk);
    kernels.spreadAlong(table, n, begin, end, direction, address(partials + chunk * (2 * n + 1) * 8), scratch);
  }),
  movedMean: operation({ ...ROWS, output: address, direction: number, factor: number }, ({ kernels, scratch }, { table, n, d, output, direction, factor }, chunk) => {
    const [begin, end] = coordinates(d, chunk);
    kernels.movedMean(table, n, begin, end, output, direction, factor, scratch);
  }),
  sortedMean: operation(
    { ...ROWS, output: address, network: address, comparators: number, first: number, last: number },
    ({ kernels, scratch }, { table, n, d, output, network, comparators, first, last }, chunk) => {
      const [begin, end] = coordinates(d, chunk);
      kernels.sortedMean(table, n, begin, end, output, network, comparators, first, last, scratch);
    },
  ),
  nearestMean: operation(
    { ...ROWS, output: address, network: address, comparators: number, keep: number, first: number, last: number },
    ({ kernels, scratch }, { table, n, d, output, network, comparators, keep, first, last }, chunk) => {
      const [begin, end] = coordinates(d, chunk);
      kernels.nearestMean(table, n, begin, end, output, network, comparators, keep, first, last, scratch);
    },
  ),
  squaredDistances: operation(
    { ...ROWS, partials: address, width: number, bands: number, blocks: number },
    ({ kernels, scratch }, { table, n, d, partials, width, bands, blocks }, chunk) => {
      // Set by set, n rows each.
      const column = Math.floor(chunk / bands);
      const block = column % blocks;
      const rows = address(table + ((column - block) / blocks) * n * 4);
      const [first, next] = bandRows(chunk % bands, n, bands);
      const partial = address(partials + column * n * (n - 1) * 4);
      kernels.squaredDistances(rows, n, first, next, block * width, Math.min(d, (block + 1) * width), partial, scratch);
    },
  ),
  squaredDistancesTo: operation({ ...ROWS, point: address, partials: address }, ({ kernels }, { table, n, d, point, partials }, chunk) => {
    const [begin, end] = coordinates(d, chunk);
    kernels.squaredDistancesTo(table, n, begin, end, point, address(partials + chunk * n * 8));
  }),
  /** `float64`: 1 when the rows are, 0 when they are float32. */
  innerProducts: operation(
    { ...ROWS, partials: address, width: number, bands: number, float64: number },
    ({ kernels, scratch }, { table, n, d, partials, width, bands, float64 }, chunk) => {
      const block = Math.floor(chunk / bands);
      const [first, next] = bandRows(chunk % bands, n, bands);
      const partial = address(partials + block * n * (n + 1) * 4);
      kernels.innerProducts(table, n, first, next, block * width, Math.min(d, (block + 1) * width), partial, scratch, float64);
    },
  ),
  /** Row i of the sums (float64) += row i. */
  addRowsToSums: operation({ ...ROWS, sums: address }, ({ kernels }, { table, n, d, sums }, chunk) => {
    const [begin, end] = coordinates(d, chunk);
    const places = new Uint32Array(kernels.memory.buffer, sums, n);
    for (const [row, place] of new Uint32Array(kernels.memory.buffer, table, n).entries()) kernels.addToSums(address(place), address(places[row] as number), begin, end);
  }),
  /** One row a chunk: its signs at the listed coordinates are counted while it is in the cache. */
  normsAndSigns: operation(
    { ...ROWS, norms: address, listed: address, count: number, counts: address }, ({ kernels }, { table, n, d, norms, listed, count, counts }, chunk) => {
      const row = new Uint32Array(kernels.memory.buffer, table, n)[chunk] as number;
      new Float64Array(kernels.memory.buffer, norms, n)[chunk] = kernels.squaredNorm(address(row), 0, d);
      kernels.countSigns(address(table + 4 * chunk), 1, listed, 0, count, address(counts + 16 * chunk));
    },
  ),
  twoMeans: operation(
    { ...ROWS, distances: address, low: address, high: address, network: address, comparators: number },
    ({ kernels, scratch }, { table, n, d, distances, low, high, network, comparators }, chunk) => {
      const [begin, end] = coordinates(d, chunk);
      kernels.twoMeans(table, n, begin, end, distances, low, high, network, comparators, scratch);
    },
  ),
  countSmaller: operation(
    { ...ROWS, distances: address, low: address, high: address, alpha: number, partials: address },
    ({ kernels }, { table, n, d, distances, low, high, alpha, partials }, chunk) => {
      const [begin, end] = coordinates(d, chunk);
      kernels.countSmaller(table, n, begin, end, distances, low, high, alpha, address(partials + chunk * (n + 1) * 8));
    },
  ),
  dotProducts: operation({ ...ROWS, point: address, partials: address }, ({ kernels }, { table, n, d, point, partials }, chunk) => {
    const [begin, end] = coordinates(d, chunk);
    kernels.dotProducts(table, n, begin, end, point, address(partials + chunk * n * 8));
  }),
  projections: operation({ ...ROWS, point: address, direction: address, partials: address }, ({ kernels }, { table, n, d, point, direction, partials }, chunk) => {
    const [begin, end] = coordinates(d, chunk);
    kernels.projections(table, n, begin, end, point, direction, address(partials + chunk * n * 8));
  }),
  forensics: operation({ ...ROWS, aggregate: address, partials: address }, ({ kernels }, { table, n, d, aggregate, partials }, chunk) => {
    const [begin, end] = coordinates(d, chunk);
    kernels.forensics(table, n, begin, end, aggregate, address(partials + chunk * 64));
  }),
  copyToRows: operation({ ...ROWS, source: address }, ({ kernels }, { table, n, d, source }, chunk) => {
    const [begin, end] = coordinates(d, chunk);
    for (const row of new Uint32Array(kernels.memory.buffer, table, n)) kernels.copy(source, address(row), begin, end);
  }),
  /** One row a chunk, set after set while it is in the cache: row i of a set's output table = row i at so many coordinates, those of the set. */
  gather: operation(
    { table: address, n: number, places: address, count: number, outputs: address, sets: number }, ({ kernels }, { table, n, places, count, outputs, sets }, chunk) => {
      const row = new Uint32Array(kernels.memory.buffer, table, n)[chunk] as number;
      const targets = new Uint32Array(kernels.memory.buffer, outputs, n * sets);
      for (let set = 0; set < sets; set++) {
        kernels.gather(address(row), address(places + set * count * 4), address(targets[set * n + chunk] as number), 0, count);
      }
    },
  ),
  drawCoordinates: operation({ state: address, b: number, d: number, marks: address, output: address }, ({ kernels }, { state, b, d, marks, output }) => {
    kernels.drawCoordinates(state, b, d, marks, output);
  }),
  /** One set of rows a chunk, and of its work what makes these rows of its matrix tridiagonal, with what comes before the first and after the last. */
  dominantDirections: operation(
    { matrices: address, n: number, members: address, weights: address, m: number, workspaces: address, directions: address, from: number, to: number },
    ({ kernels }, { matrices, n, members, weights, m, workspaces, directions, from, to }, chunk) => {
      const squared = address(matrices + chunk * n * n * 8);
      const workspace = address(workspaces + chunk * eigenpairLength(m) * 8);
      if (from === m - 1) kernels.centreProducts(squared, n, members, weights, m, workspace);
      kernels.tridiagonalise(workspace, m, from, to);
      if (to === 0) kernels.projectOnDominant(squared, n, members, weights, m, workspace, address(directions + chunk * (m + 1) * 8));
    },
  ),
  fill: operation({ d: number, output: address, value: number }, ({ kernels }, { d, output, value }, chunk) => {
    const [begin, end] = coordinates(d, chunk);
    kernels.fill(output, begin, end, value);
  }),
  scale: operation({ d: number, alpha: number, source: address, target: address }, ({ kernels }, { d, alpha, source, target }, chunk) => {
    const [begin, end] = coordinates(d, chunk);
    kernels.scale(alpha, source, target, begin, end);
  }),
  /** One row a chunk: row i of the output table = factors[i] · row i. */
  scaleRows: operation({ ...ROWS, factors: address, outputs: address }, ({ kernels }, { table, n, d, factors, outputs }, chunk) => {
    const { buffer } = kernels.memory;
    const row = new Uint32Array(buffer, table, n)[chunk] as number;
    const output = new Uint32Array(buffer, outputs, n)[chunk] as number;
    kernels.scale(new Float64Array(buffer, factors, n)[chunk] as number, address(row), address(output), 0, d);
  }),
  clamp: operation({ d: number, target: address, low: address, high: address }, ({ kernels }, { d, target, low, high }, chunk) => {
    const [begin, end] = coordinates(d, chunk);
    kernels.clamp(target, low, high, begin, end);
  }),
  addScaled: operation({ d: number, alpha: number, x: address, y: address }, ({ kernels }, { d, alpha, x, y }, chunk) => {
    const [begin, end] = coordinates(d, chunk);
    kernels.addScaled(alpha, x, y, begin, end);
  }),
  decayAndAdd: operation({ d: number, beta: number, v: address, alpha: number, x: address }, ({ kernels }, { d, beta, v, alpha, x }, chunk) => {
    const [begin, end] = coordinates(d, chunk);
    kernels.decayAndAdd(beta, v, alpha, x, begin, end);
  }),
  adagrad: operation({ d: number, alpha: number, sums: address, x: address, y: address }, ({ kernels }, { d, alpha, sums, x, y }, chunk) => {
    const [begin, end] = coordinates(d, chunk);
    kernels.adagrad(alpha, sums, x, y, begin, end);
  }),
  /** One row a chunk: flags[row] = 1 when it holds NaN or ±Inf. */
  findNonFinite: operation({ ...ROWS, flags: address }, ({ kernels }, { table, n, d, flags }, chunk) => {
    const row = new Uint32Array(kernels.memory.buffer, table, n)[chunk] as number;
    new Float64Array(kernels.memory.buffer, flags, n)[chunk] = kernels.hasNonFinite(address(row), 0, d);
  }),
  /** One row a chunk: norms[row] = Σ row². */
  squaredNorms: operation({ ...ROWS, norms: address }, ({ kernels }, { table, n, d, norms }, chunk) => {
    const row = new Uint32Array(kernels.memory.buffer, table, n)[chunk] as number;
    new Float64Array(kernels.memory.buffer, norms, n)[chunk] = kernels.squaredNorm(address(row), 0, d);
  }),
};

export type OperationName = keyof typeof OPERATIONS;

/** What an operation is handed, by name. */
export type OperationArguments<Name extends OperationName> = ArgumentsOf<(typeof OPERATIONS)[Name]['takes']>;

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
