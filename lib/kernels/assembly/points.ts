/** One point and the rows of a table: weighted sums of the rows make it, squared distances and projections measure how far they are from it. */
import { BLOCK, distanceAgain, LEAST_EXACT } from './distances';
import { demote, loadLanes, multiplyAdd, multiplyAdd64, promoteHigh, rowOf, sumOfLanes, sumOfPair } from './vector';

/**
 * Coordinates whose sums, in float64, stay in the first-level cache while the rows are read in stretches long enough for the processor to fetch ahead,
 * as in `mean`. Eight coordinates of all rows at a time, with their sums in registers, took 1.27 ms for 51 rows of 79,510; this 0.78, where a mean takes 0.58.
 */
const STRETCH: u32 = 2048;

/**
 * In float64, rounded once: a row of 3e38 with the weight that clips it to norm 1 keeps its digits, and nothing overflows on the way
 * to a finite result. A coordinate is written after it was read from all rows, so the output may be one of them.
 */
export function weightedSum(table: usize, weights: usize, n: u32, begin: u32, end: u32, output: usize, sums: usize): void {
  for (; begin < end; begin += STRETCH) {
    const offset = <usize>begin << 2;
    const stop = <usize>min(begin + STRETCH, end) << 2;
    memory.fill(sums, 0, (stop - offset) << 1);
    let i: u32 = 0;
    for (; i + ROWS <= n; i += ROWS) addWeightedRows(table + (<usize>i << 2), weights + (<usize>i << 3), offset, stop, sums);
    for (; i < n; i++) addWeightedRow(rowOf(table, i), v128.load64_splat(weights + (<usize>i << 3)), offset, stop, sums);
    let sum = sums;
    let at = offset;
    for (; at + 16 <= stop; at += 16, sum += 32) v128.store(output + at, demote(v128.load(sum), v128.load(sum, 16)));
    for (; at < stop; at += 4, sum += 8) store<f32>(output + at, <f32>load<f64>(sum));
  }
}

/** As many rows at once as make loads and stores of the sums rare, and leave their weights in registers. */
const ROWS: u32 = 8;

function addWeightedRows(table: usize, weights: usize, offset: usize, stop: usize, sums: usize): void {
  const r0 = rowOf(table, 0), r1 = rowOf(table, 1), r2 = rowOf(table, 2), r3 = rowOf(table, 3);
  const r4 = rowOf(table, 4), r5 = rowOf(table, 5), r6 = rowOf(table, 6), r7 = rowOf(table, 7);
  const w0 = v128.load64_splat(weights), w1 = v128.load64_splat(weights, 8), w2 = v128.load64_splat(weights, 16), w3 = v128.load64_splat(weights, 24);
  const w4 = v128.load64_splat(weights, 32), w5 = v128.load64_splat(weights, 40), w6 = v128.load64_splat(weights, 48), w7 = v128.load64_splat(weights, 56);
  for (; offset + 16 <= stop; offset += 16, sums += 32) {
    let s0 = v128.load(sums), s1 = v128.load(sums, 16);
    let x = r0 + offset;
    s0 = multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x)), w0, s0);
    s1 = multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x, 8)), w0, s1);
    x = r1 + offset;
    s0 = multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x)), w1, s0);
    s1 = multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x, 8)), w1, s1);
    x = r2 + offset;
    s0 = multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x)), w2, s0);
    s1 = multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x, 8)), w2, s1);
    x = r3 + offset;
    s0 = multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x)), w3, s0);
    s1 = multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x, 8)), w3, s1);
    x = r4 + offset;
    s0 = multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x)), w4, s0);
    s1 = multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x, 8)), w4, s1);
    x = r5 + offset;
    s0 = multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x)), w5, s0);
    s1 = multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x, 8)), w5, s1);
    x = r6 + offset;
    s0 = multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x)), w6, s0);
    s1 = multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x, 8)), w6, s1);
    x = r7 + offset;
    s0 = multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x)), w7, s0);
    s1 = multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x, 8)), w7, s1);
    v128.store(sums, s0);
    v128.store(sums, s1, 16);
  }
  for (; offset < stop; offset += 4, sums += 8) {
    let sum = v128.load64_zero(sums);
    for (let i: u32 = 0; i < ROWS; i++) {
      const x = f64x2.promote_low_f32x4(v128.load32_zero(rowOf(table, i) + offset));
      sum = multiplyAdd64(x, v128.load64_splat(weights + (<usize>i << 3)), sum);
    }
    v128.store64_lane(sums, sum, 0);
  }
}

