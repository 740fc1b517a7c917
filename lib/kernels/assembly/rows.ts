/** Statistics over the rows of a table, coordinate by coordinate or over a range of them. */
import { addScaled, fill } from './updates';
import { demote, isFinite32, loadLanes, rowOf, storeLanes, sumOfPair } from './vector';
import { sumOfSquares } from './distances';

/**
 * Bytes of a row that are summed before the next rows' turn. The sums stay in the first-level cache; the rows are read in
 * stretches long enough for the processor to fetch ahead: with 4 KiB a mean takes half as long again, with 1 KiB twice as long.
 */
const STRETCH: usize = 16_384;

/**
 * Float32 sums in the order of the table. A coordinate whose sum overflows is taken again in float64, so that it is infinite
 * only when the mean is.
 */
export function mean(table: usize, n: u32, begin: u32, end: u32, output: usize): void {
  const divisor = f32x4.splat(<f32>n);
  const last = <usize>end << 2;
  for (let offset = <usize>begin << 2; offset < last; offset += STRETCH) {
    const stop = min(offset + STRETCH, last);
    memory.fill(output + offset, 0, stop - offset);
    let i: u32 = 0;
    for (; i + 8 <= n; i += 8) addEightRows(table + (<usize>i << 2), offset, stop, output);
    for (; i < n; i++) addRow(rowOf(table, i), offset, stop, output);
    let suspicious = f32x4.splat(0);
    let at = offset;
    for (; at + 16 <= stop; at += 16) suspicious = v128.or(suspicious, divideLanes(output + at, divisor, false));
    for (; at < stop; at += 4) suspicious = v128.or(suspicious, divideLanes(output + at, divisor, true));
    if (v128.any_true(suspicious)) meanAgain(table, n, offset, stop, output);
  }
}

/** output += row, for eight rows at a time: one load and store of the sum for eight additions. */
function addEightRows(table: usize, offset: usize, stop: usize, output: usize): void {
  const r0 = rowOf(table, 0), r1 = rowOf(table, 1), r2 = rowOf(table, 2), r3 = rowOf(table, 3);
  const r4 = rowOf(table, 4), r5 = rowOf(table, 5), r6 = rowOf(table, 6), r7 = rowOf(table, 7);
  for (; offset + 16 <= stop; offset += 16) {
    let sum = v128.load(output + offset);
    sum = f32x4.add(sum, v128.load(r0 + offset));
    sum = f32x4.add(sum, v128.load(r1 + offset));
    sum = f32x4.add(sum, v128.load(r2 + offset));
    sum = f32x4.add(sum, v128.load(r3 + offset));
    sum = f32x4.add(sum, v128.load(r4 + offset));
    sum = f32x4.add(sum, v128.load(r5 + offset));
    sum = f32x4.add(sum, v128.load(r6 + offset));
    sum = f32x4.add(sum, v128.load(r7 + offset));
    v128.store(output + offset, sum);
  }
  for (; offset < stop; offset += 4) {
    let sum = load<f32>(output + offset);
    for (let i: u32 = 0; i < 8; i++) sum += load<f32>(rowOf(table, i) + offset);
    store<f32>(output + offset, sum);
  }
}

function addRow(row: usize, offset: usize, stop: usize, output: usize): void {
  for (; offset + 16 <= stop; offset += 16) v128.store(output + offset, f32x4.add(v128.load(output + offset), v128.load(row + offset)));
  for (; offset < stop; offset += 4) store<f32>(output + offset, load<f32>(output + offset) + load<f32>(row + offset));
}

