import type { Arena } from '../memory/arena.js';
import type { Address, Region } from '../memory/regions.js';
import { sortingNetwork } from './network.js';
import type { Work } from './task.js';
import { distanceChunks, overCoordinates, type RowTable, sumOfPartials, writeNetwork } from './work.js';

/** The callers' side of the operations that tell how rows compare: in pairs, by their signs, and by who is in the minority. As in work.ts. */

/**
 * Inner products of all pairs, as a full n × n matrix (row-major, ‖row i‖² on the diagonal), in float64: the errors are in
 * assembly/products.ts. `partials`: a region of `productPartialsLength(n, d)` float64. `element`: what the rows are made of.
 */
export function* innerProducts(
  arena: Arena, rows: RowTable, partials: Region<'f64'>, products: Region<'f64'>, element: 'f32' | 'f64' = 'f32',
): Work<Float64Array> {
  const { table, n, d } = rows;
  const { width, blocks, bands } = distanceChunks(n, d);
  yield {
    operation: 'innerProducts',
    arguments: { table, n, d, partials: partials.address, width, bands, float64: Number(element === 'f64') },
    chunks: blocks * bands,
    cost: 2 * n * n * d,
  };
  const partial = arena.view(partials);
  const matrix = arena.view(products);
  const pairs = (n * (n + 1)) / 2;
  for (let i = 0, pair = 0; i < n; i++) {
    for (let j = i; j < n; j++, pair++) {
      let sum = 0;
      for (let block = 0; block < blocks; block++) sum += partial[block * pairs + pair] as number;
      matrix[i * n + j] = sum;
      matrix[j * n + i] = sum;
    }
  }
  return matrix;
}

/** Row i of `sumsTable` (float64) += row i. */
export function* addRowsToSums(rows: RowTable, sumsTable: Address): Work {
  const { table, n, d } = rows;
  yield overCoordinates('addRowsToSums', { table, n, d, sums: sumsTable }, 3 * n * d);
}

/** In how many of the listed coordinates each row is above 0, and below it. */
export interface SignCounts {
  readonly above: Float64Array;
  readonly below: Float64Array;
}

/**
 * ‖row i‖² of each row, and how many of its values at the listed coordinates are above 0 and below 0, in one visit. `coordinates`: a region
 * whose first `count` uint32 are looked at; `norms`: n float64, `counts`: 2n.
 */
export function* normsAndSigns(
  arena: Arena, rows: RowTable, coordinates: Region<'u32'>, count: number, norms: Region<'f64'>, counts: Region<'f64'>,
): Work<SignCounts & { readonly squared: Float64Array }> {
  const { table, n, d } = rows;
  const given = { table, n, d, norms: norms.address, listed: coordinates.address, count, counts: counts.address };
  yield { operation: 'normsAndSigns', arguments: given, chunks: n, cost: 2 * n * d + 4 * n * count };
  const signs = arena.view(counts);
  const pick = (side: number): Float64Array => Float64Array.from({ length: n }, (_, row) => signs[2 * row + side] as number);
  return { squared: arena.view(norms).subarray(0, n), above: pick(0), below: pick(1) };
}

/** Where `twoMeans` leaves each coordinate's split: d float64 and twice d float32. */
export interface Splits {
  /** Of the two groups' means. */
  readonly distances: Region<'f64'>;
  /** Values at or below `low` or at or above `high` are in the smaller group; −∞ and +∞ when neither group is smaller. */
  readonly low: Region<'f32'>;
  readonly high: Region<'f32'>;
}

/** The split of each coordinate's n values into two groups of least squares. `network`: a region of `2 · maximumComparators(n)` uint32 that it may write. */
export function* twoMeans(arena: Arena, rows: RowTable, network: Region<'u32'>, { distances, low, high }: Splits): Work {
  const { table, n, d } = rows;
  const comparators = writeNetwork(arena, network, `${n}`, () => sortingNetwork(n));
  const given = { table, n, d, distances: distances.address, low: low.address, high: high.address, network: network.address, comparators };
  yield overCoordinates('twoMeans', given, (2 * comparators + 10 * n) * d);
}

/**
 * In how many of the coordinates whose groups are more than alpha apart each row is in the smaller one, and how many such coordinates
 * there are. Spoils the limits of the others. `partials`: `pointPartialsLength(n + 1, d)` float64.
 */
export function* countSmaller(
  arena: Arena, rows: RowTable, { distances, low, high }: Splits, alpha: number, partials: Region<'f64'>,
): Work<{ readonly counts: Float64Array; readonly indicative: number }> {
  const { table, n, d } = rows;
  const given = { table, n, d, distances: distances.address, low: low.address, high: high.address, alpha, partials: partials.address };
  yield overCoordinates('countSmaller', given, 3 * n * d);
  const sums = sumOfPartials(arena, partials, n + 1, d);
  return { counts: sums.subarray(0, n), indicative: sums[n] as number };
}

/** float64 that the partial inner products of n rows of d coordinates take. */
export function productPartialsLength(n: number, d: number): number {
  return (distanceChunks(n, d).blocks * n * (n + 1)) / 2;
}
