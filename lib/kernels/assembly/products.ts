/**
 * Inner products of all pairs of rows, a row with itself included, in float64 throughout.
 *
 * The product of two float32 is exact in float64 and neither overflows nor vanishes (1e-90 to 1e77), so the only errors are those of the
 * sums: for rows x and y at most (256 + d/512 + 32) · 2⁻⁵³ · Σ|x_k||y_k|, which Cauchy and Schwarz hold below that factor times |x||y|. A
 * cosine made of three of them is off by at most twice the factor: 5e-13 for a million coordinates, however small or large the rows, so
 * cosine distances 1 − cos of nearly parallel rows keep their digits down to there. In float32 that bound would be 3e-5, and a Gram matrix
 * of it would see nothing but noise between honest rows that nearly agree. Of rows in float64 (sums of float32 rows) each product is
 * rounded once, which adds 2⁻⁵³ to the factor.
 *
 * Each pair's sum is made in the same order, wherever its rows are in the table: equal rows have equal products, bit by bit.
 */
import { multiplyAdd64, promoteHigh, rowOf, sumOfPair } from './vector';

/** Coordinates of a row in one block, as float64 4 KiB: six of them fit the first-level cache. */
const BLOCK: u32 = 512;
/**
 * From one row of scratch to the next, as in distances.ts: no power of two, so that they don't compete for the same places of the cache.
 */
const STRIDE: usize = 4096 + 64;

/**
 * `wide`: whether the rows are float64. Scratch as in distances.ts, of which the rows of a block take n, made a multiple of 3 with rows of
 * 0.
 */
export function innerProducts(table: usize, n: u32, first: u32, next: u32, begin: u32, end: u32, output: usize, scratch: usize, wide: bool): void {
  const from = placeOf(output, n, first, first);
  memory.fill(from, 0, placeOf(output, n, next, next) - from);
  const rows = (n + 2) / 3 * 3;
  memory.fill(scratch + <usize>n * STRIDE, 0, <usize>(rows - n) * STRIDE);
  for (let column = begin; column < end; column += BLOCK) {
    const count = min(BLOCK, end - column);
    for (let i = first; i < n; i++) {
      const target = scratch + <usize>i * STRIDE;
      if (wide) copyWide(rowOf(table, i) + (<usize>column << 3), target, count);
      else promote(rowOf(table, i) + (<usize>column << 2), target, count);
    }
    const bytes = <usize>((count + 1) & ~1) << 3;
    for (let i = first; i < next; i += 3) {
      addTile(output, n, i, i, scratch, bytes);
      for (let j = i + 3; j < n; j += 3) addTile(output, n, i, j, scratch, bytes);
    }
  }
}

/**
 * Adds one block's products of rows i … i + 2 with rows j … j + 2 to the output. Called from two places, so that it is no part of the loops:
 * inlined there, `multiplyRows` took twice as long.
 */
function addTile(output: usize, n: u32, i: u32, j: u32, rows: usize, bytes: usize): void {
  multiplyRows(rows + <usize>i * STRIDE, rows + <usize>j * STRIDE, bytes);
  addRowOfTile(output, n, i, j, s00, s01, s02);
  addRowOfTile(output, n, i + 1, j, s10, s11, s12);
  addRowOfTile(output, n, i + 2, j, s20, s21, s22);
}

/** float32 to float64, with a 0 behind an odd number of them. */
function promote(row: usize, target: usize, count: u32): void {
  let left = count;
  for (; left >= 4; left -= 4, row += 16, target += 32) {
    const x = v128.load(row);
    v128.store(target, f64x2.promote_low_f32x4(x));
    v128.store(target, promoteHigh(x), 16);
  }
  for (; left > 0; left--, row += 4, target += 8) store<f64>(target, <f64>load<f32>(row));
  if (count & 1) store<f64>(target, 0);
}

function copyWide(row: usize, target: usize, count: u32): void {
  const bytes = <usize>count << 3;
  memory.copy(target, row, bytes);
  if (count & 1) store<f64>(target + bytes, 0);
}

