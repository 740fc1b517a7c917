/** What a dense network needs beside products: activations, biases, the loss, and the normalisation of its input. */
import { exponential, logarithm } from './elementary';
import { loadLanes, multiplyAdd, storeLanes } from './vector';

export function addBias(x: usize, bias: usize, rows: u32, columns: u32): void {
  const bytes = <usize>columns << 2;
  for (let row: u32 = 0; row < rows; row++) {
    let offset: usize = 0;
    for (; offset + 16 <= bytes; offset += 16) v128.store(x + offset, f32x4.add(v128.load(x + offset), v128.load(bias + offset)));
    for (; offset < bytes; offset += 4) store<f32>(x + offset, load<f32>(x + offset) + load<f32>(bias + offset));
    x += bytes;
  }
}

export function relu(x: usize, count: u32): void {
  const end = x + (<usize>count << 2);
  for (; x + 16 <= end; x += 16) reluLanes(x, false);
  for (; x < end; x += 4) reluLanes(x, true);
}

// @ts-ignore: decorator
@inline
function reluLanes(x: usize, single: bool): void {
  // pmax(x, 0) is `x < 0 ? 0 : x`, so a NaN stays; it is one instruction, unlike the NaN-propagating max.
  storeLanes(x, f32x4.pmax(loadLanes(x, single), f32x4.splat(0)), single);
}

export function reluBackward(gradient: usize, activation: usize, count: u32): void {
  const end = gradient + (<usize>count << 2);
  for (; gradient + 16 <= end; gradient += 16, activation += 16) reluBackwardLanes(gradient, activation, false);
  for (; gradient < end; gradient += 4, activation += 4) reluBackwardLanes(gradient, activation, true);
}

// @ts-ignore: decorator
@inline
function reluBackwardLanes(gradient: usize, activation: usize, single: bool): void {
  const active = f32x4.gt(loadLanes(activation, single), f32x4.splat(0));
  storeLanes(gradient, v128.and(loadLanes(gradient, single), active), single);
}

export function sumRows(x: usize, output: usize, rows: u32, columns: u32): void {
  const stride = <usize>columns << 2;
  let offset: usize = 0;
  for (; offset + 16 <= stride; offset += 16) sumRowsLanes(x + offset, output + offset, rows, stride, false);
  for (; offset < stride; offset += 4) sumRowsLanes(x + offset, output + offset, rows, stride, true);
}

// @ts-ignore: decorator
@inline
function sumRowsLanes(x: usize, output: usize, rows: u32, stride: usize, single: bool): void {
  let sum = f32x4.splat(0);
  for (let row: u32 = 0; row < rows; row++) {
    sum = f32x4.add(sum, loadLanes(x, single));
    x += stride;
  }
  storeLanes(output, sum, single);
}

export function softmaxCrossEntropy(logits: usize, labels: usize, gradient: usize, rows: u32, classes: u32): f64 {
  const bytes = <usize>classes << 2;
  let loss: f64 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const label = <usize>load<u8>(labels + row) << 2;
    const greatest = greatestOf(logits, bytes);
    // Before the logits are overwritten, which `gradient` may well do.
    const distance = <f64>greatest - <f64>load<f32>(logits + label);
    const sum = exponentials(logits, gradient, bytes, greatest, true);
    const share = <f32>(1.0 / (sum * <f64>rows));
    scale(gradient, bytes, share);
    store<f32>(gradient + label, load<f32>(gradient + label) - <f32>(1.0 / <f64>rows));
    loss += logarithm(sum) + distance;
    logits += bytes;
    gradient += bytes;
  }
  return loss / <f64>rows;
}

export function crossEntropySum(logits: usize, labels: usize, rows: u32, classes: u32): f64 {
  const bytes = <usize>classes << 2;
  let loss: f64 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const label = <usize>load<u8>(labels + row) << 2;
    const greatest = greatestOf(logits, bytes);
    loss += logarithm(exponentials(logits, 0, bytes, greatest, false)) + (<f64>greatest - <f64>load<f32>(logits + label));
    logits += bytes;
  }
  return loss;
}

