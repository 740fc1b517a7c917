/**
 * Order statistics of each coordinate's n values. Sixteen columns are gathered into scratch, a cache line a row, and sorted
 * together by a comparator network: no branch depends on a value, and a comparator costs two loads, a minimum,
 * a maximum and two stores for four columns.
 *
 * The network's entries are pairs of byte offsets into scratch: row · 64.
 */
import { demote, promoteHigh, rowOf } from './vector';

/** Columns sorted together, and the bytes of a row of them. */
const COLUMNS: u32 = 16;
const ROW_BYTES: usize = 64;
/** Columns gathered at a time. With 16, a cache line of each row, the median of 51 rows takes a tenth longer. */
const GATHERED: u32 = 256;

/** Scratch (`sortingScratch` in sizes.ts): a row of results, then groups of n rows of 16 columns. */
export function sortedMean(table: usize, n: u32, begin: u32, end: u32, output: usize, network: usize, comparators: u32, first: u32, last: u32, scratch: usize): void {
  for (let column = begin; column < end; column += COLUMNS) {
    const columns = min(COLUMNS, end - column);
    const group = gatheredGroup(table, n, begin, end, column, scratch);
    runNetwork(network, comparators, group);
    for (let lane: usize = 0; lane < ROW_BYTES; lane += 16) v128.store(scratch + lane, meanOfPositions(group + lane, first, last));
    scatter(scratch, output + (<usize>column << 2), columns);
  }
}

export function nearestMean(table: usize, n: u32, begin: u32, end: u32, output: usize, network: usize, comparators: u32, keep: u32, first: u32, last: u32, scratch: usize): void {
  for (let column = begin; column < end; column += COLUMNS) {
    const columns = min(COLUMNS, end - column);
    const offset = <usize>column << 2;
    const group = gatheredGroup(table, n, begin, end, column, scratch);
    runNetwork(network, comparators, group);
    let ties: u32 = 0;
    for (let lane: usize = 0; lane < ROW_BYTES; lane += 16) {
      const close = meanOfWindow(group + lane, scratch + lane, n, keep, meanOfPositions(group + lane, first, last));
      ties |= <u32>i32x4.bitmask(close) << <u32>(lane >> 2);
    }
    ties &= (1 << columns) - 1;
    for (; ties != 0; ties &= ties - 1) {
      const lane = <usize>ctz(ties) << 2;
      store<f32>(scratch + lane, nearestMeanOfColumn(table, n, offset + lane, group + lane, keep, first, last));
    }
    scatter(scratch, output + offset, columns);
  }
}

/** The group of 16 columns that starts with `column`; every few groups this gathers the next ones. */
// @ts-ignore: decorator
@inline
export function gatheredGroup(table: usize, n: u32, begin: u32, end: u32, column: u32, scratch: usize): usize {
  const place = (column - begin) % GATHERED;
  const groups = scratch + ROW_BYTES;
  if (place == 0) gather(table, n, <usize>column << 2, min(GATHERED, end - column), groups);
  return groups + <usize>(place / COLUMNS * n) * ROW_BYTES;
}

/** Copies `columns` coordinates of each row, from byte `offset` on; what is in a last group's other lanes never matters. */
function gather(table: usize, n: u32, offset: usize, columns: u32, groups: usize): void {
  const group = <usize>n * ROW_BYTES;
  const whole = columns / COLUMNS;
  const rest = <usize>(columns % COLUMNS) << 2;
  for (let i: u32 = 0; i < n; i++) {
    let row = rowOf(table, i) + offset;
    let target = groups + <usize>i * ROW_BYTES;
    for (let count = whole; count > 0; count--) {
      v128.store(target, v128.load(row));
      v128.store(target, v128.load(row, 16), 16);
      v128.store(target, v128.load(row, 32), 32);
      v128.store(target, v128.load(row, 48), 48);
      row += ROW_BYTES;
      target += group;
    }
    if (rest > 0) {
      memory.fill(target, 0, ROW_BYTES);
      memory.copy(target, row, rest);
    }
  }
}

// @ts-ignore: decorator
@inline
function scatter(result: usize, output: usize, columns: u32): void {
  if (columns == COLUMNS) {
    v128.store(output, v128.load(result));
    v128.store(output, v128.load(result, 16), 16);
    v128.store(output, v128.load(result, 32), 32);
    v128.store(output, v128.load(result, 48), 48);
  } else {
    memory.copy(output, result, <usize>columns << 2);
  }
}

// @ts-ignore: decorator
@inline
export function runNetwork(network: usize, comparators: u32, scratch: usize): void {
  const stop = network + (<usize>comparators << 3);
  for (; network < stop; network += 8) {
    const low = scratch + <usize>load<u32>(network);
    const high = scratch + <usize>load<u32>(network, 4);
    const a0 = v128.load(low), b0 = v128.load(high);
    const a1 = v128.load(low, 16), b1 = v128.load(high, 16);
    const a2 = v128.load(low, 32), b2 = v128.load(high, 32);
    const a3 = v128.load(low, 48), b3 = v128.load(high, 48);
    v128.store(low, f32x4.pmin(a0, b0));
    v128.store(high, f32x4.pmax(b0, a0));
    v128.store(low, f32x4.pmin(a1, b1), 16);
    v128.store(high, f32x4.pmax(b1, a1), 16);
    v128.store(low, f32x4.pmin(a2, b2), 32);
    v128.store(high, f32x4.pmax(b2, a2), 32);
    v128.store(low, f32x4.pmin(a3, b3), 48);
    v128.store(high, f32x4.pmax(b3, a3), 48);
  }
}

