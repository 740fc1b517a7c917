/**
 * Squared Euclidean distances of all pairs of rows: float32 within a block of coordinates, float64 between blocks.
 *
 * A block is first centred: a row r of reference values near most rows is subtracted from each. With y_i = x_i − r,
 * |x_i − x_j|² = |y_i|² + |y_j|² − 2 y_i·y_j costs a multiplication and an addition for each element of a pair; a true difference
 * costs two additions and a multiplication, and additions are the bottleneck. It would lose digits for rows that are nearer
 * to each other than to r, so a result is taken only where it exceeds (|y_i|² + |y_j|²)/4. There the errors of the three sums,
 * at most γ(|y_i|² + |y_j|² + 2|y_i||y_j|) ≤ 2γ(|y_i|² + |y_j|²), are below 8γ|x_i − x_j|²: eight times the bound γ on the relative
 * error of a sum of so many squares; rounding the y adds at most 6 · 2⁻²⁴. Elsewhere true differences are
 * taken, in float32, and where that over- or underflows, in float64. Which way a pair is taken depends on its own rows and r alone, so
 * equal rows have distance 0 and the same distance to any other row.
 */
import { multiplyAdd, promoteHigh, rowOf, sumOfLanes, sumOfPair } from './vector';

/** Bytes of a row in one block: 1,024 float32. Six of them fit the first-level cache, and a block of 51 rows the second; 512 took 4 % longer. */
export const BLOCK: usize = 4096;
/** From one centred row to the next: no power of two, so that they don't compete for the same places of the cache. */
const STRIDE: usize = BLOCK + 64;

/**
 * A block's float32 sum below this may have lost digits to underflow: each of its ≤ 1,024 terms is off by at most 7e-46,
 * together 8e-9 of this.
 */
export const LEAST_EXACT: f64 = 1e-34;

/**
 * Scratch (`distanceScratch` in sizes.ts): the reference row, the centred rows, and their squared norms in float64. Rows beyond
 * the last make their number a multiple of 3; they are 0.
 */
export function squaredDistances(table: usize, n: u32, first: u32, next: u32, begin: u32, end: u32, output: usize, scratch: usize): void {
  const from = placeOf(output, n, first, first + 1);
  memory.fill(from, 0, placeOf(output, n, next, next + 1) - from);
  const rows = (n + 2) / 3 * 3;
  const centred = scratch + STRIDE;
  const norms = centred + <usize>rows * STRIDE;
  memory.fill(centred + <usize>n * STRIDE, 0, <usize>(rows - n) * STRIDE);
  const last = <usize>end << 2;
  for (let offset = <usize>begin << 2; offset < last; offset += BLOCK) {
    const stop = min(offset + BLOCK, last);
    const bytes = centre(table, n, first, offset, stop, scratch);
    // The tiles on the diagonal give the norms that the others need.
    for (let i = first; i < next; i += 3) addTile(table, n, i, i, offset, stop, centred, norms, bytes, output);
    for (let j = next; j < n; j += 3) measureTile(j, centred, norms, bytes);
    for (let i = first; i < next; i += 3) {
      for (let j = i + 3; j < n; j += 3) addTile(table, n, i, j, offset, stop, centred, norms, bytes, output);
    }
  }
}

/** Writes x − r for the bytes offset … stop − 1 of each row from `first` on, and zeros up to a whole vector. Returns the bytes of whole vectors. */
function centre(table: usize, n: u32, first: u32, offset: usize, stop: usize, scratch: usize): usize {
  const length = stop - offset;
  const whole = length & ~15;
  // Of three rows the middle value, coordinate by coordinate: a single strange row among them does no harm.
  const p = rowOf(table, 0) + offset;
  const q = rowOf(table, n >> 1) + offset;
  const r = rowOf(table, n - 1) + offset;
  for (let at: usize = 0; at < whole; at += 16) v128.store(scratch + at, middle(v128.load(p + at), v128.load(q + at), v128.load(r + at)));
  for (let at = whole; at < length; at += 4) {
    v128.store(scratch + at, middle(v128.load32_zero(p + at), v128.load32_zero(q + at), v128.load32_zero(r + at)));
  }
  for (let i = first; i < n; i++) {
    const x = rowOf(table, i) + offset;
    const y = scratch + <usize>(i + 1) * STRIDE;
    for (let at: usize = 0; at < whole; at += 16) v128.store(y + at, f32x4.sub(v128.load(x + at), v128.load(scratch + at)));
    for (let at = whole; at < length; at += 4) v128.store(y + at, f32x4.sub(v128.load32_zero(x + at), v128.load32_zero(scratch + at)));
  }
  return (length + 15) & ~15;
}