/** The greatest of a row's values, NaN when one is. */
// @ts-ignore: decorator
@inline
function greatestOf(x: usize, bytes: usize): f32 {
  let greatest: f32 = -Infinity;
  for (let offset: usize = 0; offset < bytes; offset += 4) greatest = max<f32>(greatest, load<f32>(x + offset));
  return greatest;
}

/** Σ exp(x − greatest), and when `keep` the terms, left at `output`. */
// @ts-ignore: decorator
@inline
function exponentials(x: usize, output: usize, bytes: usize, greatest: f32, keep: bool): f64 {
  const shift = f32x4.splat(greatest);
  let sums = f32x4.splat(0);
  let offset: usize = 0;
  for (; offset + 16 <= bytes; offset += 16) {
    const terms = exponential(f32x4.sub(v128.load(x + offset), shift));
    if (keep) v128.store(output + offset, terms);
    sums = f32x4.add(sums, terms);
  }
  let sum = <f64>f32x4.extract_lane(sums, 0) + <f64>f32x4.extract_lane(sums, 1) + <f64>f32x4.extract_lane(sums, 2) + <f64>f32x4.extract_lane(sums, 3);
  for (; offset < bytes; offset += 4) {
    const term = f32x4.extract_lane(exponential(f32x4.sub(v128.load32_zero(x + offset), shift)), 0);
    if (keep) store<f32>(output + offset, term);
    sum += <f64>term;
  }
  return sum;
}

// @ts-ignore: decorator
@inline
function scale(x: usize, bytes: usize, factor: f32): void {
  const factors = f32x4.splat(factor);
  let offset: usize = 0;
  for (; offset + 16 <= bytes; offset += 16) v128.store(x + offset, f32x4.mul(v128.load(x + offset), factors));
  for (; offset < bytes; offset += 4) store<f32>(x + offset, load<f32>(x + offset) * factor);
}

export function countCorrect(logits: usize, labels: usize, rows: u32, classes: u32): u32 {
  let correct: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    if (answerOf(logits, classes) == <i32>load<u8>(labels + row)) correct++;
    logits += <usize>classes << 2;
  }
  return correct;
}

export function classify(logits: usize, answers: usize, rows: u32, classes: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    store<u8>(answers + row, <u8>answerOf(logits, classes));
    logits += <usize>classes << 2;
  }
}

/** The class of the greatest logit; −1, as a byte 255, when one is NaN. */
// @ts-ignore: decorator
@inline
function answerOf(logits: usize, classes: u32): i32 {
  let best = 0;
  let greatest = load<f32>(logits);
  let valid = greatest == greatest;
  for (let index: u32 = 1; index < classes; index++) {
    const value = load<f32>(logits + (<usize>index << 2));
    if (value > greatest) {
      greatest = value;
      best = index;
    }
    valid = valid && value == value;
  }
  return valid ? best : -1;
}

export function normalize(source: usize, output: usize, count: u32, scale: f32, shift: f32): void {
  const scales = f32x4.splat(scale);
  const shifts = f32x4.splat(shift);
  const end = source + <usize>count;
  for (; source + 16 <= end; source += 16, output += 64) {
    const bytes = v128.load(source);
    const low = i16x8.extend_low_i8x16_u(bytes);
    const high = i16x8.extend_high_i8x16_u(bytes);
    v128.store(output, multiplyAdd(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(low)), scales, shifts));
    v128.store(output, multiplyAdd(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(low)), scales, shifts), 16);
    v128.store(output, multiplyAdd(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(high)), scales, shifts), 32);
    v128.store(output, multiplyAdd(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(high)), scales, shifts), 48);
  }
  for (; source < end; source += 1, output += 4) {
    storeLanes(output, multiplyAdd(f32x4.splat(<f32>load<u8>(source)), scales, shifts), true);
  }
}
