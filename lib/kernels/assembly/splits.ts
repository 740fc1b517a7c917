/** How the n values of each coordinate fall into two groups, and which rows are in the smaller one. */
import { gatheredGroup, runNetwork } from './columns';
import { promoteHigh, rowOf } from './vector';

/** As in columns.ts: columns sorted together, and the bytes of a row of them. */
const COLUMNS: u32 = 16;
const ROW_BYTES: usize = 64;
const GATHERED_GROUPS: u32 = 16;

/**
 * The split of a column's sorted values x_0 ≤ … ≤ x_(n−1) into the i lowest and the others with the least sum of squares within the two:
 * the one with the greatest i(n − i)(m₂ − m₁)², m₁ and m₂ the groups' means. With S = Σ(x_k − x_0) over the lower and R over the upper
 * group that is E²/(i(n − i)), E = i·R − (n − i)·S, compared by products: whole numbers stay exact, and so do ties, which go to the least
 * i.
 *
 * All terms of S and R are ≥ 0 and each is summed for itself, so both, and i·R and (n − i)·S, have relative errors below (n + 2) · 2⁻⁵³.
 * Their difference loses little: with g = x_(n−1) − x_0, splitting off whichever end is farther from the mean already gives (i(n − i)/n)(m₂
 * − m₁)² ≥ g²/4, so the best split has m₂ − m₁ ≥ g/√n, while both means are within g of x_0: the centres' distance has a relative error
 * below 3(n + 2)√n · 2⁻⁵³, 1.3e-13 for 51 rows, whatever the common part of the values. A float64 holds everything from 1e-90 to (n² ·
 * 7e38)².
 *
 * Writes for each coordinate the centres' distance, and two limits: those at or below `low` or at or above `high` are in the smaller group.
 * Where the groups are equal, or the values all are, these are −∞ and +∞.
 */
export function twoMeans(table: usize, n: u32, begin: u32, end: u32, distances: usize, low: usize, high: usize, network: usize, comparators: u32, scratch: usize): void {
  const suffixes = scratch + ROW_BYTES * <usize>(GATHERED_GROUPS * n + 1);
  for (let column = begin; column < end; column += COLUMNS) {
    const columns = min(COLUMNS, end - column);
    const group = gatheredGroup(table, n, begin, end, column, scratch);
    runNetwork(network, comparators, group);
    for (let lane: u32 = 0; lane < columns; lane += 4) {
      splitFour(group + (<usize>lane << 2), n, suffixes);
      finish(group, n, lane, column, f64x2.extract_lane(square0, 0), f64x2.extract_lane(count0, 0), distances, low, high);
      if (lane + 1 < columns) finish(group, n, lane + 1, column, f64x2.extract_lane(square0, 1), f64x2.extract_lane(count0, 1), distances, low, high);
      if (lane + 2 < columns) finish(group, n, lane + 2, column, f64x2.extract_lane(square1, 0), f64x2.extract_lane(count1, 0), distances, low, high);
      if (lane + 3 < columns) finish(group, n, lane + 3, column, f64x2.extract_lane(square1, 1), f64x2.extract_lane(count1, 1), distances, low, high);
    }
  }
}

/** What `splitFour` returns: E² of the best split and its i, for four columns. */
let square0 = f64x2(0, 0), square1 = f64x2(0, 0);
let count0 = f64x2(0, 0), count1 = f64x2(0, 0);

