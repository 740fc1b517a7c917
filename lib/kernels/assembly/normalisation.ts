/** Group normalisation (Wu and He 2018): each group of channels of each sample gets mean 0 and variance 1, then each channel a scale and a shift. */
import { demote, loadLanes, promoteHigh, storeLanes, sumOfPair } from './vector';

/** Added to a variance: a group of equal values has none. PyTorch's. */
const EPSILON: f64 = 1e-5;

/**
 * x and output: batch × channels × positions. `parameters`: a scale for each channel, then a shift. `statistics`: for each sample and group its mean and
 * 1/√(variance + ε), float64, which the way back reads.
 */
export function groupNorm(x: usize, parameters: usize, output: usize, statistics: usize, batch: u32, channels: u32, positions: u32, groups: u32): void {
  const bytes = <usize>positions << 2;
  const channelsOfGroup = channels / groups;
  const groupBytes = <usize>channelsOfGroup * bytes;
  const count = <f64>channelsOfGroup * <f64>positions;
  for (let sample: u32 = 0; sample < batch; sample++) {
    for (let channel: u32 = 0; channel < channels; channel += channelsOfGroup) {
      const mean = sum(x, groupBytes) / count;
      const inverse = 1.0 / sqrt(sumOfSquares(x, groupBytes, mean) / count + EPSILON);
      store<f64>(statistics, mean);
      store<f64>(statistics, inverse, 8);
      statistics += 16;
      for (let k: u32 = 0; k < channelsOfGroup; k++) {
        const scale = <f64>load<f32>(parameters + (<usize>(channel + k) << 2));
        const shift = <f64>load<f32>(parameters + (<usize>(channels + channel + k) << 2));
        normaliseRow(x, output, bytes, mean, scale * inverse, shift);
        x += bytes;
        output += bytes;
      }
    }
  }
}

/** `sums`: 2 · channels float64 of workspace. The parameters' gradient is summed in float64 and rounded once. `inputGradient` may be 0: not wanted. */
export function groupNormBackward(
  x: usize, parameters: usize, outputGradient: usize, statistics: usize, parametersGradient: usize, inputGradient: usize, sums: usize,
  batch: u32, channels: u32, positions: u32, groups: u32,
): void {
  const bytes = <usize>positions << 2;
  const channelsOfGroup = channels / groups;
  const count = <f64>channelsOfGroup * <f64>positions;
  memory.fill(sums, 0, <usize>channels << 4);
  for (let sample: u32 = 0; sample < batch; sample++) {
    for (let channel: u32 = 0; channel < channels; channel += channelsOfGroup) {
      const mean = load<f64>(statistics);
      const inverse = load<f64>(statistics, 8);
      statistics += 16;
      let slope: f64 = 0;
      let alongSlope: f64 = 0;
      let row = x, gradientRow = outputGradient;
      for (let k: u32 = 0; k < channelsOfGroup; k++) {
        const scale = <f64>load<f32>(parameters + (<usize>(channel + k) << 2));
        const plain = sum(gradientRow, bytes);
        const along = sumAlong(gradientRow, row, bytes, mean) * inverse;
        const place = sums + (<usize>(channel + k) << 3);
        store<f64>(place, load<f64>(place) + along);
        store<f64>(place + (<usize>channels << 3), load<f64>(place + (<usize>channels << 3)) + plain);
        slope += scale * plain;
        alongSlope += scale * along;
        row += bytes;
        gradientRow += bytes;
      }
      if (inputGradient != 0) {
        for (let k: u32 = 0; k < channelsOfGroup; k++) {
          const scale = <f64>load<f32>(parameters + (<usize>(channel + k) << 2));
          const offset = <usize>k * bytes;
          inputGradientRow(x + offset, outputGradient + offset, inputGradient + offset, bytes, mean, inverse, scale, slope / count, alongSlope / count);
        }
        inputGradient += <usize>channelsOfGroup * bytes;
      }
      x = row;
      outputGradient = gradientRow;
    }
  }
  for (let k: usize = 0; k < <usize>(2 * channels); k++) store<f32>(parametersGradient + (k << 2), <f32>load<f64>(sums + (k << 3)));
}

function sum(x: usize, bytes: usize): f64 {
  let low = f64x2.splat(0), high = f64x2.splat(0);
  let offset: usize = 0;
  for (; offset + 16 <= bytes; offset += 16) {
    const four = v128.load(x + offset);
    low = f64x2.add(low, f64x2.promote_low_f32x4(four));
    high = f64x2.add(high, promoteHigh(four));
  }
  let total = sumOfPair(f64x2.add(low, high));
  for (; offset < bytes; offset += 4) total += <f64>load<f32>(x + offset);
  return total;
}

