/** How the n values of each coordinate fall into two groups, and which rows are in the smaller one. */
import { gatheredGroup, runNetwork } from './columns';
import { rowOf } from './vector';

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
    for (let lane: u32 = 0; lane < columns; lane += 2) {
      splitPair(group + (<usize>lane << 2), n, suffixes);
      finish(group, n, lane, column, f64x2.extract_lane(bestSquare, 0), f64x2.extract_lane(bestCount, 0), distances, low, high);
      if (lane + 1 < columns) finish(group, n, lane + 1, column, f64x2.extract_lane(bestSquare, 1), f64x2.extract_lane(bestCount, 1), distances, low, high);
    }
  }
}

/** What `splitPair` returns: E² of the best split and its i, for two columns. */
let bestSquare = f64x2(0, 0);
let bestCount = f64x2(0, 0);

function splitPair(sorted: usize, n: u32, suffixes: usize): void {
  const origin = valuesAt(sorted, 0);
  let sum = f64x2.splat(0);
  for (let i = n - 1; i > 0; i--) {
    sum = f64x2.add(sum, f64x2.sub(valuesAt(sorted, i), origin));
    v128.store(suffixes + (<usize>i << 4), sum);
  }
  let square = f64x2.splat(0);
  let weight = f64x2.splat(1);
  let count = f64x2.splat(0);
  sum = f64x2.splat(0);
  for (let i: u32 = 1; i < n; i++) {
    sum = f64x2.add(sum, f64x2.sub(valuesAt(sorted, i - 1), origin));
    const lower = f64x2.splat(<f64>i);
    const upper = f64x2.splat(<f64>(n - i));
    const e = f64x2.sub(f64x2.mul(lower, v128.load(suffixes + (<usize>i << 4))), f64x2.mul(upper, sum));
    const squared = f64x2.mul(e, e);
    const pairs = f64x2.mul(lower, upper);
    const better = f64x2.gt(f64x2.mul(squared, weight), f64x2.mul(square, pairs));
    square = v128.bitselect(squared, square, better);
    weight = v128.bitselect(pairs, weight, better);
    count = v128.bitselect(lower, count, better);
  }
  bestSquare = square;
  bestCount = count;
}

/** Two columns' values at a sorted position. */
// @ts-ignore: decorator
@inline
function valuesAt(sorted: usize, position: u32): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(sorted + <usize>position * ROW_BYTES));
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
