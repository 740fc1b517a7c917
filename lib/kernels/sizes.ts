/** How much memory the kernels want from their caller. The layouts are those of assembly/matrix.ts, convolution.ts, columns.ts, splits.ts, points.ts, distances.ts and eigenpair.ts. */

/** Of the relaxed kernels; the strict ones' tile has 5. */
const TILE_ROWS = 6;
const TILE_COLUMNS = 8;
const DEPTH_BLOCK = 400;
const FLOAT_BYTES = 4;
const CACHE_LINE = 64;
/** Of a convolution's input gradient. */
const PIECE_FLOATS = 16_384;
/** float64 of 2,048 coordinates. */
const WEIGHTED_SUMS_BYTES = 16_384;
const CENTRED_ROW_BYTES = 4096 + 64;

/** Bytes of workspace that any of the three products needs for these sizes. */
export function multiplyWorkspace(_m: number, n: number, k: number): number {
  const depth = Math.min(DEPTH_BLOCK, k);
  const panels = Math.ceil(n / TILE_COLUMNS) * TILE_COLUMNS;
  return FLOAT_BYTES * ((1 + TILE_ROWS) * TILE_COLUMNS + depth * (TILE_ROWS + panels));
}

/** What a convolution takes and how: square kernels, and the same stride and margin of zeros in both directions. */
export interface ConvolutionGeometry {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly filters: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

/** Bytes of workspace that any of the three convolution kernels needs; the batch doesn't matter. */
export function convolutionWorkspace({ channels, height, width, filters, kernel, stride, padding }: ConvolutionGeometry): number {
  const [paddedHeight, paddedWidth] = [height + 2 * padding, width + 2 * padding];
  const [outputHeight, outputWidth] = [outputLength(paddedHeight, kernel, stride), outputLength(paddedWidth, kernel, stride)];
  const depth = channels * kernel * kernel;
  const samples = Math.max(1, Math.floor(DEPTH_BLOCK / (outputHeight * outputWidth)));
  const positions = samples * outputWidth * Math.min(outputHeight, Math.max(1, Math.floor(DEPTH_BLOCK / outputWidth)));
  const piece = depth * outputWidth * Math.min(outputHeight, Math.max(1, Math.floor(PIECE_FLOATS / (depth * outputWidth))));
  const tile = TILE_ROWS * TILE_COLUMNS;
  const forward = Math.ceil(filters / 4) * tile + depth * (filters + TILE_ROWS) + Math.min(DEPTH_BLOCK, depth) * TILE_COLUMNS;
  const parametersGradient = positions * (filters + TILE_ROWS + TILE_COLUMNS);
  const inputGradient = filters * (depth + TILE_ROWS + TILE_COLUMNS) + piece;
  const padded = samples * channels * paddedHeight * paddedWidth;
  return FLOAT_BYTES * (2 * TILE_COLUMNS + tile + depth + Math.max(forward, parametersGradient, inputGradient) + padded) + 8 * CACHE_LINE;
}

/** How often a window of `size` fits into `length` when it moves by `stride`. */
export function outputLength(length: number, size: number, stride: number): number {
  return Math.floor((length - size) / stride) + 1;
}

/** Bytes of a row of the columns that are sorted together: 16 float32. Entries of a network are multiples of it. */
export const SORTED_ROW_BYTES = 64;

/**
 * Bytes of scratch that the kernels which take some need for n rows: `sortedMean`, `nearestMean`, `twoMeans`, `squaredDistances` and `innerProducts`,
 * which takes as many bytes for a row as `squaredDistances`; `subsetMeans` takes 2 KiB for four rows, an eighth of that. `spreadAlong` and `movedMean`
 * take 4 KiB for any n, `weightedSum` 16.
 */
export function columnScratch(n: number): number {
  return Math.max(splitScratch(n), distanceScratch(n), WEIGHTED_SUMS_BYTES);
}

/** Beside the matrix. */
const EIGENPAIR_VECTORS = 8;

/**
 * float64 of workspace that `tridiagonalise` and `dominantEigenpair` need for a matrix of m rows: whole cache lines. The matrix comes first, row after row,
 * each of `eigenpairStride(m)` float64; of row i the first i + 1 count. The eigenvector stands where row m + 5 would.
 */
export function eigenpairLength(m: number): number {
  return Math.ceil(((m + EIGENPAIR_VECTORS) * eigenpairStride(m)) / 8) * 8;
}

/** float64 from one row of that matrix to the next. */
export function eigenpairStride(m: number): number {
  return m + (m % 2);
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