/** Mean of positions first … last of four sorted columns: summed in float64, rounded once. */
// @ts-ignore: decorator
@inline
function meanOfPositions(sorted: usize, first: u32, last: u32): v128 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const count = f64x2.splat(<f64>(last - first + 1));
  let address = sorted + <usize>first * ROW_BYTES;
  for (let i = first; i <= last; i++) {
    const x = v128.load(address);
    low = f64x2.add(low, f64x2.promote_low_f32x4(x));
    high = f64x2.add(high, promoteHigh(x));
    address += ROW_BYTES;
  }
  return demote(f64x2.div(low, count), f64x2.div(high, count));
}

/**
 * Writes the mean of the `keep` values nearest to the centre c of four sorted columns, and returns in which of them float32
 * can't tell which values those are.
 *
 * The nearest values are a window of the sorted ones: it starts at the first s where x[s + keep] is not nearer than
 * x[s]. `passes(s)` = x[s + keep] − c < c − x[s] is monotone in s, in float32 too. Of the positions that are equal modulo
 * `keep` a window holds exactly one, so the sum takes one of each such class: it starts with the first, and each s
 * that passes moves on to x[s + keep]. Nothing is subtracted from a sum.
 *
 * The centre is off by half a unit in its last place and so are the two differences: when they are within twice that of each
 * other, and the values differ, the column counts as tied.
 */
// @ts-ignore: decorator
@inline
function meanOfWindow(sorted: usize, result: usize, n: u32, keep: u32, centre: v128): v128 {
  const step = <usize>keep * ROW_BYTES;
  const end = sorted + <usize>n * ROW_BYTES;
  // 2⁻²¹
  const tolerance = f32x4.splat(4.76837158203125e-7);
  // Below the normal numbers a unit in the last place is 1.4e-45, whatever the value.
  const least = f32x4.add(f32x4.mul(f32x4.abs(centre), tolerance), f32x4.splat(1e-44));
  let close = f32x4.splat(0);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let first = sorted; first < sorted + step; first += ROW_BYTES) {
    let chosen = v128.load(first);
    let x = chosen;
    for (let address = first + step; address < end; address += step) {
      const y = v128.load(address);
      const above = f32x4.sub(y, centre);
      const below = f32x4.sub(centre, x);
      chosen = v128.bitselect(y, chosen, f32x4.lt(above, below));
      const limit = f32x4.add(f32x4.mul(f32x4.add(above, below), tolerance), least);
      const apart = f32x4.gt(f32x4.abs(f32x4.sub(above, below)), limit);
      close = v128.or(close, v128.andnot(f32x4.ne(x, y), apart));
      x = y;
    }
    low = f64x2.add(low, f64x2.promote_low_f32x4(chosen));
    high = f64x2.add(high, promoteHigh(chosen));
  }
  const count = f64x2.splat(<f64>keep);
  v128.store(result, demote(f64x2.div(low, count), f64x2.div(high, count)));
  return close;
}

/**
 * The same for one column with the centre and the distances in float64. When the values at both ends of the window's edge are
 * equally near, all values that equal one of them compete, and the rows that come first in the table win.
 */
function nearestMeanOfColumn(table: usize, n: u32, offset: usize, sorted: usize, keep: u32, first: u32, last: u32): f32 {
  let centre: f64 = 0;
  for (let i = first; i <= last; i++) centre += valueAt(sorted, i);
  centre /= <f64>(last - first + 1);
  let start: u32 = 0;
  while (start + keep < n && valueAt(sorted, start + keep) - centre < centre - valueAt(sorted, start)) start++;
  let sum: f64 = 0;
  if (start + keep == n || valueAt(sorted, start + keep) - centre > centre - valueAt(sorted, start)) {
    for (let i = start; i < start + keep; i++) sum += valueAt(sorted, i);
  } else {
    const below = valueAt(sorted, start);
    const above = valueAt(sorted, start + keep);
    let places = keep;
    for (let i = start; i < start + keep; i++) {
      const value = valueAt(sorted, i);
      if (value == below || value == above) continue;
      sum += value;
      places--;
    }
    for (let i: u32 = 0; places > 0; i++) {
      const value = <f64>load<f32>(rowOf(table, i) + offset);
      if (value != below && value != above) continue;
      sum += value;
      places--;
    }
  }
  return <f32>(sum / <f64>keep);
}

// @ts-ignore: decorator
@inline
function valueAt(sorted: usize, position: u32): f64 {
  return <f64>load<f32>(sorted + <usize>position * ROW_BYTES);
}
