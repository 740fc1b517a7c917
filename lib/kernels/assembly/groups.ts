/** Means of groups of rows. */
import { AHEAD, fetch, meanAgain, nonZeroOrNaN } from './rows';
import { isFinite32, loadLanes, rowOf, storeLanes } from './vector';

/** Each as `mean` (rows.ts): float32 sums in the order of the group, and again in float64 where they overflow. */
export function groupMeans(members: usize, bounds: usize, groups: u32, begin: u32, end: u32, outputs: usize): void {
  for (let group: u32 = 0; group < groups; group++) {
    const from = <u32>rowOf(bounds, group), to = <u32>rowOf(bounds, group + 1);
    meanOf(members + (<usize>from << 2), to - from, <usize>begin << 2, <usize>end << 2, rowOf(outputs, group));
  }
}

function meanOf(table: usize, n: u32, from: usize, stop: usize, output: usize): void {
  const divisor = f32x4.splat(<f32>n);
  let suspicious = f32x4.splat(0);
  let offset = from;
  for (; offset + 128 <= stop; offset += 128) suspicious = v128.or(suspicious, meanOfEight(table, n, offset, divisor, output + offset));
  for (; offset + 16 <= stop; offset += 16) suspicious = v128.or(suspicious, meanOfOne(table, n, offset, divisor, output + offset, false));
  for (; offset < stop; offset += 4) suspicious = v128.or(suspicious, meanOfOne(table, n, offset, divisor, output + offset, true));
  if (v128.any_true(suspicious)) meanAgain(table, n, from, stop, output);
}

/** Eight vectors of coordinates. Returns what is not 0 where a mean is not finite. */
// @ts-ignore: decorator
@inline
function meanOfEight(table: usize, n: u32, offset: usize, divisor: v128, output: usize): v128 {
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
  let s4 = f32x4.splat(0), s5 = f32x4.splat(0), s6 = f32x4.splat(0), s7 = f32x4.splat(0);
  for (const end = table + (<usize>n << 2); table != end; table += 4) {
    const row = rowOf(table, 0) + offset;
    s0 = f32x4.add(s0, v128.load(row));
    s1 = f32x4.add(s1, v128.load(row, 16));
    s2 = f32x4.add(s2, v128.load(row, 32));
    s3 = f32x4.add(s3, v128.load(row, 48));
    s4 = f32x4.add(s4, v128.load(row, 64));
    s5 = f32x4.add(s5, v128.load(row, 80));
    s6 = f32x4.add(s6, v128.load(row, 96));
    s7 = f32x4.add(s7, v128.load(row, 112));
  }
  return storeMeans(output, divisor, s0, s1, s2, s3, s4, s5, s6, s7);
}

/** Divides and stores eight vectors of sums. Returns what is not 0 where a mean is not finite. */
// @ts-ignore: decorator
@inline
function storeMeans(output: usize, divisor: v128, s0: v128, s1: v128, s2: v128, s3: v128, s4: v128, s5: v128, s6: v128, s7: v128): v128 {
  s0 = f32x4.div(s0, divisor), s1 = f32x4.div(s1, divisor), s2 = f32x4.div(s2, divisor), s3 = f32x4.div(s3, divisor);
  s4 = f32x4.div(s4, divisor), s5 = f32x4.div(s5, divisor), s6 = f32x4.div(s6, divisor), s7 = f32x4.div(s7, divisor);
  v128.store(output, s0);
  v128.store(output, s1, 16);
  v128.store(output, s2, 32);
  v128.store(output, s3, 48);
  v128.store(output, s4, 64);
  v128.store(output, s5, 80);
  v128.store(output, s6, 96);
  v128.store(output, s7, 112);
  // x − x is 0 for a finite x, else NaN; the sum of these is NaN when one is.
  const low = f32x4.add(f32x4.add(f32x4.sub(s0, s0), f32x4.sub(s1, s1)), f32x4.add(f32x4.sub(s2, s2), f32x4.sub(s3, s3)));
  const high = f32x4.add(f32x4.add(f32x4.sub(s4, s4), f32x4.sub(s5, s5)), f32x4.add(f32x4.sub(s6, s6), f32x4.sub(s7, s7)));
  return f32x4.ne(f32x4.add(low, high), f32x4.splat(0));
}

/** One vector, or one coordinate in lane 0. */
// @ts-ignore: decorator
@inline
function meanOfOne(table: usize, n: u32, offset: usize, divisor: v128, output: usize, single: bool): v128 {
  let sum = f32x4.splat(0);
  for (let i: u32 = 0; i < n; i++) sum = f32x4.add(sum, loadLanes(rowOf(table, i) + offset, single));
  const mean = f32x4.div(sum, divisor);
  storeLanes(output, mean, single);
  return nonZeroOrNaN(mean);
}

/*
 * Where each row is in many groups, most of the additions can be shared: rows are taken in fours, the sums of all 16 subsets of a four are made once, and a group
 * adds up one of them for each four. Of 51 groups of 39 that leaves 806 additions of 1,989. What a group's mean is depends on its rows alone: float32 sums in
 * the order of the rows within a four, then in the order of the fours; a coordinate whose sum overflows is taken again in float64.
 */

