import type { Arena } from '../memory/arena.js';
import type { Address, Region } from '../memory/regions.js';
import { selectionNetwork, sortingNetwork } from './network.js';
import { COORDINATES_PER_CHUNK, type OperationArguments, type OperationName } from './operations.js';
import type { KernelTask, Work } from './task.js';

/**
 * The callers' side of the operations: each yields its task and leaves its result in the arena. Rows are named by a row
 * table (n uint32 addresses) and d; `output` is d float32.
 */

/** output = mean of the rows. */
export function* mean(rows: RowTable, output: Address): Work {
  const { table, n, d } = rows;
  yield overCoordinates('mean', { table, n, d, output }, n * d);
}

/** output = Σ weights[i] · row i, in float64 and rounded once; `weights`: n float64. The output may be one of the rows. */
export function* weightedSum(rows: RowTable, weights: Region<'f64'>, output: Address): Work {
  const { table, n, d } = rows;
  yield overCoordinates('weightedSum', { table, n, d, output, weights: weights.address }, 2 * n * d);
}

/**
 * output = Σ weights[i] · row i over the first `summed` rows, as `weightedSum`, and the squared distances of all rows to it, in one visit.
 * The output is none of the rows. `partials`: `pointPartialsLength(n, d)` float64.
 */
export function* weightedSumAndDistances(
  arena: Arena, rows: RowTable, weights: Region<'f64'>, summed: number, output: Address, partials: Region<'f64'>,
): Work<Float64Array> {
  const { table, n, d } = rows;
  yield overCoordinates('weightedSumAndDistances', { table, n, d, output, weights: weights.address, summed, partials: partials.address }, 4 * n * d);
  return sumOfPartials(arena, partials, n, d);
}

/** ‖row i − point‖² for each row; `partials`: `pointPartialsLength(n, d)` float64. */
export function* squaredDistancesTo(arena: Arena, rows: RowTable, point: Address, partials: Region<'f64'>): Work<Float64Array> {
  const { table, n, d } = rows;
  yield overCoordinates('squaredDistancesTo', { table, n, d, point, partials: partials.address }, 2 * n * d);
  return sumOfPartials(arena, partials, n, d);
}

/** ⟨row i, point⟩ for each row; `partials`: `pointPartialsLength(n, d)` float64. */
export function* dotProducts(arena: Arena, rows: RowTable, point: Address, partials: Region<'f64'>): Work<Float64Array> {
  const { table, n, d } = rows;
  yield overCoordinates('dotProducts', { table, n, d, point, partials: partials.address }, 2 * n * d);
  return sumOfPartials(arena, partials, n, d);
}

/** ⟨row i − point, direction⟩ of each row, in float64; `partials`: `pointPartialsLength(n, d)` float64. */
export function* projections(arena: Arena, rows: RowTable, point: Address, direction: Address, partials: Region<'f64'>): Work<Float64Array> {
  const { table, n, d } = rows;
  yield overCoordinates('projections', { table, n, d, point, direction, partials: partials.address }, 4 * n * d);
  return sumOfPartials(arena, partials, n, d);
}

/** Row j of `batches` = the mean of batch j: rows ⌊jn/k⌋ … ⌊(j+1)n/k⌋ − 1, where k ≤ n is the number of batches. */
export function* batchMeans(rows: RowTable, batches: RowTable): Work {
  const { table, n, d } = rows;
  yield overCoordinates('batchMeans', { table, n, d, outputs: batches.table, k: batches.n }, n * d);
}

/** output = sign(Σ sign(row i)), coordinate by coordinate. */
export function* majoritySign(rows: RowTable, output: Address): Work {
  const { table, n, d } = rows;
  yield overCoordinates('majoritySign', { table, n, d, output }, n * d);
}

/** output = μ + factor · σ, coordinate by coordinate, σ with divisor n − ddof. */
export function* shiftedMean(rows: RowTable, output: Address, factor: number, ddof: number): Work {
  const { table, n, d } = rows;
  yield overCoordinates('shiftedMean', { table, n, d, output, factor, ddof }, 4 * n * d);
}

/**
 * Row g of `outputTable` = mean of the rows of group g. `members`: a region for the addresses of all groups together, `bounds`: one
 * for a uint32 more than there are groups.
 */
export function* groupMeans(
  arena: Arena, groups: readonly (readonly Address[])[], d: number, memory: { readonly members: Region<'u32'>; readonly bounds: Region<'u32'> }, outputTable: Address,
): Work {
  const members = arena.view(memory.members);
  const bounds = arena.view(memory.bounds);
  let total = 0;
  for (const [group, rows] of groups.entries()) {
    bounds[group] = total;
    members.set(rows, total);
    total += rows.length;
  }
  bounds[groups.length] = total;
  yield overCoordinates('groupMeans', { members: memory.members.address, bounds: memory.bounds.address, groups: groups.length, d, outputs: outputTable }, total * d);
}