function sumOfSquares(x: usize, bytes: usize, mean: f64): f64 {
  const centre = f64x2.splat(mean);
  let low = f64x2.splat(0), high = f64x2.splat(0);
  let offset: usize = 0;
  for (; offset + 16 <= bytes; offset += 16) {
    const four = v128.load(x + offset);
    const a = f64x2.sub(f64x2.promote_low_f32x4(four), centre), b = f64x2.sub(promoteHigh(four), centre);
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  let total = sumOfPair(f64x2.add(low, high));
  for (; offset < bytes; offset += 4) {
    const difference = <f64>load<f32>(x + offset) - mean;
    total += difference * difference;
  }
  return total;
}

/** Σ gradient · (x − mean). */
function sumAlong(gradient: usize, x: usize, bytes: usize, mean: f64): f64 {
  const centre = f64x2.splat(mean);
  let low = f64x2.splat(0), high = f64x2.splat(0);
  let offset: usize = 0;
  for (; offset + 16 <= bytes; offset += 16) {
    const four = v128.load(x + offset), slopes = v128.load(gradient + offset);
    low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(slopes), f64x2.sub(f64x2.promote_low_f32x4(four), centre)));
    high = f64x2.add(high, f64x2.mul(promoteHigh(slopes), f64x2.sub(promoteHigh(four), centre)));
  }
  let total = sumOfPair(f64x2.add(low, high));
  for (; offset < bytes; offset += 4) total += <f64>load<f32>(gradient + offset) * (<f64>load<f32>(x + offset) - mean);
  return total;
}

function normaliseRow(x: usize, output: usize, bytes: usize, mean: f64, factor: f64, shift: f64): void {
  let offset: usize = 0;
  for (; offset + 16 <= bytes; offset += 16) normaliseLanes(x + offset, output + offset, mean, factor, shift, false);
  for (; offset < bytes; offset += 4) normaliseLanes(x + offset, output + offset, mean, factor, shift, true);
}

// @ts-ignore: decorator
@inline
function normaliseLanes(x: usize, output: usize, mean: f64, factor: f64, shift: f64, single: bool): void {
  const four = loadLanes(x, single);
  const centre = f64x2.splat(mean), factors = f64x2.splat(factor), shifts = f64x2.splat(shift);
  const low = f64x2.add(f64x2.mul(f64x2.sub(f64x2.promote_low_f32x4(four), centre), factors), shifts);
  const high = f64x2.add(f64x2.mul(f64x2.sub(promoteHigh(four), centre), factors), shifts);
  storeLanes(output, demote(low, high), single);
}

/** (scale · gradient − slope − x̂ · alongSlope) / √(variance + ε), with x̂ the normalised value. */
function inputGradientRow(x: usize, gradient: usize, output: usize, bytes: usize, mean: f64, inverse: f64, scale: f64, slope: f64, alongSlope: f64): void {
  let offset: usize = 0;
  for (; offset + 16 <= bytes; offset += 16) inputGradientLanes(x + offset, gradient + offset, output + offset, mean, inverse, scale, slope, alongSlope, false);
  for (; offset < bytes; offset += 4) inputGradientLanes(x + offset, gradient + offset, output + offset, mean, inverse, scale, slope, alongSlope, true);
}

// @ts-ignore: decorator
@inline
function inputGradientLanes(x: usize, gradient: usize, output: usize, mean: f64, inverse: f64, scale: f64, slope: f64, alongSlope: f64, single: bool): void {
  const four = loadLanes(x, single), slopes = loadLanes(gradient, single);
  const centre = f64x2.splat(mean), along = f64x2.splat(inverse * alongSlope), scales = f64x2.splat(scale), same = f64x2.splat(slope), outer = f64x2.splat(inverse);
  const a = f64x2.sub(f64x2.mul(scales, f64x2.promote_low_f32x4(slopes)), f64x2.add(same, f64x2.mul(along, f64x2.sub(f64x2.promote_low_f32x4(four), centre))));
  const b = f64x2.sub(f64x2.mul(scales, promoteHigh(slopes)), f64x2.add(same, f64x2.mul(along, f64x2.sub(promoteHigh(four), centre))));
  storeLanes(output, demote(f64x2.mul(a, outer), f64x2.mul(b, outer)), single);
}