/** Divides in place; the lanes that are not finite come back as not 0. */
// @ts-ignore: decorator
@inline
function divideLanes(address: usize, divisor: v128, single: bool): v128 {
  const quotient = f32x4.div(loadLanes(address, single), divisor);
  storeLanes(address, quotient, single);
  return nonZeroOrNaN(quotient);
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
  const coordinates = <u32>(STRETCH >> 2);
  for (; begin < end; begin += coordinates) {
    const stop = min(begin + coordinates, end);
    fill(output, begin, stop, 0);
    for (let i: u32 = 0; i < n; i++) {
      const weight = load<f32>(weights + (<usize>i << 2));
      if (weight != 0) addScaled(weight, rowOf(table, i), output, begin, stop);
    }
    if (hasNonFinite(output, begin, stop)) combineAgain(table, weights, n, <usize>begin << 2, <usize>stop << 2, output);
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
 * squares neither overflow nor vanish. Eight coordinates at a time, so that four additions are under way at once.
 */

/** What `momentsOfEight` and `momentsOfOne` return. A module's globals belong to its instance, so no other thread sees them. */
let mean0 = f64x2(0, 0), mean1 = f64x2(0, 0), mean2 = f64x2(0, 0), mean3 = f64x2(0, 0);
let squares0 = f64x2(0, 0), squares1 = f64x2(0, 0), squares2 = f64x2(0, 0), squares3 = f64x2(0, 0);

/** Means and sums of squared deviations of eight coordinates, in pairs. */
function momentsOfEight(table: usize, n: u32, offset: usize): void {
  const divisor = f64x2.splat(<f64>n);
  let s0 = f64x2.splat(0), s1 = f64x2.splat(0), s2 = f64x2.splat(0), s3 = f64x2.splat(0);
  for (let i: u32 = 0; i < n; i++) {
    const x = rowOf(table, i) + offset;
    s0 = f64x2.add(s0, f64x2.promote_low_f32x4(v128.load64_zero(x)));
    s1 = f64x2.add(s1, f64x2.promote_low_f32x4(v128.load64_zero(x, 8)));
    s2 = f64x2.add(s2, f64x2.promote_low_f32x4(v128.load64_zero(x, 16)));
    s3 = f64x2.add(s3, f64x2.promote_low_f32x4(v128.load64_zero(x, 24)));
  }
  const m0 = f64x2.div(s0, divisor), m1 = f64x2.div(s1, divisor), m2 = f64x2.div(s2, divisor), m3 = f64x2.div(s3, divisor);
  s0 = f64x2.splat(0), s1 = f64x2.splat(0), s2 = f64x2.splat(0), s3 = f64x2.splat(0);
  for (let i: u32 = 0; i < n; i++) {
    const x = rowOf(table, i) + offset;
    s0 = addSquare(v128.load64_zero(x), m0, s0);
    s1 = addSquare(v128.load64_zero(x, 8), m1, s1);
    s2 = addSquare(v128.load64_zero(x, 16), m2, s2);
    s3 = addSquare(v128.load64_zero(x, 24), m3, s3);
  }
  mean0 = m0, mean1 = m1, mean2 = m2, mean3 = m3;
  squares0 = s0, squares1 = s1, squares2 = s2, squares3 = s3;
}

/** The same of one coordinate; the second of the pair is 0. */
function momentsOfOne(table: usize, n: u32, offset: usize): void {
  let sum = f64x2.splat(0);
  for (let i: u32 = 0; i < n; i++) sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load32_zero(rowOf(table, i) + offset)));
  const mean = f64x2.div(sum, f64x2.splat(<f64>n));
  sum = f64x2.splat(0);
  for (let i: u32 = 0; i < n; i++) sum = addSquare(v128.load32_zero(rowOf(table, i) + offset), mean, sum);
  mean0 = mean;
  squares0 = sum;
}

/** sum + (x − mean)² for the first two lanes of x. */
// @ts-ignore: decorator
@inline
function addSquare(x: v128, mean: v128, sum: v128): v128 {
  const difference = f64x2.sub(f64x2.promote_low_f32x4(x), mean);
  return f64x2.add(sum, f64x2.mul(difference, difference));
}