/** Two pairs of columns at a time: each waits for its own comparisons alone. */
function splitFour(sorted: usize, n: u32, suffixes: usize): void {
  const x = v128.load(sorted);
  const origin0 = f64x2.promote_low_f32x4(x), origin1 = promoteHigh(x);
  const end = sorted + <usize>(n - 1) * ROW_BYTES;
  let s0 = f64x2.splat(0), s1 = f64x2.splat(0);
  let place = suffixes + (<usize>(n - 1) << 5);
  for (let at = end; at > sorted; at -= ROW_BYTES, place -= 32) {
    const x = v128.load(at);
    s0 = f64x2.add(s0, f64x2.sub(f64x2.promote_low_f32x4(x), origin0));
    s1 = f64x2.add(s1, f64x2.sub(promoteHigh(x), origin1));
    v128.store(place, s0);
    v128.store(place, s1, 16);
  }
  let best0 = f64x2.splat(0), weight0 = f64x2.splat(1), at0 = f64x2.splat(0);
  let best1 = f64x2.splat(0), weight1 = f64x2.splat(1), at1 = f64x2.splat(0);
  s0 = f64x2.splat(0);
  s1 = f64x2.splat(0);
  const one = f64x2.splat(1);
  let lower = f64x2.splat(0);
  let upper = f64x2.splat(<f64>n);
  place = suffixes;
  for (let at = sorted; at < end; at += ROW_BYTES) {
    const x = v128.load(at);
    s0 = f64x2.add(s0, f64x2.sub(f64x2.promote_low_f32x4(x), origin0));
    s1 = f64x2.add(s1, f64x2.sub(promoteHigh(x), origin1));
    place += 32;
    lower = f64x2.add(lower, one);
    upper = f64x2.sub(upper, one);
    const pairs = f64x2.mul(lower, upper);
    const e0 = f64x2.sub(f64x2.mul(lower, v128.load(place)), f64x2.mul(upper, s0));
    const e1 = f64x2.sub(f64x2.mul(lower, v128.load(place, 16)), f64x2.mul(upper, s1));
    const squared0 = f64x2.mul(e0, e0);
    const squared1 = f64x2.mul(e1, e1);
    const better0 = f64x2.gt(f64x2.mul(squared0, weight0), f64x2.mul(best0, pairs));
    const better1 = f64x2.gt(f64x2.mul(squared1, weight1), f64x2.mul(best1, pairs));
    best0 = v128.bitselect(squared0, best0, better0);
    best1 = v128.bitselect(squared1, best1, better1);
    weight0 = v128.bitselect(pairs, weight0, better0);
    weight1 = v128.bitselect(pairs, weight1, better1);
    at0 = v128.bitselect(lower, at0, better0);
    at1 = v128.bitselect(lower, at1, better1);
  }
  square0 = best0, count0 = at0;
  square1 = best1, count1 = at1;
}

// @ts-ignore: decorator
@inline
function finish(group: usize, n: u32, lane: u32, column: u32, square: f64, count: f64, distances: usize, low: usize, high: usize): void {
  const i = <u32>count;
  const offset = <usize>(column + lane) << 2;
  const sorted = group + (<usize>lane << 2);
  store<f64>(distances + (offset << 1), i == 0 ? 0 : sqrt(square) / <f64>(<u64>i * <u64>(n - i)));
  store<f32>(low + offset, i > 0 && (i << 1) < n ? load<f32>(sorted + <usize>(i - 1) * ROW_BYTES) : -Infinity);
  store<f32>(high + offset, (i << 1) > n ? load<f32>(sorted + <usize>i * ROW_BYTES) : Infinity);
}

/**
 * Over the coordinates whose distance exceeds alpha: in how many of them each row is in the smaller group, and how many they are, into n +
 * 1 float64 (overwritten). The limits of the others become −∞ and +∞.
 */
export function countSmaller(table: usize, n: u32, begin: u32, end: u32, distances: usize, low: usize, high: usize, alpha: f64, counts: usize): void {
  let indicative: u32 = 0;
  for (let k = <usize>begin; k < <usize>end; k++) {
    if (load<f64>(distances + (k << 3)) > alpha) {
      indicative++;
    } else {
      store<f32>(low + (k << 2), -Infinity);
      store<f32>(high + (k << 2), Infinity);
    }
  }
  const last = <usize>end << 2;
  for (let i: u32 = 0; i < n; i++) {
    const row = rowOf(table, i);
    let count: u32 = 0;
    let offset = <usize>begin << 2;
    if (indicative > 0) {
      for (; offset + 16 <= last; offset += 16) {
        const x = v128.load(row + offset);
        count += <u32>popcnt(i32x4.bitmask(v128.or(f32x4.le(x, v128.load(low + offset)), f32x4.ge(x, v128.load(high + offset)))));
      }
      for (; offset < last; offset += 4) {
        const x = load<f32>(row + offset);
        count += <u32>(x <= load<f32>(low + offset) || x >= load<f32>(high + offset));
      }
    }
    store<f64>(counts + (<usize>i << 3), <f64>count);
  }
  store<f64>(counts + (<usize>n << 3), <f64>indicative);
}
