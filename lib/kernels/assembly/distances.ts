/**
 * Squared Euclidean distances of all pairs of rows, by true differences: float32 within a block of coordinates, float64
 * between blocks.
 */
import { multiplyAdd, promoteHigh, rowOf, sumOfLanes, sumOfPair } from './vector';

/** Bytes of a row in one block: 512 float32. Six of them fit the first-level cache, and a block of 51 rows the second. */
const BLOCK: usize = 2048;

/**
 * A block's float32 sum below this may have lost digits to underflow: each of its ≤ 512 terms is off by at most 7e-46,
 * together 4e-9 of this.
 */
const LEAST_EXACT: f64 = 1e-34;

/** A tile takes the distances of three rows to three. Beyond the last row, the last one stands in and its results are dropped. */
export function squaredDistances(table: usize, n: u32, begin: u32, end: u32, output: usize): void {
  memory.fill(output, 0, <usize>(<u64>n * <u64>(n - 1) / 2) << 3);
  const last = <usize>end << 2;
  for (let offset = <usize>begin << 2; offset < last; offset += BLOCK) {
    const stop = min(offset + BLOCK, last);
    for (let i: u32 = 0; i < n; i += 3) {
      for (let j = i; j < n; j += 3) addTile(table, n, i, j, offset, stop, output);
    }
  }
}

function addTile(table: usize, n: u32, i: u32, j: u32, offset: usize, stop: usize, output: usize): void {
  const a0 = rowOf(table, i);
  const a1 = rowOf(table, min(i + 1, n - 1));
  const a2 = rowOf(table, min(i + 2, n - 1));
  const b0 = rowOf(table, j);
  const b1 = rowOf(table, min(j + 1, n - 1));
  const b2 = rowOf(table, min(j + 2, n - 1));
  sumTile(a0, a1, a2, b0, b1, b2, offset, wholeVectors(offset, stop));
  addDistance(output, n, i, j, a0, b0, offset, stop, s00);
  addDistance(output, n, i, j + 1, a0, b1, offset, stop, s01);
  addDistance(output, n, i, j + 2, a0, b2, offset, stop, s02);
  addDistance(output, n, i + 1, j, a1, b0, offset, stop, s10);
  addDistance(output, n, i + 1, j + 1, a1, b1, offset, stop, s11);
  addDistance(output, n, i + 1, j + 2, a1, b2, offset, stop, s12);
  addDistance(output, n, i + 2, j, a2, b0, offset, stop, s20);
  addDistance(output, n, i + 2, j + 1, a2, b1, offset, stop, s21);
  addDistance(output, n, i + 2, j + 2, a2, b2, offset, stop, s22);
}

/** What `sumTile` returns. A module's globals belong to its instance, so no other thread sees them. */
let s00 = f32x4(0, 0, 0, 0), s01 = f32x4(0, 0, 0, 0), s02 = f32x4(0, 0, 0, 0);
let s10 = f32x4(0, 0, 0, 0), s11 = f32x4(0, 0, 0, 0), s12 = f32x4(0, 0, 0, 0);
let s20 = f32x4(0, 0, 0, 0), s21 = f32x4(0, 0, 0, 0), s22 = f32x4(0, 0, 0, 0);

/**
 * The nine sums of squared differences over the bytes from … to − 1 of three rows and three others. Nothing but the loop: sums that a
 * branch behind it used again made V8 11.3 order all loads before all arithmetic, and nine sums with six rows don't fit
 * into 15 registers.
 */
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
  s00 = t00;
  s01 = t01;
  s02 = t02;
  s10 = t10;
  s11 = t11;
  s12 = t12;
  s20 = t20;
  s21 = t21;
  s22 = t22;
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

/** Adds one of the tile's sums, and the coordinates that fill no vector, to the distance that it belongs to. */
function addDistance(output: usize, n: u32, i: u32, j: u32, a: usize, b: usize, offset: usize, stop: usize, sums: v128): void {
  if (i >= j || j >= n) return;
  let sum = sumOfLanes(sums);
  for (let at = wholeVectors(offset, stop); at < stop; at += 4) {
    const difference = <f64>load<f32>(a + at) - <f64>load<f32>(b + at);
    sum += difference * difference;
  }
  if (!(sum < Infinity) || sum < LEAST_EXACT) sum = distanceAgain(a, b, offset, stop);
  const place = output + (<usize>(<u64>i * <u64>(2 * n - i - 1) / 2 + <u64>(j - i - 1)) << 3);
  store<f64>(place, load<f64>(place) + sum);
}

/** A block in float64. Blocks of equal rows, common with zero gradients or copied rows, are told apart first. */
function distanceAgain(a: usize, b: usize, offset: usize, stop: usize): f64 {
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