function addWeightedRow(row: usize, weight: v128, offset: usize, stop: usize, sums: usize): void {
  for (; offset + 16 <= stop; offset += 16, sums += 32) {
    const x = row + offset;
    v128.store(sums, multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x)), weight, v128.load(sums)));
    v128.store(sums, multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x, 8)), weight, v128.load(sums, 16)), 16);
  }
  for (; offset < stop; offset += 4, sums += 8) {
    const x = f64x2.promote_low_f32x4(v128.load32_zero(row + offset));
    v128.store64_lane(sums, multiplyAdd64(x, weight, v128.load64_zero(sums)), 0);
  }
}

/** True differences throughout: float32 within a block, float64 between blocks and where a block over- or underflows. */
export function squaredDistancesTo(table: usize, n: u32, begin: u32, end: u32, point: usize, output: usize): void {
  const last = <usize>end << 2;
  for (let i: u32 = 0; i < n; i++) {
    const row = rowOf(table, i);
    let total: f64 = 0;
    for (let offset = <usize>begin << 2; offset < last; offset += BLOCK) {
      const stop = min(offset + BLOCK, last);
      let sum = sumOfLanes(squaresOfDifferences(row, point, offset, stop));
      if (!(sum < Infinity) || sum < LEAST_EXACT) sum = distanceAgain(row, point, offset, stop);
      total += sum;
    }
    store<f64>(output + (<usize>i << 3), total);
  }
}

// @ts-ignore: decorator
@inline
function squaresOfDifferences(a: usize, b: usize, offset: usize, stop: usize): v128 {
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
  for (; offset + 64 <= stop; offset += 64) {
    const d0 = f32x4.sub(v128.load(a + offset), v128.load(b + offset));
    const d1 = f32x4.sub(v128.load(a + offset, 16), v128.load(b + offset, 16));
    const d2 = f32x4.sub(v128.load(a + offset, 32), v128.load(b + offset, 32));
    const d3 = f32x4.sub(v128.load(a + offset, 48), v128.load(b + offset, 48));
    s0 = multiplyAdd(d0, d0, s0);
    s1 = multiplyAdd(d1, d1, s1);
    s2 = multiplyAdd(d2, d2, s2);
    s3 = multiplyAdd(d3, d3, s3);
  }
  for (; offset < stop; offset += 4) {
    const d = f32x4.sub(v128.load32_zero(a + offset), v128.load32_zero(b + offset));
    s0 = multiplyAdd(d, d, s0);
  }
  return f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
}

/** How far the rows are from the point along a direction: in float64 throughout, so that near rows far from zero keep their digits. */
export function projections(table: usize, n: u32, begin: u32, end: u32, point: usize, direction: usize, output: usize): void {
  const last = <usize>end << 2;
  for (let i: u32 = 0; i < n; i++) {
    const row = rowOf(table, i);
    let s0 = f64x2.splat(0), s1 = f64x2.splat(0);
    let offset = <usize>begin << 2;
    for (; offset + 16 <= last; offset += 16) {
      const x = loadLanes(row + offset, false), p = loadLanes(point + offset, false), q = loadLanes(direction + offset, false);
      s0 = multiplyAdd64(f64x2.sub(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(p)), f64x2.promote_low_f32x4(q), s0);
      s1 = multiplyAdd64(f64x2.sub(promoteHigh(x), promoteHigh(p)), promoteHigh(q), s1);
    }
    for (; offset < last; offset += 4) {
      const x = loadLanes(row + offset, true), p = loadLanes(point + offset, true), q = loadLanes(direction + offset, true);
      s0 = multiplyAdd64(f64x2.sub(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(p)), f64x2.promote_low_f32x4(q), s0);
    }
    store<f64>(output + (<usize>i << 3), sumOfPair(f64x2.add(s0, s1)));
  }
}
