/** Statistics over the rows of a table, coordinate by coordinate or over a range of them. */
import { demote, isFinite32, loadLanes, multiplyAdd, rowOf, storeLanes, sumOfPair } from './vector';
import { sumOfSquares } from './distances';

/**
 * Float32 sums in the order of the table, 16 coordinates (a cache line of each row) at a time. A coordinate whose sum
 * overflows is taken again in float64, so that it is infinite only when the mean is.
 */
export function mean(table: usize, n: u32, begin: u32, end: u32, output: usize): void {
  const divisor = f32x4.splat(<f32>n);
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; offset + 64 <= last; offset += 64) {
    let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
    for (let i: u32 = 0; i < n; i++) {
      const x = rowOf(table, i) + offset;
      s0 = f32x4.add(s0, v128.load(x));
      s1 = f32x4.add(s1, v128.load(x, 16));
      s2 = f32x4.add(s2, v128.load(x, 32));
      s3 = f32x4.add(s3, v128.load(x, 48));
    }
    const target = output + offset;
    s0 = f32x4.div(s0, divisor);
    s1 = f32x4.div(s1, divisor);
    s2 = f32x4.div(s2, divisor);
    s3 = f32x4.div(s3, divisor);
    v128.store(target, s0);
    v128.store(target, s1, 16);
    v128.store(target, s2, 32);
    v128.store(target, s3, 48);
    // One test for all sixteen; when sums of theirs overflow although they don't, `meanAgain` finds nothing to do.
    if (anyNonFinite(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)))) meanAgain(table, n, offset, offset + 64, output);
  }
  for (; offset < last; offset += 4) {
    let sum = f32x4.splat(0);
    for (let i: u32 = 0; i < n; i++) sum = f32x4.add(sum, v128.load32_zero(rowOf(table, i) + offset));
    v128.store32_lane(output + offset, f32x4.div(sum, divisor), 0);
    meanAgain(table, n, offset, offset + 4, output);
  }
}

// @ts-ignore: decorator
@inline
function anyNonFinite(x: v128): bool {
  return v128.any_true(f32x4.ne(f32x4.sub(x, x), f32x4.splat(0)));
}

function meanAgain(table: usize, n: u32, from: usize, to: usize, output: usize): void {
  for (let offset = from; offset < to; offset += 4) {
    if (isFinite32(load<f32>(output + offset))) continue;
    let sum: f64 = 0;
    for (let i: u32 = 0; i < n; i++) sum += <f64>load<f32>(rowOf(table, i) + offset);
    store<f32>(output + offset, <f32>(sum / <f64>n));
  }
}

/** As `mean`, each row times its weight. */
export function combine(table: usize, weights: usize, n: u32, begin: u32, end: u32, output: usize): void {
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; offset + 64 <= last; offset += 64) {
    let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
    for (let i: u32 = 0; i < n; i++) {
      const weight = load<f32>(weights + (<usize>i << 2));
      if (weight == 0) continue;
      const w = f32x4.splat(weight);
      const x = rowOf(table, i) + offset;
      s0 = multiplyAdd(w, v128.load(x), s0);
      s1 = multiplyAdd(w, v128.load(x, 16), s1);
      s2 = multiplyAdd(w, v128.load(x, 32), s2);
      s3 = multiplyAdd(w, v128.load(x, 48), s3);
    }
    const target = output + offset;
    v128.store(target, s0);
    v128.store(target, s1, 16);
    v128.store(target, s2, 32);
    v128.store(target, s3, 48);
    if (anyNonFinite(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)))) combineAgain(table, weights, n, offset, offset + 64, output);
  }
  for (; offset < last; offset += 4) {
    let sum = f32x4.splat(0);
    for (let i: u32 = 0; i < n; i++) {
      const weight = load<f32>(weights + (<usize>i << 2));
      if (weight != 0) sum = multiplyAdd(f32x4.splat(weight), v128.load32_zero(rowOf(table, i) + offset), sum);
    }
    v128.store32_lane(output + offset, sum, 0);
    combineAgain(table, weights, n, offset, offset + 4, output);
  }
}

function combineAgain(table: usize, weights: usize, n: u32, from: usize, to: usize, output: usize): void {
  for (let offset = from; offset < to; offset += 4) {
    if (isFinite32(load<f32>(output + offset))) continue;
    let sum: f64 = 0;
    for (let i: u32 = 0; i < n; i++) {
      const weight = load<f32>(weights + (<usize>i << 2));
      if (weight != 0) sum += <f64>weight * <f64>load<f32>(rowOf(table, i) + offset);
    }
    store<f32>(output + offset, <f32>sum);
  }
}

/*
 * Means and deviations are taken in float64 throughout: the mean of equal values is that value and their deviation 0, and
 * squares neither overflow nor vanish. Four coordinates at a time, as two pairs of float64 in vector registers.
 */

export function meanAndDeviation(table: usize, n: u32, begin: u32, end: u32, mean: usize, deviation: usize, ddof: u32): void {
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; offset + 16 <= last; offset += 16) meanAndDeviationLanes(table, n, offset, mean, deviation, ddof, false);
  for (; offset < last; offset += 4) meanAndDeviationLanes(table, n, offset, mean, deviation, ddof, true);
}

// @ts-ignore: decorator
@inline
function meanAndDeviationLanes(table: usize, n: u32, offset: usize, mean: usize, deviation: usize, ddof: u32, single: bool): void {
  const low = meanOfPair(table, n, offset, single);
  const lowDeviation = deviationOfPair(table, n, offset, low, ddof, single);
  if (single) {
    storeLanes(mean + offset, f32x4.demote_f64x2_zero(low), true);
    storeLanes(deviation + offset, f32x4.demote_f64x2_zero(lowDeviation), true);
  } else {
    const high = meanOfPair(table, n, offset + 8, false);
    storeLanes(mean + offset, demote(low, high), false);
    storeLanes(deviation + offset, demote(lowDeviation, deviationOfPair(table, n, offset + 8, high, ddof, false)), false);
  }
}