// @ts-ignore: decorator
@inline
function middle(a: v128, b: v128, c: v128): v128 {
  return f32x4.pmax(f32x4.pmin(a, b), f32x4.pmin(f32x4.pmax(a, b), c));
}

/** Adds one block's distances of rows i … i + 2 to rows j … j + 2 to the output. */
function addTile(table: usize, n: u32, i: u32, j: u32, offset: usize, stop: usize, centred: usize, norms: usize, bytes: usize, output: usize): void {
  if (i == j) measureTile(i, centred, norms, bytes);
  else multiplyRows(centred + <usize>i * STRIDE, centred + <usize>j * STRIDE, bytes);
  const a = norms + (<usize>i << 3);
  const b = norms + (<usize>j << 3);
  const b01 = v128.load(b);
  const b2 = v128.load64_zero(b, 16);
  const end = min(n, j + 3);
  let left = addRowOfTile(placeOf(output, n, i, j), i, j, end, v128.load64_splat(a), b01, b2, s00, s01, s02);
  if (i + 1 < n) left |= addRowOfTile(placeOf(output, n, i + 1, j), i + 1, j, end, v128.load64_splat(a, 8), b01, b2, s10, s11, s12) << 3;
  if (i + 2 < n) left |= addRowOfTile(placeOf(output, n, i + 2, j), i + 2, j, end, v128.load64_splat(a, 16), b01, b2, s20, s21, s22) << 6;
  if (left != 0) addTileOfDifferences(table, n, i, j, offset, stop, left, output);
}

/** The products of rows i … i + 2 with each other, and their squared norms. */
function measureTile(i: u32, centred: usize, norms: usize, bytes: usize): void {
  const rows = centred + <usize>i * STRIDE;
  multiplyRows(rows, rows, bytes);
  const place = norms + (<usize>i << 3);
  store<f64>(place, sumOfLanes(s00));
  store<f64>(place, sumOfLanes(s11), 8);
  store<f64>(place, sumOfLanes(s22), 16);
}

/** Where the distance of rows i and j, i < j, is; those to the rows behind j follow. */
// @ts-ignore: decorator
@inline
function placeOf(output: usize, n: u32, i: u32, j: u32): usize {
  return output + ((<usize>i * <usize>(2 * n - i - 1) / 2 + <usize>j - <usize>i - 1) << 3);
}

/**
 * Adds |y_i|² + |y_j|² − 2 y_i·y_j to the distances of row i to rows j, j + 1 and j + 2, where that is exact enough. Returns a bit
 * for each where it is not. Pairs of a row with itself or an earlier one, or with a row from `end` on, don't count.
 */
// @ts-ignore: decorator
@inline
function addRowOfTile(place: usize, i: u32, j: u32, end: u32, a: v128, b01: v128, b2: v128, p0: v128, p1: v128, p2: v128): u32 {
  const low = f64x2.add(f64x2.promote_low_f32x4(p0), promoteHigh(p0));
  const high = f64x2.add(f64x2.promote_low_f32x4(p1), promoteHigh(p1));
  const products01 = f64x2.add(v128.shuffle<i64>(low, high, 0, 2), v128.shuffle<i64>(low, high, 1, 3));
  const norms01 = f64x2.add(a, b01);
  const norms2 = f64x2.add(a, b2);
  const distances01 = f64x2.sub(norms01, f64x2.add(products01, products01));
  const distances2 = f64x2.sub(norms2, f64x2.splat(2.0 * sumOfLanes(p2)));
  const exact01 = isExact(distances01, norms01);
  const exact2 = isExact(distances2, norms2);
  const left = ~(i64x2.bitmask(exact01) | (i64x2.bitmask(exact2) << 2)) & 7;
  if (i < j && j + 3 <= end) {
    v128.store(place, f64x2.add(v128.load(place), v128.and(distances01, exact01)));
    v128.store64_lane(place, f64x2.add(v128.load64_zero(place, 16), v128.and(distances2, exact2)), 0, 16);
    return left;
  }
  let counted: u32 = 0;
  for (let column = max(j, i + 1); column < end; column++) counted |= 1 << (column - j);
  if (counted & ~left & 1) addTo(place, f64x2.extract_lane(distances01, 0));
  if (counted & ~left & 2) addTo(place + 8, f64x2.extract_lane(distances01, 1));
  if (counted & ~left & 4) addTo(place + 16, f64x2.extract_lane(distances2, 0));
  return counted & left;
}

