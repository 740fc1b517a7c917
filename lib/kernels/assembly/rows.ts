/** Statistics over the rows of a table, coordinate by coordinate or over a range of them. */
import { addScaled, fill } from './updates';
import { demote, isFinite32, loadLanes, multiplyAdd64, rowOf, storeLanes, sumOfPair } from './vector';
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

export function meanAgain(table: usize, n: u32, from: usize, to: usize, output: usize): void {
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
 * Means and deviations are taken in float64 throughout, from differences to the first row's value x₀: with S = Σ(x − x₀) and Q = Σ(x − x₀)²,
 * μ = x₀ + S/n and Σ(x − μ)² = Q − S²/n. So the rows are visited once. The subtraction cancels little because x₀ is itself one of the values:
 * (x₀ − μ)² ≤ (n − 1)/n · Σ(x − μ)², so Q = Σ(x − μ)² + n(x₀ − μ)² ≤ n · Σ(x − μ)². Q and S²/n are off by at most (3n + 4) · 2⁻⁵³ · Q together,
 * so the relative error stays below (3n + 4)n · 2⁻⁵³, 1e-12 for 51 rows, whatever the values are, and rounding to float32 hides it up to thousands of rows.
 * Equal values have differences 0, that value for their mean and deviation 0; squares neither overflow nor vanish. An infinity makes both NaN when it
 * is in the first row, else the deviation. Eight coordinates at a time, so that eight sums are under way at once. With 39 rows a value in the
 * second-level cache takes 1.05 cycles relaxed and 1.3 strict on Zen 4.
 */

/**
 * Bytes of each row that are brought into the first-level cache together: otherwise it is 32 bytes of each row in turn that are waited for.
 * At d = 79,510, relaxed: 51 rows 2.25 ms without, 1.8 ms with; 39 rows 1.6 and 1.4 ms. Doing so while the block before is computed was slower.
 */
export const AHEAD: usize = 512;
/** So few rows are as fast without: 12 rows take 0.37 ms, and 0.40 ms with. */
const FEW: u32 = 16;

/** Keeps the loads of `fetch` from being dropped. */
let fetched: u32 = 0;

/** Reads a word of each cache line of the rows' bytes offset … stop − 1: independent loads, so that many are under way at once. */
export function fetch(table: usize, n: u32, offset: usize, stop: usize): void {
  if (n <= FEW) return;
  let word: u32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    const row = rowOf(table, i);
    for (let at = offset; at < stop; at += 64) word |= load<u32>(row + at);
  }
  fetched = word;
}

/** What `momentsOfEight` and `momentsOfOne` return. A module's globals belong to its instance, so no other thread sees them. */
let mean0 = f64x2(0, 0), mean1 = f64x2(0, 0), mean2 = f64x2(0, 0), mean3 = f64x2(0, 0);
let squares0 = f64x2(0, 0), squares1 = f64x2(0, 0), squares2 = f64x2(0, 0), squares3 = f64x2(0, 0);

/** Means and sums of squared deviations of eight coordinates, in pairs. */
function momentsOfEight(table: usize, n: u32, offset: usize): void {
  const first = rowOf(table, 0) + offset;
  const o0 = f64x2.promote_low_f32x4(v128.load64_zero(first)), o1 = f64x2.promote_low_f32x4(v128.load64_zero(first, 8));
  const o2 = f64x2.promote_low_f32x4(v128.load64_zero(first, 16)), o3 = f64x2.promote_low_f32x4(v128.load64_zero(first, 24));
  let s0 = f64x2.splat(0), s1 = f64x2.splat(0), s2 = f64x2.splat(0), s3 = f64x2.splat(0);
  let q0 = f64x2.splat(0), q1 = f64x2.splat(0), q2 = f64x2.splat(0), q3 = f64x2.splat(0);
  for (const end = table + (<usize>n << 2); table != end; table += 4) {
    const x = rowOf(table, 0) + offset;
    let d = f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(x)), o0);
    s0 = f64x2.add(s0, d);
    q0 = multiplyAdd64(d, d, q0);
    d = f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(x, 8)), o1);
    s1 = f64x2.add(s1, d);
    q1 = multiplyAdd64(d, d, q1);
    d = f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(x, 16)), o2);
    s2 = f64x2.add(s2, d);
    q2 = multiplyAdd64(d, d, q2);
    d = f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(x, 24)), o3);
    s3 = f64x2.add(s3, d);
    q3 = multiplyAdd64(d, d, q3);
  }
  const share = f64x2.splat(1 / <f64>n);
  const m0 = f64x2.mul(s0, share), m1 = f64x2.mul(s1, share), m2 = f64x2.mul(s2, share), m3 = f64x2.mul(s3, share);
  mean0 = f64x2.add(o0, m0), mean1 = f64x2.add(o1, m1), mean2 = f64x2.add(o2, m2), mean3 = f64x2.add(o3, m3);
  squares0 = f64x2.sub(q0, f64x2.mul(s0, m0)), squares1 = f64x2.sub(q1, f64x2.mul(s1, m1));
  squares2 = f64x2.sub(q2, f64x2.mul(s2, m2)), squares3 = f64x2.sub(q3, f64x2.mul(s3, m3));
}

