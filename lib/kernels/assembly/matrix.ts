/**
 * The three float32 products of a dense layer. They differ only in how the factors are packed: the first into panels of
 * ROWS rows, the second into panels of COLUMNS columns, both k-major, so that the inner loop reads two streams from front to
 * back whatever the layout was. At the edges tiles are 4 rows or 4 columns, and what still sticks out is padded.
 */
import { multiplyAdd } from './vector';

/**
 * The register tile, ROWS × COLUMNS. V8 has 15 vector registers to give: the tile's sums, two of B and one of A take 15 with
 * 6 rows when multiply and add are one instruction; 5 rows leave the register that the product needs otherwise.
 */
export const ROWS: u32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;
export const COLUMNS: u32 = 8;
/** Columns of the last panel where those are enough: 100 columns are 12 · 8 + 4, 10 are 8 + 4, and padding them to 104 and 16 costs the time of as many. */
export const HALF: u32 = 4;
/** Steps of k in one go: a panel of each factor for these fits the first-level cache together. */
export const BLOCK: u32 = 400;

export const ROW_BYTES: usize = <usize>COLUMNS * 4;
export const TILE_BYTES: usize = <usize>ROWS * ROW_BYTES;

export function multiply(a: usize, b: usize, c: usize, m: u32, n: u32, k: u32, workspace: usize): void {
  product(a, b, c, m, n, k, workspace, false, false);
}

export function multiplyTransposedA(a: usize, b: usize, c: usize, m: u32, n: u32, k: u32, workspace: usize): void {
  product(a, b, c, m, n, k, workspace, true, false);
}

export function multiplyTransposedB(a: usize, b: usize, c: usize, m: u32, n: u32, k: u32, workspace: usize): void {
  product(a, b, c, m, n, k, workspace, false, true);
}

/** Workspace (`multiplyWorkspace` in sizes.ts): a row of zeros, a tile, a panel of the first factor, all panels of the second. */
function product(a: usize, b: usize, c: usize, m: u32, n: u32, k: u32, workspace: usize, transposedA: bool, transposedB: bool): void {
  if (k == 0) {
    memory.fill(c, 0, (<usize>m * <usize>n) << 2);
    return;
  }
  const zeros = workspace;
  const tile = zeros + ROW_BYTES;
  const panelA = tile + TILE_BYTES;
  memory.fill(zeros, 0, ROW_BYTES);
  const stride = <usize>n << 2;
  const blocks = (k + BLOCK - 1) / BLOCK;
  // Blocks of equal length: 784 is 392 + 392, not 400 + 384.
  const block = (k + blocks - 1) / blocks;
  const panelsB = panelA + ((<usize>block * <usize>ROWS) << 2);
  for (let start: u32 = 0; start < k; start += block) {
    const depth = min(block, k - start);
    const accumulate = start > 0;
    packSecond(b, panelsB, n, k, start, depth, transposedB);
    for (let row: u32 = 0; row < m; ) {
      const height = heightFor(m - row);
      const rows = min(height, m - row);
      packFirst(a, panelA, m, k, row, rows, height, start, depth, transposedA);
      let panelB = panelsB;
      for (let column: u32 = 0; column < n; column += COLUMNS) {
        const columns = min(COLUMNS, n - column);
        const width: u32 = columns > HALF ? COLUMNS : HALF;
        const target = c + <usize>row * stride + (<usize>column << 2);
        if (rows == height && columns == width) {
          multiplyTile(panelA, panelB, depth, accumulate ? target : zeros, accumulate ? stride : 0, target, stride, height, width);
        } else {
          multiplyTile(panelA, panelB, depth, zeros, 0, tile, ROW_BYTES, height, width);
          storePartOfTile(tile, target, stride, rows, columns, accumulate);
        }
        panelB += (<usize>depth * <usize>width) << 2;
      }
      row += rows;
    }
  }
}

