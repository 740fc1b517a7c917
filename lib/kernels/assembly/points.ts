/** One point and the rows of a table: weighted sums of the rows make it, squared distances and projections measure how far they are from it. */
import { BLOCK, distanceAgain, LEAST_EXACT } from './distances';
import { AHEAD, fetch } from './rows';
import { demote, loadLanes, multiplyAdd, multiplyAdd64, promoteHigh, rowOf, sumOfLanes, sumOfPair } from './vector';

/**
 * In float64, rounded once: a row of 3e38 with the weight that clips it to norm 1 keeps its digits, and nothing overflows on the way
 * to a finite result. A coordinate is written after it was read from all rows, so the output may be one of them.
 */
export function weightedSum(table: usize, weights: usize, n: u32, begin: u32, end: u32, output: usize): void {
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  let ready = offset;
  for (; offset + 32 <= last; offset += 32) {
    if (offset >= ready) {
      ready = min(offset + AHEAD, last);
      fetch(table, n, offset, ready);
    }
    weightedSumOfEight(table, weights, n, offset, output + offset);
  }
  for (; offset < last; offset += 4) {
    let sum = f64x2.splat(0);
    for (let i: u32 = 0; i < n; i++) {
      const x = f64x2.promote_low_f32x4(v128.load32_zero(rowOf(table, i) + offset));
      sum = multiplyAdd64(x, v128.load64_splat(weights + (<usize>i << 3)), sum);
    }
    v128.store32_lane(output + offset, f32x4.demote_f64x2_zero(sum), 0);
  }
}

/** Eight coordinates, in pairs. */
function weightedSumOfEight(table: usize, weights: usize, n: u32, offset: usize, output: usize): void {
  let s0 = f64x2.splat(0), s1 = f64x2.splat(0), s2 = f64x2.splat(0), s3 = f64x2.splat(0);
  for (const end = table + (<usize>n << 2); table != end; table += 4) {
    const x = rowOf(table, 0) + offset;
    const weight = v128.load64_splat(weights);
    s0 = multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x)), weight, s0);
    s1 = multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x, 8)), weight, s1);
    s2 = multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x, 16)), weight, s2);
    s3 = multiplyAdd64(f64x2.promote_low_f32x4(v128.load64_zero(x, 24)), weight, s3);
    weights += 8;
  }
  v128.store(output, demote(s0, s1));
  v128.store(output, demote(s2, s3), 16);
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
