/**
 * Lies that lie from the mean μ of the rows in a direction p: how far the rows are from μ, how far along p, and the row μ + factor · p.
 * All in float64 and without fused operations, so that a coordinate has the same bits in pairs and alone.
 */
import { rowOf } from './vector';

/** p = −σ, with the divisor n − 1. */
const DEVIATION: u32 = 0;
/** p = −μ. */
const MEAN: u32 = 1;
/* Any other: p = −sign(μ), and 0 where μ is. */

/** Bytes of a row's block: 256 float32, whose means and directions in float64 take `SCRATCH` bytes each. */
const BLOCK: usize = 1024;
const SCRATCH: usize = 2048;

export function spreadAlong(table: usize, n: u32, begin: u32, end: u32, direction: u32, sums: usize, scratch: usize): void {
  const projections = sums + (<usize>n << 3);
  const lengths = projections + (<usize>n << 3);
  memory.fill(sums, 0, lengths + 8 - sums);
  const last = <usize>end << 2;
  for (let offset = <usize>begin << 2; offset < last; offset += BLOCK) {
    const stop = min(offset + BLOCK, last);
    const bytes = measureBlock(table, n, offset, stop, direction, scratch);
    let length = f64x2.splat(0);
    for (let place = scratch + SCRATCH; place < scratch + SCRATCH + bytes; place += 16) {
      const p = v128.load(place);
      length = f64x2.add(length, f64x2.mul(p, p));
    }
    addTo(lengths, length);
    for (let i: u32 = 0; i < n; i++) {
      const row = rowOf(table, i);
      let square = f64x2.splat(0);
      let projection = f64x2.splat(0);
      let place = scratch;
      let at = offset;
      for (; at + 8 <= stop; at += 8, place += 16) {
        const difference = f64x2.sub(loadPair(row + at, false), v128.load(place));
        square = f64x2.add(square, f64x2.mul(difference, difference));
        projection = f64x2.add(projection, f64x2.mul(difference, v128.load(place, 2048)));
      }
      if (at < stop) {
        const difference = f64x2.sub(loadPair(row + at, true), v128.load(place));
        square = f64x2.add(square, f64x2.mul(difference, difference));
        projection = f64x2.add(projection, f64x2.mul(difference, v128.load(place, 2048)));
      }
      addTo(sums + (<usize>i << 3), square);
      addTo(projections + (<usize>i << 3), projection);
    }
  }
}

export function movedMean(table: usize, n: u32, begin: u32, end: u32, output: usize, direction: u32, factor: f64, scratch: usize): void {
  const factors = f64x2.splat(factor);
  const last = <usize>end << 2;
  for (let offset = <usize>begin << 2; offset < last; offset += BLOCK) {
    const stop = min(offset + BLOCK, last);
    measureBlock(table, n, offset, stop, direction, scratch);
    let place = scratch;
    let at = offset;
    for (; at + 8 <= stop; at += 8, place += 16) v128.store64_lane(output + at, moved(place, factors), 0);
    if (at < stop) v128.store32_lane(output + at, moved(place, factors), 0);
  }
}

// @ts-ignore: decorator
@inline
function moved(place: usize, factors: v128): v128 {
  return f32x4.demote_f64x2_zero(f64x2.add(v128.load(place), f64x2.mul(factors, v128.load(place, 2048))));
}

/**
 * Leaves μ and, `SCRATCH` bytes on, p of the coordinates of the bytes offset … stop − 1 in scratch, two at a time; where a last one
 * is alone its neighbour is 0 in both. Returns the bytes that each takes. As in rows.ts, from differences to the first row: with
 * S = Σ(x − x₀) and Q = Σ(x − x₀)², μ = x₀ + S/n and Σ(x − μ)² = Q − S²/n.
 */
function measureBlock(table: usize, n: u32, offset: usize, stop: usize, direction: u32, scratch: usize): usize {
  memory.fill(scratch, 0, 2 * SCRATCH);
  const first = rowOf(table, 0);
  for (let i: u32 = 1; i < n; i++) {
    const row = rowOf(table, i);
    let place = scratch;
    let at = offset;
    for (; at + 8 <= stop; at += 8, place += 16) addDifference(place, loadPair(row + at, false), loadPair(first + at, false));
    if (at < stop) addDifference(place, loadPair(row + at, true), loadPair(first + at, true));
  }
  let place = scratch;
  let at = offset;
  for (; at + 8 <= stop; at += 8, place += 16) measurePair(place, loadPair(first + at, false), n, direction);
  if (at < stop) {
    measurePair(place, loadPair(first + at, true), n, direction);
    place += 16;
  }
  return place - scratch;
}

// @ts-ignore: decorator
@inline
function addDifference(place: usize, x: v128, origin: v128): void {
  const difference = f64x2.sub(x, origin);
  v128.store(place, f64x2.add(v128.load(place), difference));
  v128.store(place, f64x2.add(v128.load(place, 2048), f64x2.mul(difference, difference)), 2048);
}

/** Turns S and Q into μ and p. S/n by division: a mean that is a float64 comes out as it is, and one of 0 has sign 0. */
// @ts-ignore: decorator
@inline
function measurePair(place: usize, origin: v128, n: u32, direction: u32): void {
  const sum = v128.load(place);
  const shift = f64x2.div(sum, f64x2.splat(<f64>n));
  const mean = f64x2.add(origin, shift);
  let p: v128;
  if (direction == DEVIATION) {
    const squares = f64x2.max(f64x2.splat(0), f64x2.sub(v128.load(place, 2048), f64x2.mul(sum, shift)));
    p = f64x2.neg(f64x2.sqrt(f64x2.div(squares, f64x2.splat(<f64>n - 1))));
  } else if (direction == MEAN) {
    p = f64x2.neg(mean);
  } else {
    const zero = f64x2.splat(0);
    const one = f64x2.splat(1);
    p = f64x2.sub(v128.and(f64x2.lt(mean, zero), one), v128.and(f64x2.gt(mean, zero), one));
  }
  v128.store(place, mean);
  v128.store(place, p, 2048);
}

/** Two float32 as float64, or one and a 0. */
// @ts-ignore: decorator
@inline
function loadPair(address: usize, single: bool): v128 {
  return f64x2.promote_low_f32x4(single ? v128.load32_zero(address) : v128.load64_zero(address));
}

// @ts-ignore: decorator
@inline
function addTo(address: usize, pair: v128): void {
  store<f64>(address, load<f64>(address) + f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1));
}
