/**
 * Two-dimensional convolution over a batch of images, channel-major, as the products of matrix.ts: output (filters × positions) =
 * weights (filters × depth) · patches (depth × positions), where depth = channels · kernel² and a patch is what a filter sees at one position.
 * No matrix of patches is ever made: a panel of the second factor is gathered straight from the image, so what is multiplied is in the
 * first-level cache. With padding an image is first copied into one with a margin of zeros, so that no gathering asks where the edge is.
 */
import { BLOCK, COLUMNS, HALF, ROWS, ROW_BYTES, TILE_BYTES, heightFor, multiplyTile, packColumns, packRows, storePartOfTile } from './matrix';
import { alignUp, gatherFour, padImage, unpadImage, writeOffsets, writeOrigins } from './images';
import { sumOfLanes } from './vector';

/** float32 of the patches' gradient that are computed in one go, before they are added to the image's: they stay in the second-level cache. */
const PIECE: u32 = 16384;

/** `weights`: filters × depth, then a bias for each filter. */
export function convolution(
  input: usize, weights: usize, output: usize, batch: u32, channels: u32, height: u32, width: u32,
  filters: u32, kernel: u32, stride: u32, padding: u32, workspace: usize,
): void {
  const paddedHeight = height + 2 * padding, paddedWidth = width + 2 * padding;
  const outputWidth = (paddedWidth - kernel) / stride + 1;
  const positions = ((paddedHeight - kernel) / stride + 1) * outputWidth;
  const depth = channels * kernel * kernel;
  const blocks = (depth + BLOCK - 1) / BLOCK;
  const block = (depth + blocks - 1) / blocks;

  const zeros = workspace;
  const tile = alignUp(zeros + ROW_BYTES);
  const origins = alignUp(tile + TILE_BYTES);
  const offsets = origins + ROW_BYTES;
  const biasTiles = alignUp(offsets + (<usize>depth << 2));
  const panelsA = packBiases(weights + ((<usize>filters * <usize>depth) << 2), biasTiles, filters);
  const panelB = alignUp(packFilters(weights, panelsA, filters, depth, block));
  const padded = alignUp(panelB + <usize>block * ROW_BYTES);
  memory.fill(zeros, 0, ROW_BYTES);
  writeOffsets(offsets, channels, kernel, paddedHeight, paddedWidth);

  const stride4 = <usize>positions << 2;
  for (let sample: u32 = 0; sample < batch; sample++) {
    const image = padding > 0 ? padImage(input, padded, channels, height, width, padding) : input;
    for (let column: u32 = 0; column < positions; column += COLUMNS) {
      const columns = min(COLUMNS, positions - column);
      const wide: u32 = columns > HALF ? COLUMNS : HALF;
      writeOrigins(origins, column, positions, outputWidth, stride, paddedWidth);
      let panelA = panelsA;
      for (let start: u32 = 0; start < depth; start += block) {
        const steps = min(block, depth - start);
        const first = start == 0;
        gatherPatches(image, offsets + (<usize>start << 2), origins, panelB, steps, wide);
        let biases = biasTiles;
        for (let row: u32 = 0; row < filters; ) {
          const high = heightFor(filters - row);
          const rows = min(high, filters - row);
          const target = output + <usize>row * stride4 + (<usize>column << 2);
          if (rows == high && columns == wide) {
            multiplyTile(panelA, panelB, steps, first ? biases : target, first ? ROW_BYTES : stride4, target, stride4, high, wide);
          } else {
            multiplyTile(panelA, panelB, steps, first ? biases : zeros, first ? ROW_BYTES : 0, tile, ROW_BYTES, high, wide);
            storePartOfTile(tile, target, stride4, rows, columns, !first);
          }
          panelA += (<usize>steps * <usize>high) << 2;
          biases += TILE_BYTES;
          row += rows;
        }
      }
    }
    input += (<usize>channels * <usize>height * <usize>width) << 2;
    output += <usize>filters * stride4;
  }
}