/** The same of one coordinate; the second of the pair is 0. */
function momentsOfOne(table: usize, n: u32, offset: usize): void {
  const origin = f64x2.promote_low_f32x4(v128.load32_zero(rowOf(table, 0) + offset));
  let sum = f64x2.splat(0), squares = f64x2.splat(0);
  for (let i: u32 = 0; i < n; i++) {
    const d = f64x2.sub(f64x2.promote_low_f32x4(v128.load32_zero(rowOf(table, i) + offset)), origin);
    sum = f64x2.add(sum, d);
    squares = multiplyAdd64(d, d, squares);
  }
  const shift = f64x2.mul(sum, f64x2.splat(1 / <f64>n));
  mean0 = f64x2.add(origin, shift);
  squares0 = f64x2.sub(squares, f64x2.mul(sum, shift));
}

export function meanAndDeviation(table: usize, n: u32, begin: u32, end: u32, mean: usize, deviation: usize, ddof: u32): void {
  const share = f64x2.splat(1 / <f64>(n - ddof));
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  let ready = offset;
  for (; offset + 32 <= last; offset += 32) {
    if (offset >= ready) {
      ready = min(offset + AHEAD, last);
      fetch(table, n, offset, ready);
    }
    momentsOfEight(table, n, offset);
    v128.store(mean + offset, demote(mean0, mean1));
    v128.store(mean + offset, demote(mean2, mean3), 16);
    v128.store(deviation + offset, demote(rootOfShare(squares0, share), rootOfShare(squares1, share)));
    v128.store(deviation + offset, demote(rootOfShare(squares2, share), rootOfShare(squares3, share)), 16);
  }
  for (; offset < last; offset += 4) {
    momentsOfOne(table, n, offset);
    v128.store32_lane(mean + offset, f32x4.demote_f64x2_zero(mean0), 0);
    v128.store32_lane(deviation + offset, f32x4.demote_f64x2_zero(rootOfShare(squares0, share)), 0);
  }
}

export function shiftedMean(table: usize, n: u32, begin: u32, end: u32, output: usize, factor: f64, ddof: u32): void {
  const share = f64x2.splat(1 / <f64>(n - ddof));
  const factors = f64x2.splat(factor);
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  let ready = offset;
  for (; offset + 32 <= last; offset += 32) {
    if (offset >= ready) {
      ready = min(offset + AHEAD, last);
      fetch(table, n, offset, ready);
    }
    momentsOfEight(table, n, offset);
    v128.store(output + offset, demote(shift(mean0, squares0, share, factors), shift(mean1, squares1, share, factors)));
    v128.store(output + offset, demote(shift(mean2, squares2, share, factors), shift(mean3, squares3, share, factors)), 16);
  }
  for (; offset < last; offset += 4) {
    momentsOfOne(table, n, offset);
    v128.store32_lane(output + offset, f32x4.demote_f64x2_zero(shift(mean0, squares0, share, factors)), 0);
  }
}

// @ts-ignore: decorator
@inline
function shift(mean: v128, squares: v128, share: v128, factor: v128): v128 {
  return f64x2.add(mean, f64x2.mul(factor, rootOfShare(squares, share)));
}

// @ts-ignore: decorator
@inline
function rootOfShare(squares: v128, share: v128): v128 {
  return f64x2.sqrt(f64x2.mul(squares, share));
}

