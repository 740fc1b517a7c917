/** exp and log by polynomials: AssemblyScript's Mathf keeps tables in static data, which every instantiation rewrites. */
import { multiplyAdd } from './vector';

/**
 * −64 ln 2: `exponential` gives 0 below it. A term of less than 2⁻⁶⁴ is lost in a float64 sum ≥ 1 anyway, so no loss changes; what goes is gradients of
 * less than 10⁻¹⁹, whose products with weights and inputs would be denormal. On Intel's processors an operation with one takes more than a hundred
 * cycles: once a model was sure of its answers, the 51 gradients of a round took 57 to 84 ms rather than 57 to 62 (digits, 784-100-10, ALIE).
 */
const LEAST_EXPONENT: f32 = -44.361419;

/**
 * exp of four float32 that are at most 0, as differences to a maximum are. A NaN stays one.
 * Greatest relative error found over [−44.3, 0]: 1.4e-7 (test/kernels/layers.test.ts).
 * x = k·ln 2 + r with |r| ≤ ln 2 / 2, exp(r) by its Taylor series to r⁷ (whose remainder is 6e-9 of the value).
 */
// @ts-ignore: decorator
@inline
export function exponential(x: v128): v128 {
  const k = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504)));
  // ln 2 in two parts; the first has so few bits that its product with k is exact.
  let r = multiplyAdd(k, f32x4.splat(-0.693359375), x);
  r = multiplyAdd(k, f32x4.splat(2.12194440e-4), r);
  let p = f32x4.splat(1.0 / 5040.0);
  p = multiplyAdd(p, r, f32x4.splat(1.0 / 720.0));
  p = multiplyAdd(p, r, f32x4.splat(1.0 / 120.0));
  p = multiplyAdd(p, r, f32x4.splat(1.0 / 24.0));
  p = multiplyAdd(p, r, f32x4.splat(1.0 / 6.0));
  p = multiplyAdd(p, r, f32x4.splat(0.5));
  p = multiplyAdd(p, r, f32x4.splat(1.0));
  p = multiplyAdd(p, r, f32x4.splat(1.0));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(k), i32x4.splat(127)), 23);
  return v128.andnot(f32x4.mul(p, power), f32x4.lt(x, f32x4.splat(LEAST_EXPONENT)));
}

/**
 * Natural logarithm of a float64 ≥ 1, as sums of exponentials of differences to their maximum are.
 * Greatest relative error found: below 1e-15.
 * x = m·2^e with m in [√½, √2); log m = 2·artanh(s), s = (m − 1)/(m + 1), |s| < 0.172, by its series to s¹⁷.
 */
export function logarithm(x: f64): f64 {
  if (!(x < Infinity)) return x;
  const bits = reinterpret<i64>(x);
  let exponent = (bits >> 52) - 1023;
  let m = reinterpret<f64>((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    exponent += 1;
  }
  const s = (m - 1.0) / (m + 1.0);
  const t = s * s;
  let p: f64 = 1.0 / 17.0;
  p = p * t + 1.0 / 15.0;
  p = p * t + 1.0 / 13.0;
  p = p * t + 1.0 / 11.0;
  p = p * t + 1.0 / 9.0;
  p = p * t + 1.0 / 7.0;
  p = p * t + 1.0 / 5.0;
  p = p * t + 1.0 / 3.0;
  p = p * t + 1.0;
  return <f64>exponent * 0.6931471805599453 + 2.0 * s * p;
}