/**
 * gradient = Σ over the batch of outputGradient (filters × positions) · patchesᵀ, then the biases'. Summed from zero over BLOCK positions or fewer
 * (some output rows of a sample, or some whole small samples), and these sums added up: a hundred thousand terms in a row would lose digits.
 */
export function convolutionParametersGradient(
  input: usize, outputGradient: usize, gradient: usize, batch: u32, channels: u32, height: u32, width: u32,
  filters: u32, kernel: u32, stride: u32, padding: u32, workspace: usize,
): void {
  const paddedHeight = height + 2 * padding, paddedWidth = width + 2 * padding;
  const outputHeight = (paddedHeight - kernel) / stride + 1, outputWidth = (paddedWidth - kernel) / stride + 1;
  const positions = outputHeight * outputWidth;
  const depth = channels * kernel * kernel;
  const linesAtOnce = min(outputHeight, max<u32>(1, BLOCK / outputWidth));
  const samplesAtOnce = min(batch, max<u32>(1, BLOCK / positions));
  const most = samplesAtOnce * linesAtOnce * outputWidth;

  const zeros = workspace;
  const tile = alignUp(zeros + ROW_BYTES);
  const offsets = alignUp(tile + TILE_BYTES);
  const panelsA = alignUp(offsets + (<usize>depth << 2));
  const panelB = alignUp(panelsA + ((<usize>most * <usize>(filters + ROWS)) << 2));
  const padded = alignUp(panelB + <usize>most * ROW_BYTES);
  memory.fill(zeros, 0, ROW_BYTES);
  writeOffsets(offsets, channels, kernel, paddedHeight, paddedWidth);
  sumPositions(outputGradient, gradient + ((<usize>filters * <usize>depth) << 2), batch, filters, positions);
  memory.fill(gradient, 0, (<usize>filters * <usize>depth) << 2);

  const lineBytes = (<usize>stride * <usize>paddedWidth) << 2;
  const imageBytes = (<usize>channels * <usize>height * <usize>width) << 2;
  const paddedBytes = (<usize>channels * <usize>paddedHeight * <usize>paddedWidth) << 2;
  const gradientBytes = (<usize>filters * <usize>positions) << 2;
  const stride4 = <usize>depth << 2;
  for (let sample: u32 = 0; sample < batch; sample += samplesAtOnce) {
    const samples = min(samplesAtOnce, batch - sample);
    const images = padding > 0 ? padded : input;
    if (padding > 0) {
      for (let k: u32 = 0; k < samples; k++) padImage(input + <usize>k * imageBytes, padded + <usize>k * paddedBytes, channels, height, width, padding);
    }
    for (let line: u32 = 0; line < outputHeight; line += linesAtOnce) {
      const lines = min(linesAtOnce, outputHeight - line);
      const steps = samples * lines * outputWidth;
      packGradients(outputGradient + (<usize>(line * outputWidth) << 2), panelsA, filters, positions, samples, lines * outputWidth);
      for (let column: u32 = 0; column < depth; column += COLUMNS) {
        const columns = min(COLUMNS, depth - column);
        const wide: u32 = columns > HALF ? COLUMNS : HALF;
        for (let k: u32 = 0; k < samples; k++) {
          gatherPlaces(
            images + <usize>k * paddedBytes + <usize>line * lineBytes, offsets + (<usize>column << 2),
            panelB + ((<usize>(k * positions) * <usize>wide) << 2), columns, wide, lines, outputWidth, stride, lineBytes,
          );
        }
        let panelA = panelsA;
        for (let row: u32 = 0; row < filters; ) {
          const high = heightFor(filters - row);
          const rows = min(high, filters - row);
          multiplyTile(panelA, panelB, steps, zeros, 0, tile, ROW_BYTES, high, wide);
          const target = gradient + <usize>row * stride4 + (<usize>column << 2);
          if (columns == COLUMNS) addTile(tile, target, stride4, rows);
          else storePartOfTile(tile, target, stride4, rows, columns, true);
          panelA += (<usize>steps * <usize>high) << 2;
          row += rows;
        }
      }
    }
    input += <usize>samples * imageBytes;
    outputGradient += <usize>samples * gradientBytes;
  }
}