export function shiftedMean(table: usize, n: u32, begin: u32, end: u32, output: usize, factor: f64, ddof: u32): void {
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; offset + 16 <= last; offset += 16) {
    const low = shiftedMeanOfPair(table, n, offset, factor, ddof, false);
    const high = shiftedMeanOfPair(table, n, offset + 8, factor, ddof, false);
    v128.store(output + offset, demote(low, high));
  }
  for (; offset < last; offset += 4) {
    storeLanes(output + offset, f32x4.demote_f64x2_zero(shiftedMeanOfPair(table, n, offset, factor, ddof, true)), true);
  }
}

// @ts-ignore: decorator
@inline
function shiftedMeanOfPair(table: usize, n: u32, offset: usize, factor: f64, ddof: u32, single: bool): v128 {
  const mean = meanOfPair(table, n, offset, single);
  return f64x2.add(mean, f64x2.mul(f64x2.splat(factor), deviationOfPair(table, n, offset, mean, ddof, single)));
}

// @ts-ignore: decorator
@inline
function loadPair(address: usize, single: bool): v128 {
  return f64x2.promote_low_f32x4(single ? v128.load32_zero(address) : v128.load64_zero(address));
}

// @ts-ignore: decorator
@inline
function meanOfPair(table: usize, n: u32, offset: usize, single: bool): v128 {
  let sum = f64x2.splat(0);
  for (let i: u32 = 0; i < n; i++) sum = f64x2.add(sum, loadPair(rowOf(table, i) + offset, single));
  return f64x2.div(sum, f64x2.splat(<f64>n));
}

// @ts-ignore: decorator
@inline
function deviationOfPair(table: usize, n: u32, offset: usize, mean: v128, ddof: u32, single: bool): v128 {
  return f64x2.sqrt(f64x2.div(squaresOfPair(table, n, offset, mean, single), f64x2.splat(<f64>(n - ddof))));
}

/** Σ (x − mean)². */
// @ts-ignore: decorator
@inline
function squaresOfPair(table: usize, n: u32, offset: usize, mean: v128, single: bool): v128 {
  let sum = f64x2.splat(0);
  for (let i: u32 = 0; i < n; i++) {
    const difference = f64x2.sub(loadPair(rowOf(table, i) + offset, single), mean);
    sum = f64x2.add(sum, f64x2.mul(difference, difference));
  }
  return sum;
}

export function forensics(table: usize, n: u32, begin: u32, end: u32, aggregate: usize, sums: usize): void {
  memory.fill(sums, 0, 64);
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; offset + 8 <= last; offset += 8) addForensics(table, n, offset, aggregate, sums, false);
  // The unused lane is 0 throughout, and adds 0 to every sum and count.
  for (; offset < last; offset += 4) addForensics(table, n, offset, aggregate, sums, true);
}

// @ts-ignore: decorator
@inline
function addForensics(table: usize, n: u32, offset: usize, aggregate: usize, sums: usize, single: bool): void {
  const mean = meanOfPair(table, n, offset, single);
  const variance = f64x2.div(squaresOfPair(table, n, offset, mean, single), f64x2.splat(<f64>n));
  const a = loadPair(aggregate + offset, single);
  const distance = f64x2.sub(a, mean);
  const ratio = f64x2.abs(mean);
  const deviation = f64x2.sqrt(variance);
  add(sums, sumOfPair(f64x2.mul(distance, distance)));
  add(sums + 8, sumOfPair(variance));
  add(sums + 16, sumOfPair(f64x2.mul(mean, mean)));
  add(sums + 24, sumOfPair(f64x2.mul(a, a)));
  add(sums + 32, sumOfPair(f64x2.mul(a, mean)));
  add(sums + 40, countOfPair(f64x2.lt(ratio, f64x2.mul(deviation, f64x2.splat(0.5)))));
  add(sums + 48, countOfPair(f64x2.lt(ratio, deviation)));
  add(sums + 56, countOfPair(f64x2.lt(ratio, f64x2.mul(deviation, f64x2.splat(2)))));
}

// @ts-ignore: decorator
@inline
function add(address: usize, value: f64): void {
  store<f64>(address, load<f64>(address) + value);
}

// @ts-ignore: decorator
@inline
function countOfPair(mask: v128): f64 {
  return <f64>popcnt(i64x2.bitmask(mask));
}

export function hasNonFinite(row: usize, begin: u32, end: u32): u32 {
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  while (offset < last) {
    // x − x is 0 for a finite x, else NaN. A look at the sum every 1,024 coordinates ends the search early.
    const stop = min(offset + 4096, last);
    let bad = f32x4.splat(0);
    for (; offset + 16 <= stop; offset += 16) bad = v128.or(bad, nonZeroOrNaN(v128.load(row + offset)));
    for (; offset < stop; offset += 4) bad = v128.or(bad, nonZeroOrNaN(v128.load32_zero(row + offset)));
    if (v128.any_true(bad)) return 1;
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function nonZeroOrNaN(x: v128): v128 {
  return f32x4.ne(f32x4.sub(x, x), f32x4.splat(0));
}

export function squaredNorm(row: usize, begin: u32, end: u32): f64 {
  return sumOfSquares(row, <usize>begin << 2, <usize>end << 2);
}
