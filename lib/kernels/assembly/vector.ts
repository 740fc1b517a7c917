/** What every kernel builds on: four float32 lanes, one of which may be all there is at the end of a row. */

/** a · b + c. Fused (one rounding) in the relaxed build; this and its float64 sibling are all that tells the two builds apart. */
// @ts-ignore: decorator
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** The same of two float64 lanes. */
// @ts-ignore: decorator
@inline
export function multiplyAdd64(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f64x2.relaxed_madd(a, b, c) : f64x2.add(f64x2.mul(a, b), c);
}

/**
 * The last coordinates of a row are taken one at a time through the same vector operations, in lane 0 of a vector that is
 * otherwise 0: so a coordinate's result has the same bits there as in the body of a row, fused operations included,
 * and nothing beyond the row's end is read or written. `single` is a constant wherever these are inlined.
 */
// @ts-ignore: decorator
@inline
export function loadLanes(address: usize, single: bool): v128 {
  return single ? v128.load32_zero(address) : v128.load(address);
}

// @ts-ignore: decorator
@inline
export function storeLanes(address: usize, value: v128, single: bool): void {
  if (single) v128.store32_lane(address, value, 0);
  else v128.store(address, value);
}

/** Lanes 2 and 3 as float64; `f64x2.promote_low_f32x4` gives lanes 0 and 1. */
// @ts-ignore: decorator
@inline
export function promoteHigh(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 2, 3));
}

/** Four float64 as float32, in the order low 0, low 1, high 0, high 1. */
// @ts-ignore: decorator
@inline
export function demote(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** The sum of four float32 lanes, in float64. */
// @ts-ignore: decorator
@inline
export function sumOfLanes(x: v128): f64 {
  return sumOfPair(f64x2.add(f64x2.promote_low_f32x4(x), promoteHigh(x)));
}

/** The sum of two float64 lanes. */
// @ts-ignore: decorator
@inline
export function sumOfPair(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

/** Address of row `index` of a row table. */
// @ts-ignore: decorator
@inline
export function rowOf(table: usize, index: u32): usize {
  return <usize>load<u32>(table + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
export function isFinite32(x: f32): bool {
  return abs<f32>(x) < f32.MAX_VALUE || abs<f32>(x) == f32.MAX_VALUE;
}