/** inputGradient: each patch's gradient, weightsᵀ (depth × filters) · outputGradient, added where the patch was taken from. */
export function convolutionInputGradient(
  outputGradient: usize, weights: usize, inputGradient: usize, batch: u32, channels: u32, height: u32, width: u32,
  filters: u32, kernel: u32, stride: u32, padding: u32, workspace: usize,
): void {
  const paddedHeight = height + 2 * padding, paddedWidth = width + 2 * padding;
  const outputHeight = (paddedHeight - kernel) / stride + 1, outputWidth = (paddedWidth - kernel) / stride + 1;
  const positions = outputHeight * outputWidth;
  const depth = channels * kernel * kernel;
  const linesAtOnce = min(outputHeight, max<u32>(1, PIECE / (depth * outputWidth)));

  const zeros = workspace;
  const tile = alignUp(zeros + ROW_BYTES);
  const offsets = alignUp(tile + TILE_BYTES);
  const panelsA = alignUp(offsets + (<usize>depth << 2));
  const panelB = alignUp(packTransposedFilters(weights, panelsA, filters, depth));
  const piece = alignUp(panelB + <usize>filters * ROW_BYTES);
  const padded = alignUp(piece + ((<usize>depth * <usize>(linesAtOnce * outputWidth)) << 2));
  memory.fill(zeros, 0, ROW_BYTES);
  writeOffsets(offsets, channels, kernel, paddedHeight, paddedWidth);

  const lineBytes = (<usize>stride * <usize>paddedWidth) << 2;
  const imageBytes = (<usize>channels * <usize>height * <usize>width) << 2;
  for (let sample: u32 = 0; sample < batch; sample++) {
    const image = padding > 0 ? padded : inputGradient;
    memory.fill(image, 0, (<usize>channels * <usize>paddedHeight * <usize>paddedWidth) << 2);
    for (let line: u32 = 0; line < outputHeight; line += linesAtOnce) {
      const lines = min(linesAtOnce, outputHeight - line);
      const steps = lines * outputWidth;
      const stride4 = <usize>steps << 2;
      for (let column: u32 = 0; column < steps; column += COLUMNS) {
        const columns = min(COLUMNS, steps - column);
        const wide: u32 = columns > HALF ? COLUMNS : HALF;
        const source = outputGradient + (<usize>(line * outputWidth + column) << 2);
        if (wide == COLUMNS) packRows(source, <usize>positions << 2, panelB, columns, COLUMNS, filters);
        else packRows(source, <usize>positions << 2, panelB, columns, HALF, filters);
        let panelA = panelsA;
        for (let row: u32 = 0; row < depth; ) {
          const high = heightFor(depth - row);
          const rows = min(high, depth - row);
          const target = piece + <usize>row * stride4 + (<usize>column << 2);
          if (rows == high && columns == wide) {
            multiplyTile(panelA, panelB, filters, zeros, 0, target, stride4, high, wide);
          } else {
            multiplyTile(panelA, panelB, filters, zeros, 0, tile, ROW_BYTES, high, wide);
            storePartOfTile(tile, target, stride4, rows, columns, false);
          }
          panelA += (<usize>filters * <usize>high) << 2;
          row += rows;
        }
      }
      scatterPiece(piece, image + <usize>line * lineBytes, offsets, depth, lines, outputWidth, stride, lineBytes);
    }
    if (padding > 0) unpadImage(padded, inputGradient, channels, height, width, padding);
    inputGradient += imageBytes;
    outputGradient += (<usize>filters * <usize>positions) << 2;
  }
}

/** A tile for each panel of filters with each filter's bias along its row: what the sums start from. Returns where they end. */
function packBiases(biases: usize, tiles: usize, filters: u32): usize {
  for (let row: u32 = 0; row < filters; ) {
    const high = heightFor(filters - row);
    const rows = min(high, filters - row);
    memory.fill(tiles, 0, TILE_BYTES);
    for (let place: u32 = 0; place < rows; place++) {
      const bias = v128.load32_splat(biases + (<usize>(row + place) << 2));
      v128.store(tiles + <usize>place * ROW_BYTES, bias);
      v128.store(tiles + <usize>place * ROW_BYTES, bias, 16);
    }
    tiles += TILE_BYTES;
    row += rows;
  }
  return alignUp(tiles);
}

