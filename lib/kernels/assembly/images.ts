/** Where things lie in an image that is channels × height × width float32, and images with a margin. */

/** The next multiple of a cache line. */
// @ts-ignore: decorator
@inline
export function alignUp(address: usize): usize {
  return (address + 63) & ~(<usize>63);
}

/** For each place of a patch (channel, then row, then column of the kernel) its byte offset from where the patch begins; uint32. */
export function writeOffsets(offsets: usize, channels: u32, kernel: u32, height: u32, width: u32): void {
  for (let channel: u32 = 0; channel < channels; channel++) {
    for (let y: u32 = 0; y < kernel; y++) {
      for (let x: u32 = 0; x < kernel; x++, offsets += 4) store<u32>(offsets, ((channel * height + y) * width + x) << 2);
    }
  }
}

/** For each of eight positions from `first` on the byte offset at which its patch begins; beyond the last position that one again. */
export function writeOrigins(origins: usize, first: u32, positions: u32, outputWidth: u32, stride: u32, width: u32): void {
  for (let place: u32 = 0; place < 8; place++, origins += 4) {
    const position = min(first + place, positions - 1);
    store<u32>(origins, ((position / outputWidth) * width + (position % outputWidth)) * stride << 2);
  }
}

/** The image with a margin of zeros; returns `padded`. */
export function padImage(image: usize, padded: usize, channels: u32, height: u32, width: u32, padding: u32): usize {
  const rowBytes = <usize>width << 2, margin = <usize>padding << 2;
  const paddedRow = rowBytes + 2 * margin;
  let target = padded;
  for (let channel: u32 = 0; channel < channels; channel++) {
    memory.fill(target, 0, <usize>padding * paddedRow);
    target += <usize>padding * paddedRow;
    for (let y: u32 = 0; y < height; y++) {
      memory.fill(target, 0, margin);
      memory.copy(target + margin, image, rowBytes);
      memory.fill(target + margin + rowBytes, 0, margin);
      image += rowBytes;
      target += paddedRow;
    }
    memory.fill(target, 0, <usize>padding * paddedRow);
    target += <usize>padding * paddedRow;
  }
  return padded;
}

/** The image without its margin. */
export function unpadImage(padded: usize, image: usize, channels: u32, height: u32, width: u32, padding: u32): void {
  const rowBytes = <usize>width << 2, margin = <usize>padding << 2;
  const paddedRow = rowBytes + 2 * margin;
  for (let channel: u32 = 0; channel < channels; channel++) {
    padded += <usize>padding * paddedRow;
    for (let y: u32 = 0; y < height; y++) {
      memory.copy(image, padded + margin, rowBytes);
      image += rowBytes;
      padded += paddedRow;
    }
    padded += <usize>padding * paddedRow;
  }
}

/** Four float32 from anywhere. */
// @ts-ignore: decorator
@inline
export function gatherFour(a: usize, b: usize, c: usize, d: usize): v128 {
  let four = v128.load32_zero(a);
  four = v128.load32_lane(b, four, 1);
  four = v128.load32_lane(c, four, 2);
  return v128.load32_lane(d, four, 3);
}