/** False for a NaN, and for sums that overflowed: infinity is not more than a quarter of itself. */
// @ts-ignore: decorator
@inline
function isExact(distances: v128, norms: v128): v128 {
  return v128.and(f64x2.gt(distances, f64x2.mul(norms, f64x2.splat(0.25))), f64x2.gt(distances, f64x2.splat(LEAST_EXACT)));
}

// @ts-ignore: decorator
@inline
function addTo(place: usize, distance: f64): void {
  store<f64>(place, load<f64>(place) + distance);
}

/** What `multiplyRows` and `sumTile` return. A module's globals belong to its instance, so no other thread sees them. */
let s00 = f32x4(0, 0, 0, 0), s01 = f32x4(0, 0, 0, 0), s02 = f32x4(0, 0, 0, 0);
let s10 = f32x4(0, 0, 0, 0), s11 = f32x4(0, 0, 0, 0), s12 = f32x4(0, 0, 0, 0);
let s20 = f32x4(0, 0, 0, 0), s21 = f32x4(0, 0, 0, 0), s22 = f32x4(0, 0, 0, 0);

/**
 * The nine dot products of three centred rows with three others. Nothing but the loop: sums that a branch behind it used again
 * made V8 11.3 order all loads before all arithmetic, and nine sums with six rows don't fit into 15 registers.
 */
function multiplyRows(a: usize, b: usize, bytes: usize): void {
  let t00 = f32x4.splat(0), t01 = f32x4.splat(0), t02 = f32x4.splat(0);
  let t10 = f32x4.splat(0), t11 = f32x4.splat(0), t12 = f32x4.splat(0);
  let t20 = f32x4.splat(0), t21 = f32x4.splat(0), t22 = f32x4.splat(0);
  for (const end = a + bytes; a != end; a += 16, b += 16) {
    const y0 = v128.load(b);
    const y1 = v128.load(b, STRIDE);
    const y2 = v128.load(b, 2 * STRIDE);
    let x = v128.load(a);
    t00 = multiplyAdd(x, y0, t00);
    t01 = multiplyAdd(x, y1, t01);
    t02 = multiplyAdd(x, y2, t02);
    x = v128.load(a, STRIDE);
    t10 = multiplyAdd(x, y0, t10);
    t11 = multiplyAdd(x, y1, t11);
    t12 = multiplyAdd(x, y2, t12);
    x = v128.load(a, 2 * STRIDE);
    t20 = multiplyAdd(x, y0, t20);
    t21 = multiplyAdd(x, y1, t21);
    t22 = multiplyAdd(x, y2, t22);
  }
  s00 = t00, s01 = t01, s02 = t02;
  s10 = t10, s11 = t11, s12 = t12;
  s20 = t20, s21 = t21, s22 = t22;
}

/** As `addTile`, by true differences, for the pairs whose bit is set in `left`. */
function addTileOfDifferences(table: usize, n: u32, i: u32, j: u32, offset: usize, stop: usize, left: u32, output: usize): void {
  const a0 = rowOf(table, i);
  const a1 = rowOf(table, min(i + 1, n - 1));
  const a2 = rowOf(table, min(i + 2, n - 1));
  const b0 = rowOf(table, j);
  const b1 = rowOf(table, min(j + 1, n - 1));
  const b2 = rowOf(table, min(j + 2, n - 1));
  sumTile(a0, a1, a2, b0, b1, b2, offset, wholeVectors(offset, stop));
  if (left & 1) addDistance(output, n, i, j, a0, b0, offset, stop, s00);
  if (left & 2) addDistance(output, n, i, j + 1, a0, b1, offset, stop, s01);
  if (left & 4) addDistance(output, n, i, j + 2, a0, b2, offset, stop, s02);
  if (left & 8) addDistance(output, n, i + 1, j, a1, b0, offset, stop, s10);
  if (left & 16) addDistance(output, n, i + 1, j + 1, a1, b1, offset, stop, s11);
  if (left & 32) addDistance(output, n, i + 1, j + 2, a1, b2, offset, stop, s12);
  if (left & 64) addDistance(output, n, i + 2, j, a2, b0, offset, stop, s20);
  if (left & 128) addDistance(output, n, i + 2, j + 1, a2, b1, offset, stop, s21);
  if (left & 256) addDistance(output, n, i + 2, j + 2, a2, b2, offset, stop, s22);
}