/** All panels of the filters, for each block of the depth one behind the other. Returns where they end. */
function packFilters(weights: usize, panel: usize, filters: u32, depth: u32, block: u32): usize {
  for (let start: u32 = 0; start < depth; start += block) {
    const steps = min(block, depth - start);
    for (let row: u32 = 0; row < filters; ) {
      const high = heightFor(filters - row);
      const rows = min(high, filters - row);
      packColumns(weights + ((<usize>row * <usize>depth + <usize>start) << 2), <usize>depth << 2, panel, rows, high, steps);
      panel += (<usize>steps * <usize>high) << 2;
      row += rows;
    }
  }
  return panel;
}

/** All panels of the filters' transpose. Returns where they end. */
function packTransposedFilters(weights: usize, panel: usize, filters: u32, depth: u32): usize {
  for (let row: u32 = 0; row < depth; ) {
    const high = heightFor(depth - row);
    const rows = min(high, depth - row);
    const source = weights + (<usize>row << 2);
    if (high == ROWS) packRows(source, <usize>depth << 2, panel, rows, ROWS, filters);
    else packRows(source, <usize>depth << 2, panel, rows, 4, filters);
    panel += (<usize>filters * <usize>high) << 2;
    row += rows;
  }
  return panel;
}

/** All panels of the output gradient, for `steps` positions of each of some samples. */
function packGradients(source: usize, panel: usize, filters: u32, positions: u32, samples: u32, steps: u32): void {
  const stride = <usize>positions << 2;
  for (let row: u32 = 0; row < filters; ) {
    const high = heightFor(filters - row);
    const rows = min(high, filters - row);
    let rowsOfSample = source + <usize>row * stride;
    for (let k: u32 = 0; k < samples; k++) {
      packColumns(rowsOfSample, stride, panel, rows, high, steps);
      rowsOfSample += <usize>filters * stride;
      panel += (<usize>steps * <usize>high) << 2;
    }
    row += rows;
  }
}

/** The patches at `wide` positions, a step of the depth a row: positions beside each other in the image are loaded together. */
function gatherPatches(image: usize, offsets: usize, origins: usize, panel: usize, steps: u32, wide: u32): void {
  const p0 = image + <usize>load<u32>(origins), p1 = image + <usize>load<u32>(origins, 4);
  const p2 = image + <usize>load<u32>(origins, 8), p3 = image + <usize>load<u32>(origins, 12);
  const p4 = image + <usize>load<u32>(origins, 16), p5 = image + <usize>load<u32>(origins, 20);
  const p6 = image + <usize>load<u32>(origins, 24), p7 = image + <usize>load<u32>(origins, 28);
  const lowTogether = p1 == p0 + 4 && p2 == p0 + 8 && p3 == p0 + 12;
  const highTogether = p5 == p4 + 4 && p6 == p4 + 8 && p7 == p4 + 12;
  const step = <usize>wide << 2;
  for (const end = offsets + (<usize>steps << 2); offsets != end; offsets += 4, panel += step) {
    const offset = <usize>load<u32>(offsets);
    v128.store(panel, lowTogether ? v128.load(p0 + offset) : gatherFour(p0 + offset, p1 + offset, p2 + offset, p3 + offset));
    if (wide == COLUMNS) v128.store(panel, highTogether ? v128.load(p4 + offset) : gatherFour(p4 + offset, p5 + offset, p6 + offset, p7 + offset), 16);
  }
}

