/** How rows and one point lie to each other. */
import { multiplyAdd64, rowOf, sumOfPair } from './vector';

/** Products and sums in float64: two float32 make an exact product, and 1e20 squared is far from the end of the range. */
export function dotProducts(table: usize, n: u32, begin: u32, end: u32, point: usize, output: usize): void {
  const last = <usize>end << 2;
  for (let i: u32 = 0; i < n; i++) {
    const row = rowOf(table, i);
    let offset = <usize>begin << 2;
    let s0 = f64x2.splat(0), s1 = f64x2.splat(0);
    for (; offset + 16 <= last; offset += 16) {
      s0 = multiplyAdd64(promoted(row + offset), promoted(point + offset), s0);
      s1 = multiplyAdd64(promoted(row + offset + 8), promoted(point + offset + 8), s1);
    }
    let sum = sumOfPair(f64x2.add(s0, s1));
    for (; offset < last; offset += 4) sum += <f64>load<f32>(row + offset) * <f64>load<f32>(point + offset);
    store<f64>(output + (<usize>i << 3), sum);
  }
}

function promoted(address: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(address));
}
