/** What the rows of a table vote for, coordinate by coordinate. */
import { AHEAD, fetch } from './rows';
import { loadLanes, rowOf, storeLanes } from './vector';

/** Counted in whole numbers, sixteen coordinates at a time. Neither 0 nor −0 has a sign. */
export function majoritySign(table: usize, n: u32, begin: u32, end: u32, output: usize): void {
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  let ready = offset;
  for (; offset + 64 <= last; offset += 64) {
    if (offset >= ready) {
      ready = min(offset + AHEAD, last);
      fetch(table, n, offset, ready);
    }
    majoritiesOfSixteen(table, n, offset, output + offset);
  }
  for (; offset < last; offset += 4) {
    let votes = i32x4.splat(0);
    for (let i: u32 = 0; i < n; i++) votes = addVotes(votes, loadLanes(rowOf(table, i) + offset, true));
    storeLanes(output + offset, signOf(votes), true);
  }
}

function majoritiesOfSixteen(table: usize, n: u32, offset: usize, output: usize): void {
  let v0 = i32x4.splat(0), v1 = i32x4.splat(0), v2 = i32x4.splat(0), v3 = i32x4.splat(0);
  for (const end = table + (<usize>n << 2); table != end; table += 4) {
    const x = rowOf(table, 0) + offset;
    v0 = addVotes(v0, v128.load(x));
    v1 = addVotes(v1, v128.load(x, 16));
    v2 = addVotes(v2, v128.load(x, 32));
    v3 = addVotes(v3, v128.load(x, 48));
  }
  v128.store(output, signOf(v0));
  v128.store(output, signOf(v1), 16);
  v128.store(output, signOf(v2), 32);
  v128.store(output, signOf(v3), 48);
}

/** A comparison that holds is −1 as an integer. */
// @ts-ignore: decorator
@inline
function addVotes(votes: v128, x: v128): v128 {
  const zero = f32x4.splat(0);
  return i32x4.sub(i32x4.add(votes, f32x4.lt(x, zero)), f32x4.lt(zero, x));
}

/** 1, 0 or −1 as float32. */
// @ts-ignore: decorator
@inline
function signOf(votes: v128): v128 {
  const zero = i32x4.splat(0);
  return f32x4.convert_i32x4_s(i32x4.sub(i32x4.lt_s(votes, zero), i32x4.gt_s(votes, zero)));
}

/**
 * How many of the chosen coordinates (uint32, first … next − 1 of a list) are above 0 and how many are below it in each row, into
 * 2n float64 (overwritten): first all rows' above, then all rows' below.
 */
export function countSigns(table: usize, n: u32, coordinates: usize, first: u32, next: u32, counts: usize): void {
  const end = coordinates + (<usize>next << 2);
  for (let i: u32 = 0; i < n; i++) {
    const row = rowOf(table, i);
    // Masks are −1 where they hold.
    let positive = i32x4.splat(0);
    let negative = i32x4.splat(0);
    let place = coordinates + (<usize>first << 2);
    for (; place + 16 <= end; place += 16) {
      let x = v128.load32_zero(row + (<usize>load<u32>(place) << 2));
      x = v128.load_lane<f32>(row + (<usize>load<u32>(place, 4) << 2), x, 1);
      x = v128.load_lane<f32>(row + (<usize>load<u32>(place, 8) << 2), x, 2);
      x = v128.load_lane<f32>(row + (<usize>load<u32>(place, 12) << 2), x, 3);
      positive = i32x4.sub(positive, f32x4.gt(x, f32x4.splat(0)));
      negative = i32x4.sub(negative, f32x4.lt(x, f32x4.splat(0)));
    }
    let above = sumOfLanes(positive);
    let below = sumOfLanes(negative);
    for (; place < end; place += 4) {
      const x = load<f32>(row + (<usize>load<u32>(place) << 2));
      above += <u32>(x > 0);
      below += <u32>(x < 0);
    }
    store<f64>(counts + (<usize>i << 3), <f64>above);
    store<f64>(counts + (<usize>(n + i) << 3), <f64>below);
  }
}

// @ts-ignore: decorator
@inline
function sumOfLanes(x: v128): u32 {
  return <u32>(i32x4.extract_lane(x, 0) + i32x4.extract_lane(x, 1) + (i32x4.extract_lane(x, 2) + i32x4.extract_lane(x, 3)));
}