export function forensics(table: usize, n: u32, begin: u32, end: u32, aggregate: usize, sums: usize): void {
  memory.fill(sums, 0, 64);
  const share = f64x2.splat(1 / <f64>n);
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  let ready = offset;
  for (; offset + 32 <= last; offset += 32) {
    if (offset >= ready) {
      ready = min(offset + AHEAD, last);
      fetch(table, n, offset, ready);
    }
    momentsOfEight(table, n, offset);
    const a = aggregate + offset;
    const a0 = f64x2.promote_low_f32x4(v128.load64_zero(a)), a1 = f64x2.promote_low_f32x4(v128.load64_zero(a, 8));
    const a2 = f64x2.promote_low_f32x4(v128.load64_zero(a, 16)), a3 = f64x2.promote_low_f32x4(v128.load64_zero(a, 24));
    addForensics(sums, a0, a1, a2, a3, share);
  }
  mean1 = mean2 = mean3 = squares1 = squares2 = squares3 = f64x2.splat(0);
  const none = f64x2.splat(0);
  // All but the first of the eight are 0, and add 0 to every sum and count.
  for (; offset < last; offset += 4) {
    momentsOfOne(table, n, offset);
    addForensics(sums, f64x2.promote_low_f32x4(v128.load32_zero(aggregate + offset)), none, none, none, share);
  }
}

/** Adds what the eight coordinates in mean0 … and squares0 … contribute; `a0` … are the aggregate's. */
// @ts-ignore: decorator
@inline
function addForensics(sums: usize, a0: v128, a1: v128, a2: v128, a3: v128, share: v128): void {
  const v0 = f64x2.mul(squares0, share), v1 = f64x2.mul(squares1, share), v2 = f64x2.mul(squares2, share), v3 = f64x2.mul(squares3, share);
  const d0 = f64x2.sub(a0, mean0), d1 = f64x2.sub(a1, mean1), d2 = f64x2.sub(a2, mean2), d3 = f64x2.sub(a3, mean3);
  add(sums, sumOfProducts(d0, d0, d1, d1, d2, d2, d3, d3));
  add(sums + 8, sumOfPair(f64x2.add(f64x2.add(v0, v1), f64x2.add(v2, v3))));
  add(sums + 16, sumOfProducts(mean0, mean0, mean1, mean1, mean2, mean2, mean3, mean3));
  add(sums + 24, sumOfProducts(a0, a0, a1, a1, a2, a2, a3, a3));
  add(sums + 32, sumOfProducts(a0, mean0, a1, mean1, a2, mean2, a3, mean3));
  const m0 = f64x2.abs(mean0), m1 = f64x2.abs(mean1), m2 = f64x2.abs(mean2), m3 = f64x2.abs(mean3);
  const s0 = f64x2.sqrt(v0), s1 = f64x2.sqrt(v1), s2 = f64x2.sqrt(v2), s3 = f64x2.sqrt(v3);
  const half = f64x2.splat(0.5), two = f64x2.splat(2);
  add(sums + 40, countLess(m0, f64x2.mul(s0, half), m1, f64x2.mul(s1, half), m2, f64x2.mul(s2, half), m3, f64x2.mul(s3, half)));
  add(sums + 48, countLess(m0, s0, m1, s1, m2, s2, m3, s3));
  add(sums + 56, countLess(m0, f64x2.mul(s0, two), m1, f64x2.mul(s1, two), m2, f64x2.mul(s2, two), m3, f64x2.mul(s3, two)));
}

// @ts-ignore: decorator
@inline
function sumOfProducts(x0: v128, y0: v128, x1: v128, y1: v128, x2: v128, y2: v128, x3: v128, y3: v128): f64 {
  return sumOfPair(f64x2.add(f64x2.add(f64x2.mul(x0, y0), f64x2.mul(x1, y1)), f64x2.add(f64x2.mul(x2, y2), f64x2.mul(x3, y3))));
}

/** In how many of the eight lanes x < y: a lane that holds is −1 as an integer. */
// @ts-ignore: decorator
@inline
function countLess(x0: v128, y0: v128, x1: v128, y1: v128, x2: v128, y2: v128, x3: v128, y3: v128): f64 {
  const counts = i64x2.add(i64x2.add(f64x2.lt(x0, y0), f64x2.lt(x1, y1)), i64x2.add(f64x2.lt(x2, y2), f64x2.lt(x3, y3)));
  return -<f64>(<i32>i64x2.extract_lane(counts, 0) + <i32>i64x2.extract_lane(counts, 1));
}

// @ts-ignore: decorator
@inline
function add(address: usize, value: f64): void {
  store<f64>(address, load<f64>(address) + value);
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
export function nonZeroOrNaN(x: v128): v128 {
  return f32x4.ne(f32x4.sub(x, x), f32x4.splat(0));
}

export function squaredNorm(row: usize, begin: u32, end: u32): f64 {
  return sumOfSquares(row, <usize>begin << 2, <usize>end << 2);
}