/** Adds one block's products of row i with rows j, j + 1 and j + 2, where i ≤ column and both are among the n rows. */
// @ts-ignore: decorator
@inline
function addRowOfTile(output: usize, n: u32, i: u32, j: u32, p0: v128, p1: v128, p2: v128): void {
  if (i >= n) return;
  if (j >= i) addTo(output, n, i, j, p0);
  if (j + 1 >= i && j + 1 < n) addTo(output, n, i, j + 1, p1);
  if (j + 2 < n) addTo(output, n, i, j + 2, p2);
}

/** Where the product of rows i ≤ j is; a row's begin with that with itself. */
// @ts-ignore: decorator
@inline
function placeOf(output: usize, n: u32, i: u32, j: u32): usize {
  return output + ((<usize>i * <usize>(2 * n - i + 1) / 2 + <usize>(j - i)) << 3);
}

// @ts-ignore: decorator
@inline
function addTo(output: usize, n: u32, i: u32, j: u32, products: v128): void {
  const place = placeOf(output, n, i, j);
  store<f64>(place, load<f64>(place) + sumOfPair(products));
}

/** What `multiplyRows` returns. A module's globals belong to its instance, so no other thread sees them. */
let s00 = f64x2(0, 0), s01 = f64x2(0, 0), s02 = f64x2(0, 0);
let s10 = f64x2(0, 0), s11 = f64x2(0, 0), s12 = f64x2(0, 0);
let s20 = f64x2(0, 0), s21 = f64x2(0, 0), s22 = f64x2(0, 0);

/** The nine inner products of three rows and three others. Nothing but the loop, for the reason given in distances.ts. */
function multiplyRows(a: usize, b: usize, bytes: usize): void {
  let t00 = f64x2.splat(0), t01 = f64x2.splat(0), t02 = f64x2.splat(0);
  let t10 = f64x2.splat(0), t11 = f64x2.splat(0), t12 = f64x2.splat(0);
  let t20 = f64x2.splat(0), t21 = f64x2.splat(0), t22 = f64x2.splat(0);
  for (const end = a + bytes; a != end; a += 16, b += 16) {
    const y0 = v128.load(b);
    const y1 = v128.load(b, STRIDE);
    const y2 = v128.load(b, 2 * STRIDE);
    let x = v128.load(a);
    t00 = multiplyAdd64(x, y0, t00);
    t01 = multiplyAdd64(x, y1, t01);
    t02 = multiplyAdd64(x, y2, t02);
    x = v128.load(a, STRIDE);
    t10 = multiplyAdd64(x, y0, t10);
    t11 = multiplyAdd64(x, y1, t11);
    t12 = multiplyAdd64(x, y2, t12);
    x = v128.load(a, 2 * STRIDE);
    t20 = multiplyAdd64(x, y0, t20);
    t21 = multiplyAdd64(x, y1, t21);
    t22 = multiplyAdd64(x, y2, t22);
  }
  s00 = t00, s01 = t01, s02 = t02;
  s10 = t10, s11 = t11, s12 = t12;
  s20 = t20, s21 = t21, s22 = t22;
}

/** sums (float64) += row (float32): a sum over rounds, in which nothing overflows and each addition costs 2⁻⁵³. */
export function addToSums(row: usize, sums: usize, begin: u32, end: u32): void {
  let x = row + (<usize>begin << 2);
  let sum = sums + (<usize>begin << 3);
  const last = row + (<usize>end << 2);
  for (; x + 16 <= last; x += 16, sum += 32) {
    const values = v128.load(x);
    v128.store(sum, f64x2.add(v128.load(sum), f64x2.promote_low_f32x4(values)));
    v128.store(sum, f64x2.add(v128.load(sum, 16), promoteHigh(values)), 16);
  }
  for (; x < last; x += 4, sum += 8) store<f64>(sum, load<f64>(sum) + <f64>load<f32>(x));
}