/**
 * How many rows the next tile has when `rows` are left: 4 while tiles of 4 and of ROWS together come out even (with ROWS = 5, 16 is 4 · 4 and
 * 128 is 2 · 4 + 24 · 5; with 6, 128 is 2 · 4 + 20 · 6), else ROWS, or 4 where that wastes less at the end.
 */
export function heightFor(rows: u32): u32 {
  const over = rows % ROWS;
  if (over == 0) return ROWS;
  const missing: u32 = ROWS - over, less: u32 = ROWS - 4;
  if (missing % less == 0 && <u32>4 * (missing / less) <= rows) return 4;
  return rows <= 4 || (rows > ROWS && rows <= 8) ? 4 : ROWS;
}

/** The inner loop without what is around it: c += A · B for one full tile, again and again, on panels that are packed already. Returns the tile's rows. */
export function multiplyPanels(a: usize, b: usize, c: usize, k: u32, times: u32): u32 {
  for (; times > 0; times--) fullTile(a, b, k, c, ROW_BYTES, c, ROW_BYTES);
  return ROWS;
}

// One function a shape, so that each loop gets its registers by itself.
export function multiplyTile(a: usize, b: usize, k: u32, start: usize, startStride: usize, c: usize, stride: usize, height: u32, width: u32): void {
  if (width == COLUMNS) {
    if (height == ROWS) fullTile(a, b, k, start, startStride, c, stride);
    else lowTile(a, b, k, start, startStride, c, stride);
  } else {
    if (height == ROWS) narrowTile(a, b, k, start, startStride, c, stride);
    else cornerTile(a, b, k, start, startStride, c, stride);
  }
}

function fullTile(a: usize, b: usize, k: u32, start: usize, startStride: usize, c: usize, stride: usize): void {
  tile(a, b, k, start, startStride, c, stride, ROWS, true);
}

function lowTile(a: usize, b: usize, k: u32, start: usize, startStride: usize, c: usize, stride: usize): void {
  tile(a, b, k, start, startStride, c, stride, 4, true);
}

function narrowTile(a: usize, b: usize, k: u32, start: usize, startStride: usize, c: usize, stride: usize): void {
  tile(a, b, k, start, startStride, c, stride, ROWS, false);
}

function cornerTile(a: usize, b: usize, k: u32, start: usize, startStride: usize, c: usize, stride: usize): void {
  tile(a, b, k, start, startStride, c, stride, 4, false);
}

/**
 * C tile = start + panel of A (k × rows) · panel of B (k × 8 or 4), where `start` is C itself or zeros. No branch on either:
 * one behind the loop made V8 11.3 order all loads before all arithmetic, which spilled half of the sums. `rows` and `wide` are constants.
 *
 * V8 13 makes of the 6 × 8 loop what it should be: a step of k is 12 vfmadd231ps, 6 vbroadcastss and 2 loads, nothing moved and nothing
 * spilled. In the first-level cache it runs at 58 of the 59 GFLOP/s that two fused operations a cycle allow at 3.69 GHz.
 */
