/** Element-wise updates of rows, and copies of them or of some of their coordinates. Each coordinate is independent of the others, so a range may be split anywhere. */
import { demote, loadLanes, multiplyAdd, promoteHigh, storeLanes } from './vector';

export function fill(x: usize, begin: u32, end: u32, value: f32): void {
  const values = f32x4.splat(value);
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; offset + 16 <= last; offset += 16) v128.store(x + offset, values);
  for (; offset < last; offset += 4) store<f32>(x + offset, value);
}

export function copy(source: usize, target: usize, begin: u32, end: u32): void {
  const offset = <usize>begin << 2;
  memory.copy(target + offset, source + offset, (<usize>end << 2) - offset);
}

/** Coordinate k of the target = coordinate places[k] of the source. */
export function gather(source: usize, places: usize, target: usize, begin: u32, end: u32): void {
  const last = <usize>end << 2;
  let offset = <usize>begin << 2;
  // Four at a time: independent loads, and one store.
  for (; offset + 16 <= last; offset += 16) {
    const first = load<u64>(places + offset), second = load<u64>(places + offset, 8);
    let values = v128.load32_zero(source + (<usize>first << 2));
    values = v128.load32_lane(source + (<usize>(first >> 32) << 2), values, 1);
    values = v128.load32_lane(source + (<usize>second << 2), values, 2);
    values = v128.load32_lane(source + (<usize>(second >> 32) << 2), values, 3);
    v128.store(target + offset, values);
  }
  for (; offset < last; offset += 4) store<f32>(target + offset, load<f32>(source + (<usize>load<u32>(places + offset) << 2)));
}

/** target = x + y; it may be one of them. */
export function add(x: usize, y: usize, target: usize, begin: u32, end: u32): void {
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; offset + 16 <= last; offset += 16) v128.store(target + offset, f32x4.add(v128.load(x + offset), v128.load(y + offset)));
  for (; offset < last; offset += 4) store<f32>(target + offset, load<f32>(x + offset) + load<f32>(y + offset));
}

/** In float64, rounded once, so that a factor may be less than any float32. */
export function scale(alpha: f64, source: usize, target: usize, begin: u32, end: u32): void {
  const factor = f64x2.splat(alpha);
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; offset + 16 <= last; offset += 16) scaleLanes(factor, source + offset, target + offset, false);
  for (; offset < last; offset += 4) scaleLanes(factor, source + offset, target + offset, true);
}

// @ts-ignore: decorator
@inline
function scaleLanes(alpha: v128, source: usize, target: usize, single: bool): void {
  const x = loadLanes(source, single);
  storeLanes(target, demote(f64x2.mul(alpha, f64x2.promote_low_f32x4(x)), f64x2.mul(alpha, promoteHigh(x))), single);
}

/** Each coordinate of the target brought between those of `low` and `high`; NaN stays. */
export function clamp(target: usize, low: usize, high: usize, begin: u32, end: u32): void {
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; offset + 16 <= last; offset += 16) clampLanes(target + offset, low + offset, high + offset, false);
  for (; offset < last; offset += 4) clampLanes(target + offset, low + offset, high + offset, true);
}

// @ts-ignore: decorator
@inline
function clampLanes(target: usize, low: usize, high: usize, single: bool): void {
  storeLanes(target, f32x4.min(f32x4.max(loadLanes(target, single), loadLanes(low, single)), loadLanes(high, single)), single);
}

export function addScaled(alpha: f32, x: usize, y: usize, begin: u32, end: u32): void {
  const factor = f32x4.splat(alpha);
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; offset + 16 <= last; offset += 16) addScaledLanes(factor, x + offset, y + offset, false);
  for (; offset < last; offset += 4) addScaledLanes(factor, x + offset, y + offset, true);
}

// @ts-ignore: decorator
@inline
function addScaledLanes(alpha: v128, x: usize, y: usize, single: bool): void {
  storeLanes(y, multiplyAdd(alpha, loadLanes(x, single), loadLanes(y, single)), single);
}

export function decayAndAdd(beta: f32, v: usize, alpha: f32, x: usize, begin: u32, end: u32): void {
  const decay = f32x4.splat(beta);
  const factor = f32x4.splat(alpha);
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; offset + 16 <= last; offset += 16) decayAndAddLanes(decay, v + offset, factor, x + offset, false);
  for (; offset < last; offset += 4) decayAndAddLanes(decay, v + offset, factor, x + offset, true);
}

// @ts-ignore: decorator
@inline
function decayAndAddLanes(beta: v128, v: usize, alpha: v128, x: usize, single: bool): void {
  storeLanes(v, multiplyAdd(beta, loadLanes(v, single), f32x4.mul(alpha, loadLanes(x, single))), single);
}

/**
 * Adagrad: sums += x², y −= alpha · x / √sums, in float64 and rounded once; the sums are float64. Without fused operations, so the same bits in both builds.
 */
export function adagrad(alpha: f64, sums: usize, x: usize, y: usize, begin: u32, end: u32): void {
  const rate = f64x2.splat(alpha);
  let offset = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; offset + 16 <= last; offset += 16) {
    const g = v128.load(x + offset);
    const parameters = v128.load(y + offset);
    const place = sums + (offset << 1);
    const low = adagradLanes(rate, place, f64x2.promote_low_f32x4(g), f64x2.promote_low_f32x4(parameters));
    const high = adagradLanes(rate, place + 16, promoteHigh(g), promoteHigh(parameters));
    v128.store(y + offset, demote(low, high));
  }
  for (; offset < last; offset += 4) {
    const g = <f64>load<f32>(x + offset);
    const place = sums + (offset << 1);
    const sum = load<f64>(place) + g * g;
    store<f64>(place, sum);
    store<f32>(y + offset, <f32>(<f64>load<f32>(y + offset) - (alpha * g) / sqrt<f64>(max<f64>(sum, LEAST_SUM))));
  }
}

/** Below the square of every float32 but 0: where a coordinate has never moved, 0 is divided by its root and not by 0. */
const LEAST_SUM: f64 = 1e-300;

// @ts-ignore: decorator
@inline
function adagradLanes(alpha: v128, place: usize, g: v128, parameters: v128): v128 {
  const sum = f64x2.add(v128.load(place), f64x2.mul(g, g));
  v128.store(place, sum);
  return f64x2.sub(parameters, f64x2.div(f64x2.mul(alpha, g), f64x2.sqrt(f64x2.max(sum, f64x2.splat(LEAST_SUM)))));
}