/** Coordinates that are done together, as bytes: eight vectors. */
const PANEL: usize = 128;
/** Of the sums of a four's subsets. */
const FOUR: usize = 16 * PANEL;

export function subsetMeans(table: usize, n: u32, masks: usize, groups: u32, begin: u32, end: u32, outputs: usize, scratch: usize): void {
  const fours = (n + 3) >> 2;
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  let ready = offset;
  for (; offset + PANEL <= last; offset += PANEL) {
    if (offset >= ready) {
      ready = min(offset + AHEAD, last);
      fetch(table, n, offset, ready);
    }
    for (let four: u32 = 0; four < fours; four++) sumSubsets(table + (<usize>four << 4), min<u32>(4, n - (four << 2)), offset, scratch + four * FOUR);
    for (let group: u32 = 0; group < groups; group++) {
      const chosen = masks + <usize>(group * fours);
      const output = rowOf(outputs, group) + offset;
      if (v128.any_true(subsetMean(chosen, fours, scratch, output))) subsetMeanAgain(table, chosen, fours, offset, offset + PANEL, rowOf(outputs, group));
    }
  }
  if (offset == last) return;
  for (let group: u32 = 0; group < groups; group++) {
    const chosen = masks + <usize>(group * fours);
    const output = rowOf(outputs, group);
    for (let at = offset; at < last; at += 4) store<f32>(output + at, meanOfCoordinate(table, chosen, fours, at));
    subsetMeanAgain(table, chosen, fours, offset, last, output);
  }
}

/** Subset by subset, each from the one without its last row. */
function sumSubsets(table: usize, rows: u32, offset: usize, sums: usize): void {
  memory.fill(sums, 0, PANEL);
  for (let i: u32 = 0; i < rows; i++) {
    const row = rowOf(table, i) + offset;
    const x0 = v128.load(row), x1 = v128.load(row, 16), x2 = v128.load(row, 32), x3 = v128.load(row, 48);
    const x4 = v128.load(row, 64), x5 = v128.load(row, 80), x6 = v128.load(row, 96), x7 = v128.load(row, 112);
    const size = PANEL << i;
    for (let from = sums, to = sums + size, end = sums + size; from != end; from += PANEL, to += PANEL) {
      v128.store(to, f32x4.add(v128.load(from), x0));
      v128.store(to, f32x4.add(v128.load(from, 16), x1), 16);
      v128.store(to, f32x4.add(v128.load(from, 32), x2), 32);
      v128.store(to, f32x4.add(v128.load(from, 48), x3), 48);
      v128.store(to, f32x4.add(v128.load(from, 64), x4), 64);
      v128.store(to, f32x4.add(v128.load(from, 80), x5), 80);
      v128.store(to, f32x4.add(v128.load(from, 96), x6), 96);
      v128.store(to, f32x4.add(v128.load(from, 112), x7), 112);
    }
  }
}

/** One panel of a group. Returns what is not 0 where a mean is not finite. */
function subsetMean(masks: usize, fours: u32, sums: usize, output: usize): v128 {
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
  let s4 = f32x4.splat(0), s5 = f32x4.splat(0), s6 = f32x4.splat(0), s7 = f32x4.splat(0);
  let count: u32 = 0;
  for (const end = masks + <usize>fours; masks != end; masks++, sums += FOUR) {
    const mask = load<u8>(masks);
    count += popcnt<u32>(mask);
    const subset = sums + <usize>mask * PANEL;
    s0 = f32x4.add(s0, v128.load(subset));
    s1 = f32x4.add(s1, v128.load(subset, 16));
    s2 = f32x4.add(s2, v128.load(subset, 32));
    s3 = f32x4.add(s3, v128.load(subset, 48));
    s4 = f32x4.add(s4, v128.load(subset, 64));
    s5 = f32x4.add(s5, v128.load(subset, 80));
    s6 = f32x4.add(s6, v128.load(subset, 96));
    s7 = f32x4.add(s7, v128.load(subset, 112));
  }
  return storeMeans(output, f32x4.splat(<f32>count), s0, s1, s2, s3, s4, s5, s6, s7);
}

function meanOfCoordinate(table: usize, masks: usize, fours: u32, offset: usize): f32 {
  let sum: f32 = 0;
  let count: u32 = 0;
  for (let four: u32 = 0; four < fours; four++) {
    const mask = <u32>load<u8>(masks + <usize>four);
    let part: f32 = 0;
    for (let left = mask; left != 0; left &= left - 1) part += load<f32>(rowOf(table, (four << 2) + ctz(left)) + offset);
    sum += part;
    count += popcnt(mask);
  }
  return sum / <f32>count;
}

function subsetMeanAgain(table: usize, masks: usize, fours: u32, from: usize, to: usize, output: usize): void {
  for (let offset = from; offset < to; offset += 4) {
    if (isFinite32(load<f32>(output + offset))) continue;
    let sum: f64 = 0;
    let count: u32 = 0;
    for (let four: u32 = 0; four < fours; four++) {
      for (let left = <u32>load<u8>(masks + <usize>four); left != 0; left &= left - 1, count++) sum += <f64>load<f32>(rowOf(table, (four << 2) + ctz(left)) + offset);
    }
    store<f32>(output + offset, <f32>(sum / <f64>count));
  }
}