// @ts-ignore: decorator
@inline
function tile(a: usize, b: usize, k: u32, start: usize, startStride: usize, c: usize, stride: usize, rows: u32, wide: bool): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0), c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0), c51 = f32x4.splat(0);
  c00 = v128.load(start);
  if (wide) c01 = v128.load(start, 16);
  start += startStride;
  c10 = v128.load(start);
  if (wide) c11 = v128.load(start, 16);
  start += startStride;
  c20 = v128.load(start);
  if (wide) c21 = v128.load(start, 16);
  start += startStride;
  c30 = v128.load(start);
  if (wide) c31 = v128.load(start, 16);
  start += startStride;
  if (rows > 4) {
    c40 = v128.load(start);
    if (wide) c41 = v128.load(start, 16);
    start += startStride;
  }
  if (rows > 5) {
    c50 = v128.load(start);
    if (wide) c51 = v128.load(start, 16);
  }
  const step: usize = <usize>rows << 2;
  const stepB: usize = wide ? ROW_BYTES : ROW_BYTES / 2;
  for (const end = a + <usize>k * step; a != end; a += step, b += stepB) {
    const b0 = v128.load(b);
    let b1 = b0;
    if (wide) b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = multiplyAdd(x, b0, c00);
    if (wide) c01 = multiplyAdd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = multiplyAdd(x, b0, c10);
    if (wide) c11 = multiplyAdd(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = multiplyAdd(x, b0, c20);
    if (wide) c21 = multiplyAdd(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = multiplyAdd(x, b0, c30);
    if (wide) c31 = multiplyAdd(x, b1, c31);
    if (rows > 4) {
      x = v128.load32_splat(a, 16);
      c40 = multiplyAdd(x, b0, c40);
      if (wide) c41 = multiplyAdd(x, b1, c41);
    }
    if (rows > 5) {
      x = v128.load32_splat(a, 20);
      c50 = multiplyAdd(x, b0, c50);
      if (wide) c51 = multiplyAdd(x, b1, c51);
    }
  }
  v128.store(c, c00);
  if (wide) v128.store(c, c01, 16);
  c += stride;
  v128.store(c, c10);
  if (wide) v128.store(c, c11, 16);
  c += stride;
  v128.store(c, c20);
  if (wide) v128.store(c, c21, 16);
  c += stride;
  v128.store(c, c30);
  if (wide) v128.store(c, c31, 16);
  if (rows > 4) {
    c += stride;
    v128.store(c, c40);
    if (wide) v128.store(c, c41, 16);
  }
  if (rows > 5) {
    c += stride;
    v128.store(c, c50);
    if (wide) v128.store(c, c51, 16);
  }
}

export function storePartOfTile(tile: usize, c: usize, stride: usize, rows: u32, columns: u32, accumulate: bool): void {
  for (let row: u32 = 0; row < rows; row++) {
    for (let offset: usize = 0; offset < <usize>columns << 2; offset += 4) {
      const value = load<f32>(tile + offset);
      store<f32>(c + offset, accumulate ? load<f32>(c + offset) + value : value);
    }
    c += stride;
    tile += ROW_BYTES;
  }
}

/** Packs `rows` rows of A from `row` on, steps start … start + depth − 1 of k, into one panel (depth × height). */
function packFirst(a: usize, panel: usize, m: u32, k: u32, row: u32, rows: u32, height: u32, start: u32, depth: u32, transposed: bool): void {
  if (transposed) {
    const source = a + ((<usize>start * <usize>m + <usize>row) << 2);
    if (height == ROWS) packRows(source, <usize>m << 2, panel, rows, ROWS, depth);
    else packRows(source, <usize>m << 2, panel, rows, 4, depth);
  } else {
    packColumns(a + ((<usize>row * <usize>k + <usize>start) << 2), <usize>k << 2, panel, rows, height, depth);
  }
}

/** Packs steps start … start + depth − 1 of all of B into panels (depth × COLUMNS, the last perhaps depth × HALF) one behind the other. */
function packSecond(b: usize, panel: usize, n: u32, k: u32, start: u32, depth: u32, transposed: bool): void {
  for (let column: u32 = 0; column < n; column += COLUMNS) {
    const columns = min(COLUMNS, n - column);
    const width: u32 = columns > HALF ? COLUMNS : HALF;
    if (transposed) {
      packColumns(b + ((<usize>column * <usize>k + <usize>start) << 2), <usize>k << 2, panel, columns, width, depth);
    } else {
      const source = b + ((<usize>start * <usize>n + <usize>column) << 2);
      if (width == COLUMNS) packRows(source, <usize>n << 2, panel, columns, COLUMNS, depth);
      else packRows(source, <usize>n << 2, panel, columns, HALF, depth);
    }
    panel += (<usize>depth * <usize>width) << 2;
  }
}

/** The source is k-major already: `width` of `full` neighbours from each of its rows, the rest 0. */
// @ts-ignore: decorator
@inline
export function packRows(source: usize, stride: usize, panel: usize, width: u32, full: u32, depth: u32): void {
  if (width == full) {
    for (let step: u32 = 0; step < depth; step++) {
      v128.store(panel, v128.load(source));
      if (full == 8) v128.store(panel, v128.load(source, 16), 16);
      if (full == 6) store<u64>(panel, load<u64>(source, 16), 16);
      if (full == 5) store<u32>(panel, load<u32>(source, 16), 16);
      source += stride;
      panel += <usize>full << 2;
    }
    return;
  }
  for (let step: u32 = 0; step < depth; step++) {
    for (let place: u32 = 0; place < full; place++) {
      store<f32>(panel + (<usize>place << 2), place < width ? load<f32>(source + (<usize>place << 2)) : 0);
    }
    source += stride;
    panel += <usize>full << 2;
  }
}

/** The source has k along its rows: a transposition of `width` rows, the rest 0. */
export function packColumns(source: usize, stride: usize, panel: usize, width: u32, full: u32, depth: u32): void {
  let place: u32 = 0;
  for (; place + 4 <= width; place += 4) {
    packFourColumns(source, stride, panel + (<usize>place << 2), <usize>full << 2, depth);
    source += 4 * stride;
  }
  for (; place + 2 <= width; place += 2) {
    packTwoColumns(source, stride, panel + (<usize>place << 2), <usize>full << 2, depth);
    source += 2 * stride;
  }
  for (; place < full; place++) {
    let target = panel + (<usize>place << 2);
    for (let step: u32 = 0; step < depth; step++) {
      store<f32>(target, place < width ? load<f32>(source + (<usize>step << 2)) : 0);
      target += <usize>full << 2;
    }
    source += stride;
  }
}

/** Two rows of the source to two columns of the panel. */
function packTwoColumns(source: usize, stride: usize, panel: usize, panelStride: usize, depth: u32): void {
  let step: u32 = 0;
  for (; step + 4 <= depth; step += 4) {
    const r0 = v128.load(source);
    const r1 = v128.load(source + stride);
    const low = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5), high = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
    v128.store64_lane(panel, low, 0);
    v128.store64_lane(panel + panelStride, low, 1);
    v128.store64_lane(panel + 2 * panelStride, high, 0);
    v128.store64_lane(panel + 3 * panelStride, high, 1);
    source += 16;
    panel += 4 * panelStride;
  }
  for (; step < depth; step++) {
    store<f32>(panel, load<f32>(source));
    store<f32>(panel, load<f32>(source + stride), 4);
    source += 4;
    panel += panelStride;
  }
}

/** Four rows of the source to four columns of the panel, by 4 × 4 transpositions in registers. */
function packFourColumns(source: usize, stride: usize, panel: usize, panelStride: usize, depth: u32): void {
  let step: u32 = 0;
  for (; step + 4 <= depth; step += 4) {
    const r0 = v128.load(source);
    const r1 = v128.load(source + stride);
    const r2 = v128.load(source + 2 * stride);
    const r3 = v128.load(source + 3 * stride);
    const low01 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5), high01 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
    const low23 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5), high23 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
    v128.store(panel, v128.shuffle<i64>(low01, low23, 0, 2));
    v128.store(panel + panelStride, v128.shuffle<i64>(low01, low23, 1, 3));
    v128.store(panel + 2 * panelStride, v128.shuffle<i64>(high01, high23, 0, 2));
    v128.store(panel + 3 * panelStride, v128.shuffle<i64>(high01, high23, 1, 3));
    source += 16;
    panel += 4 * panelStride;
  }
  for (; step < depth; step++) {
    for (let place: usize = 0; place < 4; place++) store<f32>(panel + (place << 2), load<f32>(source + place * stride));
    source += 4;
    panel += panelStride;
  }
}