/** The transpose: `wide` places of the patch at all positions of some output rows, a position a row; beyond `columns` the last one again. */
function gatherPlaces(
  image: usize, offsets: usize, panel: usize, columns: u32, wide: u32, lines: u32, outputWidth: u32, stride: u32, lineBytes: usize,
): void {
  const step = <usize>wide << 2, across = <usize>stride << 2;
  for (let place: u32 = 0; place < wide; place += 4) {
    let s0 = image + offsetAt(offsets, place, columns), s1 = image + offsetAt(offsets, place + 1, columns);
    let s2 = image + offsetAt(offsets, place + 2, columns), s3 = image + offsetAt(offsets, place + 3, columns);
    let target = panel + (<usize>place << 2);
    for (let line: u32 = 0; line < lines; line++) {
      let x: u32 = 0;
      let at: usize = 0;
      if (stride == 1) {
        for (; x + 4 <= outputWidth; x += 4, at += 16) {
          const r0 = v128.load(s0 + at), r1 = v128.load(s1 + at), r2 = v128.load(s2 + at), r3 = v128.load(s3 + at);
          const low01 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5), high01 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
          const low23 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5), high23 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
          v128.store(target, v128.shuffle<i64>(low01, low23, 0, 2));
          v128.store(target + step, v128.shuffle<i64>(low01, low23, 1, 3));
          v128.store(target + 2 * step, v128.shuffle<i64>(high01, high23, 0, 2));
          v128.store(target + 3 * step, v128.shuffle<i64>(high01, high23, 1, 3));
          target += 4 * step;
        }
      }
      for (; x < outputWidth; x++, at += across) {
        v128.store(target, gatherFour(s0 + at, s1 + at, s2 + at, s3 + at));
        target += step;
      }
      s0 += lineBytes;
      s1 += lineBytes;
      s2 += lineBytes;
      s3 += lineBytes;
    }
  }
}

// @ts-ignore: decorator
@inline
function offsetAt(offsets: usize, place: u32, columns: u32): usize {
  return <usize>load<u32>(offsets + (<usize>min(place, columns - 1) << 2));
}

/** Adds the patches' gradient of some output rows (depth × lines · outputWidth) to the image's. */
function scatterPiece(piece: usize, image: usize, offsets: usize, depth: u32, lines: u32, outputWidth: u32, stride: u32, lineBytes: usize): void {
  for (let place: u32 = 0; place < depth; place++, offsets += 4) {
    let row = image + <usize>load<u32>(offsets);
    for (let line: u32 = 0; line < lines; line++, row += lineBytes) {
      let x: u32 = 0;
      let target = row;
      if (stride == 1) {
        for (; x + 4 <= outputWidth; x += 4, piece += 16, target += 16) v128.store(target, f32x4.add(v128.load(target), v128.load(piece)));
      }
      for (; x < outputWidth; x++, piece += 4, target += <usize>stride << 2) store<f32>(target, load<f32>(target) + load<f32>(piece));
    }
  }
}

/** Adds `rows` full rows of a tile to C. */
function addTile(tile: usize, c: usize, stride: usize, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    v128.store(c, f32x4.add(v128.load(c), v128.load(tile)));
    v128.store(c, f32x4.add(v128.load(c, 16), v128.load(tile, 16)), 16);
    c += stride;
    tile += ROW_BYTES;
  }
}

/** output (filters) = Σ over the batch and the positions: the biases' gradient. In float64 from one filter's row of a sample to the next. */
function sumPositions(x: usize, output: usize, batch: u32, filters: u32, positions: u32): void {
  const bytes = <usize>positions << 2;
  for (let filter: u32 = 0; filter < filters; filter++) {
    let sum: f64 = 0;
    let row = x + <usize>filter * bytes;
    for (let sample: u32 = 0; sample < batch; sample++) {
      let lanes = f32x4.splat(0);
      let offset: usize = 0;
      for (; offset + 16 <= bytes; offset += 16) lanes = f32x4.add(lanes, v128.load(row + offset));
      sum += sumOfLanes(lanes);
      for (; offset < bytes; offset += 4) sum += <f64>load<f32>(row + offset);
      row += <usize>filters * bytes;
    }
    store<f32>(output + (<usize>filter << 2), <f32>sum);
  }
}
