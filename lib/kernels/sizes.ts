/** How much memory the kernels want from their caller. The layouts are those of assembly/matrix.ts, columns.ts, splits.ts and distances.ts. */

/** Of the relaxed kernels; the strict ones' tile has 5. */
const TILE_ROWS = 6;
const TILE_COLUMNS = 8;
const DEPTH_BLOCK = 400;
const FLOAT_BYTES = 4;
const CENTRED_ROW_BYTES = 4096 + 64;

/** Bytes of workspace that any of the three products needs for these sizes. */
export function multiplyWorkspace(_m: number, n: number, k: number): number {
  const depth = Math.min(DEPTH_BLOCK, k);
  const panels = Math.ceil(n / TILE_COLUMNS) * TILE_COLUMNS;
  return FLOAT_BYTES * ((1 + TILE_ROWS) * TILE_COLUMNS + depth * (TILE_ROWS + panels));
}

/** Bytes of a row of the columns that are sorted together: 16 float32. Entries of a network are multiples of it. */
export const SORTED_ROW_BYTES = 64;

/**
 * Bytes of scratch that the kernels which take some need for n rows: `sortedMean`, `nearestMean`, `twoMeans`, `squaredDistances` and `innerProducts`,
 * which takes as many bytes for a row as `squaredDistances`. What these take for a single row is more than the 4 KiB of `spreadAlong` and `movedMean`.
 */
export function columnScratch(n: number): number {
  return Math.max(splitScratch(n), distanceScratch(n));
}

/** A row of results, and sixteen groups of n rows of columns. */
function sortingScratch(n: number): number {
  return (16 * n + 1) * SORTED_ROW_BYTES;
}

/** What sorting takes, and the sums of four columns' values from each position on, in float64. */
function splitScratch(n: number): number {
  return sortingScratch(n) + 32 * n;
}

/** A block of a reference row and of all rows, in threes, and the rows' norms. */
function distanceScratch(n: number): number {
  const rows = Math.ceil(n / 3) * 3;
  return (rows + 1) * CENTRED_ROW_BYTES + rows * 8;
}