/** The nine sums of squared differences of three rows and three others, over the bytes from … to − 1. As `multiplyRows`, nothing but the loop. */
function sumTile(a0: usize, a1: usize, a2: usize, b0: usize, b1: usize, b2: usize, from: usize, to: usize): void {
  let t00 = f32x4.splat(0), t01 = f32x4.splat(0), t02 = f32x4.splat(0);
  let t10 = f32x4.splat(0), t11 = f32x4.splat(0), t12 = f32x4.splat(0);
  let t20 = f32x4.splat(0), t21 = f32x4.splat(0), t22 = f32x4.splat(0);
  for (let at = from; at != to; at += 16) {
    const y0 = v128.load(b0 + at);
    const y1 = v128.load(b1 + at);
    const y2 = v128.load(b2 + at);
    let x = v128.load(a0 + at);
    t00 = addSquare(x, y0, t00);
    t01 = addSquare(x, y1, t01);
    t02 = addSquare(x, y2, t02);
    x = v128.load(a1 + at);
    t10 = addSquare(x, y0, t10);
    t11 = addSquare(x, y1, t11);
    t12 = addSquare(x, y2, t12);
    x = v128.load(a2 + at);
    t20 = addSquare(x, y0, t20);
    t21 = addSquare(x, y1, t21);
    t22 = addSquare(x, y2, t22);
  }
  s00 = t00, s01 = t01, s02 = t02;
  s10 = t10, s11 = t11, s12 = t12;
  s20 = t20, s21 = t21, s22 = t22;
}

// @ts-ignore: decorator
@inline
function addSquare(x: v128, y: v128, sum: v128): v128 {
  const difference = f32x4.sub(x, y);
  return multiplyAdd(difference, difference, sum);
}

/** Where the whole vectors between `offset` and `stop` end. */
// @ts-ignore: decorator
@inline
function wholeVectors(offset: usize, stop: usize): usize {
  return offset + ((stop - offset) & ~15);
}

/** Adds a sum of `sumTile`, with the coordinates that fill no vector, to the distance of rows i and j. */
function addDistance(output: usize, n: u32, i: u32, j: u32, a: usize, b: usize, offset: usize, stop: usize, sums: v128): void {
  let sum = sumOfLanes(sums);
  for (let at = wholeVectors(offset, stop); at < stop; at += 4) {
    const difference = <f64>load<f32>(a + at) - <f64>load<f32>(b + at);
    sum += difference * difference;
  }
  if (!(sum < Infinity) || sum < LEAST_EXACT) sum = distanceAgain(a, b, offset, stop);
  addTo(placeOf(output, n, i, j), sum);
}

/** A block in float64. Blocks of equal rows, common with zero gradients or copied rows, are told apart first. */
export function distanceAgain(a: usize, b: usize, offset: usize, stop: usize): f64 {
  let sums = f64x2.splat(0);
  for (; offset + 16 <= stop; offset += 16) {
    const x = v128.load(a + offset);
    const y = v128.load(b + offset);
    if (!v128.any_true(f32x4.ne(x, y))) continue;
    const low = f64x2.sub(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y));
    const high = f64x2.sub(promoteHigh(x), promoteHigh(y));
    sums = f64x2.add(sums, f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high)));
  }
  let sum = sumOfPair(sums);
  for (; offset < stop; offset += 4) {
    const difference = <f64>load<f32>(a + offset) - <f64>load<f32>(b + offset);
    sum += difference * difference;
  }
  return sum;
}

/** Σ x² over the bytes offset … last of a row, with the same blocks and the same care. */
export function sumOfSquares(row: usize, offset: usize, last: usize): f64 {
  let total: f64 = 0;
  for (; offset < last; offset += BLOCK) {
    const stop = min(offset + BLOCK, last);
    let sum = sumOfLanes(squaresOfBlock(row, offset, stop));
    if (!(sum < Infinity) || sum < LEAST_EXACT) sum = squaresAgain(row, offset, stop);
    total += sum;
  }
  return total;
}

// @ts-ignore: decorator
@inline
function squaresOfBlock(row: usize, offset: usize, stop: usize): v128 {
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
  for (; offset + 64 <= stop; offset += 64) {
    const x0 = v128.load(row + offset);
    const x1 = v128.load(row + offset, 16);
    const x2 = v128.load(row + offset, 32);
    const x3 = v128.load(row + offset, 48);
    s0 = multiplyAdd(x0, x0, s0);
    s1 = multiplyAdd(x1, x1, s1);
    s2 = multiplyAdd(x2, x2, s2);
    s3 = multiplyAdd(x3, x3, s3);
  }
  for (; offset < stop; offset += 4) {
    const x = v128.load32_zero(row + offset);
    s0 = multiplyAdd(x, x, s0);
  }
  return f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
}

function squaresAgain(row: usize, offset: usize, stop: usize): f64 {
  let sum: f64 = 0;
  for (; offset < stop; offset += 4) {
    const x = <f64>load<f32>(row + offset);
    sum += x * x;
  }
  return sum;
}