export function meanAndDeviation(table: usize, n: u32, begin: u32, end: u32, mean: usize, deviation: usize, ddof: u32): void {
  const divisor = f64x2.splat(<f64>(n - ddof));
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; offset + 32 <= last; offset += 32) {
    momentsOfEight(table, n, offset);
    v128.store(mean + offset, demote(mean0, mean1));
    v128.store(mean + offset, demote(mean2, mean3), 16);
    v128.store(deviation + offset, demote(rootOfRatio(squares0, divisor), rootOfRatio(squares1, divisor)));
    v128.store(deviation + offset, demote(rootOfRatio(squares2, divisor), rootOfRatio(squares3, divisor)), 16);
  }
  for (; offset < last; offset += 4) {
    momentsOfOne(table, n, offset);
    v128.store32_lane(mean + offset, f32x4.demote_f64x2_zero(mean0), 0);
    v128.store32_lane(deviation + offset, f32x4.demote_f64x2_zero(rootOfRatio(squares0, divisor)), 0);
  }
}

export function shiftedMean(table: usize, n: u32, begin: u32, end: u32, output: usize, factor: f64, ddof: u32): void {
  const divisor = f64x2.splat(<f64>(n - ddof));
  const factors = f64x2.splat(factor);
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; offset + 32 <= last; offset += 32) {
    momentsOfEight(table, n, offset);
    v128.store(output + offset, demote(shift(mean0, squares0, divisor, factors), shift(mean1, squares1, divisor, factors)));
    v128.store(output + offset, demote(shift(mean2, squares2, divisor, factors), shift(mean3, squares3, divisor, factors)), 16);
  }
  for (; offset < last; offset += 4) {
    momentsOfOne(table, n, offset);
    v128.store32_lane(output + offset, f32x4.demote_f64x2_zero(shift(mean0, squares0, divisor, factors)), 0);
  }
}

// @ts-ignore: decorator
@inline
function shift(mean: v128, squares: v128, divisor: v128, factor: v128): v128 {
  return f64x2.add(mean, f64x2.mul(factor, rootOfRatio(squares, divisor)));
}

// @ts-ignore: decorator
@inline
function rootOfRatio(squares: v128, divisor: v128): v128 {
  return f64x2.sqrt(f64x2.div(squares, divisor));
}

export function forensics(table: usize, n: u32, begin: u32, end: u32, aggregate: usize, sums: usize): void {
  memory.fill(sums, 0, 64);
  const divisor = f64x2.splat(<f64>n);
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; offset + 32 <= last; offset += 32) {
    momentsOfEight(table, n, offset);
    const a = aggregate + offset;
    addForensics(sums, mean0, squares0, v128.load64_zero(a), divisor);
    addForensics(sums, mean1, squares1, v128.load64_zero(a, 8), divisor);
    addForensics(sums, mean2, squares2, v128.load64_zero(a, 16), divisor);
    addForensics(sums, mean3, squares3, v128.load64_zero(a, 24), divisor);
  }
  // The second of the pair is 0 throughout, and adds 0 to every sum and count.
  for (; offset < last; offset += 4) {
    momentsOfOne(table, n, offset);
    addForensics(sums, mean0, squares0, v128.load32_zero(aggregate + offset), divisor);
  }
}

function addForensics(sums: usize, mean: v128, squares: v128, aggregate: v128, divisor: v128): void {
  const a = f64x2.promote_low_f32x4(aggregate);
  const variance = f64x2.div(squares, divisor);
  const deviation = f64x2.sqrt(variance);
  const distance = f64x2.sub(a, mean);
  const magnitude = f64x2.abs(mean);
  add(sums, sumOfPair(f64x2.mul(distance, distance)));
  add(sums + 8, sumOfPair(variance));
  add(sums + 16, sumOfPair(f64x2.mul(mean, mean)));
  add(sums + 24, sumOfPair(f64x2.mul(a, a)));
  add(sums + 32, sumOfPair(f64x2.mul(a, mean)));
  add(sums + 40, countOfPair(f64x2.lt(magnitude, f64x2.mul(deviation, f64x2.splat(0.5)))));
  add(sums + 48, countOfPair(f64x2.lt(magnitude, deviation)));
  add(sums + 56, countOfPair(f64x2.lt(magnitude, f64x2.mul(deviation, f64x2.splat(2)))));
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
