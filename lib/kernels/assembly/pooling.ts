/** Pooling over windows of size × size in each plane (one channel of one sample) by itself. */

import { gatherFour } from './images';

/**
 * Where a window has several greatest values, and where it has several NaN, the first counts. `indices`: for each output the byte offset
 * in its plane, uint32. Four windows at a time, the last four of a row perhaps overlapping those before them.
 */
export function maxPool(input: usize, output: usize, indices: usize, planes: u32, height: u32, width: u32, size: u32, stride: u32): void {
  const outputHeight = (height - size) / stride + 1, outputWidth = (width - size) / stride + 1;
  for (let plane: u32 = 0; plane < planes; plane++) {
    for (let y: u32 = 0; y < outputHeight; y++) {
      const row = y * width * stride << 2;
      if (outputWidth < 4) {
        for (let x: u32 = 0; x < outputWidth; x++) greatestOfOne(input, output + (x << 2), indices + (x << 2), row + (x * stride << 2), width, size);
      } else {
        for (let x: u32 = 0; x < outputWidth; x += 4) {
          const first = min(x, outputWidth - 4);
          greatestOfFour(input, output + (first << 2), indices + (first << 2), row + (first * stride << 2), width, size, stride);
        }
      }
      output += <usize>outputWidth << 2;
      indices += <usize>outputWidth << 2;
    }
    input += <usize>(height * width) << 2;
  }
}

/** The windows whose corners are at byte `corner` of the plane and the next three. */
// @ts-ignore: decorator
@inline
function greatestOfFour(plane: usize, output: usize, indices: usize, corner: u32, width: u32, size: u32, stride: u32): void {
  const across = <usize>stride << 2;
  let best = fourAcross(plane + corner, across);
  const corners = i32x4.add(i32x4.splat(corner), i32x4.mul(i32x4.splat(<i32>across), i32x4(0, 1, 2, 3)));
  let index = corners;
  for (let dy: u32 = 0; dy < size; dy++) {
    for (let dx: u32 = 0; dx < size; dx++) {
      const offset = dy * width + dx << 2;
      const value = fourAcross(plane + corner + offset, across);
      // Not `value <= best` lets a NaN in, `best == best` lets nothing take its place.
      const better = v128.andnot(f32x4.eq(best, best), f32x4.le(value, best));
      best = v128.bitselect(value, best, better);
      index = v128.bitselect(i32x4.add(corners, i32x4.splat(offset)), index, better);
    }
  }
  v128.store(output, best);
  v128.store(indices, index);
}

// @ts-ignore: decorator
@inline
function fourAcross(address: usize, across: usize): v128 {
  return across == 4 ? v128.load(address) : gatherFour(address, address + across, address + 2 * across, address + 3 * across);
}

function greatestOfOne(plane: usize, output: usize, indices: usize, corner: u32, width: u32, size: u32): void {
  let best = load<f32>(plane + corner);
  let index = corner;
  for (let dy: u32 = 0; dy < size; dy++) {
    let at = corner + (dy * width << 2);
    for (const end = at + (size << 2); at != end; at += 4) {
      const value = load<f32>(plane + at);
      if (!(value <= best) && best == best) {
        best = value;
        index = at;
      }
    }
  }
  store<f32>(output, best);
  store<u32>(indices, index);
}

export function maxPoolBackward(outputGradient: usize, indices: usize, inputGradient: usize, planes: u32, height: u32, width: u32, size: u32, stride: u32): void {
  const outputs = ((height - size) / stride + 1) * ((width - size) / stride + 1);
  const planeBytes = <usize>(height * width) << 2;
  memory.fill(inputGradient, 0, <usize>planes * planeBytes);
  for (let plane: u32 = 0; plane < planes; plane++) {
    for (let place: u32 = 0; place < outputs; place++) {
      const target = inputGradient + <usize>load<u32>(indices);
      store<f32>(target, load<f32>(target) + load<f32>(outputGradient));
      outputGradient += 4;
      indices += 4;
    }
    inputGradient += planeBytes;
  }
}

export function averagePool(input: usize, output: usize, planes: u32, height: u32, width: u32, size: u32, stride: u32): void {
  const outputHeight = (height - size) / stride + 1, outputWidth = (width - size) / stride + 1;
  const count = <f64>size * <f64>size;
  for (let plane: u32 = 0; plane < planes; plane++) {
    for (let y: u32 = 0; y < outputHeight; y++) {
      for (let x: u32 = 0; x < outputWidth; x++) {
        let row = input + ((y * width + x) * stride << 2);
        let sum: f64 = 0;
        for (let dy: u32 = 0; dy < size; dy++, row += <usize>width << 2) {
          for (let at = row, end = row + (<usize>size << 2); at != end; at += 4) sum += <f64>load<f32>(at);
        }
        store<f32>(output, <f32>(sum / count));
        output += 4;
      }
    }
    input += <usize>(height * width) << 2;
  }
}

export function averagePoolBackward(outputGradient: usize, inputGradient: usize, planes: u32, height: u32, width: u32, size: u32, stride: u32): void {
  const outputHeight = (height - size) / stride + 1, outputWidth = (width - size) / stride + 1;
  const planeBytes = <usize>(height * width) << 2;
  const count = <f32>(size * size);
  memory.fill(inputGradient, 0, <usize>planes * planeBytes);
  for (let plane: u32 = 0; plane < planes; plane++) {
    for (let y: u32 = 0; y < outputHeight; y++) {
      for (let x: u32 = 0; x < outputWidth; x++) {
        const share = load<f32>(outputGradient) / count;
        let row = inputGradient + ((y * width + x) * stride << 2);
        for (let dy: u32 = 0; dy < size; dy++, row += <usize>width << 2) {
          for (let at = row, end = row + (<usize>size << 2); at != end; at += 4) store<f32>(at, load<f32>(at) + share);
        }
        outputGradient += 4;
      }
    }
    inputGradient += planeBytes;
  }
}