/**
 * Row g of `outputTable` = mean of the rows of group g, which are numbers of rows of the table: for rows that are in many groups. `masks`: a region of
 * `subsetMasksLength(n, groups)` bytes.
 */
export function* subsetMeans(arena: Arena, rows: RowTable, groups: readonly (readonly number[])[], masks: Region<'u8'>, outputTable: Address): Work {
  const { table, n, d } = rows;
  const fours = subsetMasksLength(n, 1);
  const bytes = arena.view(masks).fill(0);
  for (const [group, members] of groups.entries()) {
    for (const row of members) bytes[group * fours + (row >> 2)] = (bytes[group * fours + (row >> 2)] as number) | (1 << (row & 3));
  }
  yield overCoordinates('subsetMeans', { table, n, d, masks: masks.address, groups: groups.length, outputs: outputTable }, groups.length * fours * d);
}

/** Bytes that the groups of n rows take. */
export function subsetMasksLength(n: number, groups: number): number {
  return groups * Math.ceil(n / 4);
}

/** Where a lie goes from the mean μ: −σ with divisor n − 1, −μ, or −sign(μ). The order is that of the kernels. */
export const DIRECTIONS = ['deviation', 'unit', 'sign'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** How rows lie about their mean μ and along a direction p. */
export interface Spread {
  /** ‖x_i − μ‖² of each row. */
  readonly squares: Float64Array;
  /** ⟨x_i − μ, p⟩ of each row. */
  readonly projections: Float64Array;
  /** ‖p‖². */
  readonly squaredLength: number;
}

/** For 'unit', p = −μ: its length is told, not divided by. `partials`: `spreadPartialsLength(n, d)` float64. */
export function* spreadAlong(arena: Arena, rows: RowTable, direction: Direction, partials: Region<'f64'>): Work<Spread> {
  const { table, n, d } = rows;
  yield overCoordinates('spreadAlong', { table, n, d, partials: partials.address, direction: DIRECTIONS.indexOf(direction) }, 8 * n * d);
  const partial = arena.view(partials);
  const sums = new Float64Array(2 * n + 1);
  for (let chunk = 0; chunk < coordinateChunks(d); chunk++) {
    for (let sum = 0; sum < sums.length; sum++) sums[sum] = (sums[sum] as number) + (partial[chunk * sums.length + sum] as number);
  }
  return { squares: sums.subarray(0, n), projections: sums.subarray(n, 2 * n), squaredLength: sums[2 * n] as number };
}

/** float64 that the partial sums of `spreadAlong` take. */
export function spreadPartialsLength(n: number, d: number): number {
  return (2 * n + 1) * coordinateChunks(d);
}

/** output = μ + factor · p, coordinate by coordinate, in float64 and rounded once; p as in `spreadAlong`. */
export function* movedMean(rows: RowTable, output: Address, direction: Direction, factor: number): Work {
  const { table, n, d } = rows;
  yield overCoordinates('movedMean', { table, n, d, output, direction: DIRECTIONS.indexOf(direction), factor }, 4 * n * d);
}

/**
 * output = mean of the values at sorted positions first … last, coordinate by coordinate. `network`: a region of
 * `2 · maximumComparators(n)` uint32 that it may write.
 */
export function* sortedMean(arena: Arena, rows: RowTable, output: Address, network: Region<'u32'>, first: number, last: number): Work {
  const { table, n, d } = rows;
  const comparators = writeNetwork(arena, network, `${n} ${first} ${last}`, () => selectionNetwork(n, first, last));
  yield overCoordinates('sortedMean', { table, n, d, output, network: network.address, comparators, first, last }, 2 * comparators * d);
}

/** output = mean of the `keep` values nearest to the mean of sorted positions first … last, coordinate by coordinate. */
export function* nearestMean(arena: Arena, rows: RowTable, output: Address, network: Region<'u32'>, keep: number, first: number, last: number): Work {
  const { table, n, d } = rows;
  const comparators = writeNetwork(arena, network, `${n}`, () => sortingNetwork(n));
  yield overCoordinates('nearestMean', { table, n, d, output, network: network.address, comparators, keep, first, last }, (2 * comparators + 4 * n) * d);
}

/**
 * Squared Euclidean distances of all pairs, as a full n × n matrix (row-major, 0 on the diagonal). `partials`: a region of
 * `distancePartialsLength(n, d)` float64.
 */
export function* squaredDistances(arena: Arena, rows: RowTable, partials: Region<'f64'>, distances: Region<'f64'>): Work<Float64Array> {
  return yield* squaredDistancesOfSets(arena, rows, 1, partials, distances);
}

/**
 * The same of several sets of n rows, in one phase: their tables follow each other, and so do their matrices. `partials`: a region of
 * `sets · distancePartialsLength(n, d)` float64.
 */
export function* squaredDistancesOfSets(arena: Arena, rows: RowTable, sets: number, partials: Region<'f64'>, distances: Region<'f64'>): Work<Float64Array> {
  const { table, n, d } = rows;
  const { width, blocks, bands } = distanceChunks(n, d);
  const cost = 1.5 * n * n * d * sets;
  yield { operation: 'squaredDistances', arguments: { table, n, d, partials: partials.address, width, bands, blocks }, chunks: sets * blocks * bands, cost };
  const pairs = (n * (n - 1)) / 2;
  const [partial, matrices] = [arena.view(partials), arena.view(distances)];
  for (let set = 0; set < sets; set++) {
    addPartials(partial.subarray(set * blocks * pairs, (set + 1) * blocks * pairs), blocks, matrices.subarray(set * n * n, (set + 1) * n * n), n);
  }
  return matrices;
}

/** matrix = the sums of the pairs' partial distances over the blocks. */
function addPartials(partial: Float64Array, blocks: number, matrix: Float64Array, n: number): void {
  const pairs = (n * (n - 1)) / 2;
  for (let i = 0, pair = 0; i < n; i++) {
    matrix[i * n + i] = 0;
    for (let j = i + 1; j < n; j++, pair++) {
      let sum = 0;
      for (let block = 0; block < blocks; block++) sum += partial[block * pairs + pair] as number;
      matrix[i * n + j] = sum;
      matrix[j * n + i] = sum;
    }
  }
}

/** norms[i] = ‖row i‖². */
export function* squaredNorms(arena: Arena, rows: RowTable, norms: Region<'f64'>): Work<Float64Array> {
  const { table, n, d } = rows;
  yield { operation: 'squaredNorms', arguments: { table, n, d, norms: norms.address }, chunks: n, cost: 2 * n * d };
  return arena.view(norms).subarray(0, n);
}

/** Which rows hold a NaN or ±Inf; `flags`: n float64. */
export function* findNonFinite(arena: Arena, rows: RowTable, flags: Region<'f64'>): Work<number[]> {
  const { table, n, d } = rows;
  yield { operation: 'findNonFinite', arguments: { table, n, d, flags: flags.address }, chunks: n, cost: n * d };
  const flagged: number[] = [];
  arena.view(flags).subarray(0, n).forEach((flag, row) => {
    if (flag !== 0) flagged.push(row);
  });
  return flagged;
}

/** The eight sums of `Kernels.forensics`, over all coordinates. `partials`: `forensicsPartialsLength(d)` float64. */
export function* forensics(arena: Arena, rows: RowTable, aggregate: Address, partials: Region<'f64'>): Work<Float64Array> {
  const { table, n, d } = rows;
  yield overCoordinates('forensics', { table, n, d, aggregate, partials: partials.address }, 8 * n * d);
  const partial = arena.view(partials);
  const sums = new Float64Array(8);
  for (let chunk = 0; chunk < coordinateChunks(d); chunk++) {
    for (let sum = 0; sum < 8; sum++) sums[sum] = (sums[sum] as number) + (partial[chunk * 8 + sum] as number);
  }
  return sums;
}

/** Copies d float32 to every row of the table. */
export function* copyToRows(rows: RowTable, source: Address): Work {
  const { table, n, d } = rows;
  yield overCoordinates('copyToRows', { table, n, d, source }, n * d);
}

/**
 * Row i of a set of `gathered` = row i of `table` at the d coordinates of the set: `places` holds d uint32 of each set. The sets' tables follow
 * each other.
 */
export function* gather(rows: Pick<RowTable, 'table' | 'n'>, places: Address, gathered: RowTable, sets: number): Work {
  const { n, d } = gathered;
  yield { operation: 'gather', arguments: { table: rows.table, n, places, count: d, outputs: gathered.table, sets }, chunks: n, cost: 4 * n * d * sets };
}

export function* fill(output: Address, d: number, value: number): Work {
  yield overCoordinates('fill', { d, output, value }, d);
}

/** target = alpha · source, in float64 and rounded once; `target` may be `source`. */
export function* scale(d: number, alpha: number, source: Address, target: Address): Work {
  yield overCoordinates('scale', { d, alpha, source, target }, 2 * d);
}

/** Row i of `outputTable` = factors[i] · row i, in float64 and rounded once; `factors`: n float64. */
export function* scaleRows(rows: RowTable, factors: Region<'f64'>, outputTable: Address): Work {
  const { table, n, d } = rows;
  yield { operation: 'scaleRows', arguments: { table, n, d, factors: factors.address, outputs: outputTable }, chunks: n, cost: 2 * n * d };
}

/** target[k] = target[k], but at least low[k] and at most high[k]; NaN stays. */
export function* clamp(d: number, target: Address, low: Address, high: Address): Work {
  yield overCoordinates('clamp', { d, target, low, high }, 3 * d);
}

/** y += alpha · x. */
export function* addScaled(d: number, alpha: number, x: Address, y: Address): Work {
  yield overCoordinates('addScaled', { d, alpha, x, y }, 2 * d);
}

/** v = beta · v + alpha · x. */
export function* decayAndAdd(d: number, beta: number, v: Address, alpha: number, x: Address): Work {
  yield overCoordinates('decayAndAdd', { d, beta, v, alpha, x }, 3 * d);
}

/** sums += x², y −= alpha · x / √sums, in float64 and rounded once; `sums`: d float64. */
export function* adagrad(d: number, alpha: number, sums: Region<'f64'>, x: Address, y: Address): Work {
  yield overCoordinates('adagrad', { d, alpha, sums: sums.address, x, y }, 6 * d);
}

export interface RowTable {
  readonly table: Address;
  readonly n: number;
  readonly d: number;
}

/** float64 that the partial distances of n rows of d coordinates take. */
export function distancePartialsLength(n: number, d: number): number {
  return (distanceChunks(n, d).blocks * n * (n - 1)) / 2;
}

/** float64 that the partial distances, products or projections of n rows and a point take. */
export function pointPartialsLength(n: number, d: number): number {
  return n * coordinateChunks(d);
}

/** float64 that the partial sums of `forensics` take. */
export function forensicsPartialsLength(d: number): number {
  return 8 * coordinateChunks(d);
}

/**
 * At most 32 blocks of coordinates, and so many that all partial distances stay below 64 MiB; where those are few, rows are cut into bands as well. By
 * (n, d) alone, so the sums are the same for any number of threads. A band centres all rows again, which is little beside the products of 96 with all.
 */
export function distanceChunks(n: number, d: number): { width: number; blocks: number; bands: number } {
  const affordable = Math.max(1, Math.floor(2 ** 23 / Math.max(1, (n * (n - 1)) / 2)));
  const wanted = Math.max(1, Math.min(32, affordable, Math.ceil(d / COORDINATES_PER_CHUNK)));
  const width = Math.max(1024, Math.ceil(d / wanted / 1024) * 1024);
  const blocks = Math.max(1, Math.ceil(d / width));
  return { width, blocks, bands: Math.max(1, Math.min(Math.ceil(32 / blocks), Math.floor(n / 96))) };
}

/** Each row's sums over the chunks, added in the order of the chunks. */
export function sumOfPartials(arena: Arena, partials: Region<'f64'>, n: number, d: number): Float64Array {
  const partial = arena.view(partials);
  const sums = new Float64Array(n);
  for (let chunk = 0; chunk < coordinateChunks(d); chunk++) {
    for (let row = 0; row < n; row++) sums[row] = (sums[row] as number) + (partial[chunk * n + row] as number);
  }
  return sums;
}

/** A task over chunks of the coordinates. */
export function overCoordinates<Name extends OperationName>(operation: Name, given: OperationArguments<Name> & { readonly d: number }, cost: number): KernelTask {
  // The compiler sees that the two belong together, but not through the name of one that is any of them.
  return { operation, arguments: given, chunks: coordinateChunks(given.d), cost } as KernelTask;
}

function coordinateChunks(d: number): number {
  return Math.ceil(d / COORDINATES_PER_CHUNK);
}

/** The last networks that were made: a run asks for the same one every round. */
const NETWORKS = new Map<string, Uint32Array>();
const MOST_NETWORKS = 8;

/** Puts a comparator network where the kernels read it; returns how many comparators it has. */
export function writeNetwork(arena: Arena, region: Region<'u32'>, key: string, make: () => Uint32Array): number {
  const network = NETWORKS.get(key) ?? make();
  if (!NETWORKS.has(key) && NETWORKS.size >= MOST_NETWORKS) NETWORKS.clear();
  NETWORKS.set(key, network);
  arena.view(region).set(network);
  return network.length / 2;
}
