/**
 * The three float32 products of a dense layer. They differ only in how the factors are packed: the first into panels of
 * ROWS rows, the second into panels of COLUMNS columns, both k-major, so that the inner loop reads two streams from front to
 * back whatever the layout was. Panels at an edge are padded, which keeps one inner loop for all sizes.
 */
import { multiplyAdd } from './vector';

/**
 * The register tile, ROWS × COLUMNS. V8 has 15 vector registers to give: the tile's sums, two of B and one of A take 15 with
 * 6 rows when multiply and add are one instruction; 5 rows leave the register that the product needs otherwise.
 */
const ROWS: u32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;
const COLUMNS: u32 = 8;
/** Steps of k in one go: a panel of each factor for these fits the first-level cache together. */
const BLOCK: u32 = 400;

const ROW_BYTES: usize = <usize>COLUMNS * 4;
const TILE_BYTES: usize = <usize>ROWS * ROW_BYTES;

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
    for (let row: u32 = 0; row < m; row += ROWS) {
      const rows = min(ROWS, m - row);
      packFirst(a, panelA, m, k, row, rows, start, depth, transposedA);
      let panelB = panelsB;
      for (let column: u32 = 0; column < n; column += COLUMNS) {
        const columns = min(COLUMNS, n - column);
        const target = c + <usize>row * stride + (<usize>column << 2);
        if (rows == ROWS && columns == COLUMNS) {
          multiplyTile(panelA, panelB, depth, accumulate ? target : zeros, accumulate ? stride : 0, target, stride);
        } else {
          multiplyTile(panelA, panelB, depth, zeros, 0, tile, ROW_BYTES);
          storePartOfTile(tile, target, stride, rows, columns, accumulate);
        }
        panelB += <usize>depth * ROW_BYTES;
      }
    }
  }
}

/**
 * C tile = start + panel of A (k × ROWS) · panel of B (k × COLUMNS), where `start` is C itself or zeros. No branch on either:
 * one behind the loop made V8 11.3 order all loads before all arithmetic, which spilled half of the sums.
 */
function multiplyTile(a: usize, b: usize, k: u32, start: usize, startStride: usize, c: usize, stride: usize): void {
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  start += startStride;
  let c10 = v128.load(start), c11 = v128.load(start, 16);
  start += startStride;
  let c20 = v128.load(start), c21 = v128.load(start, 16);
  start += startStride;
  let c30 = v128.load(start), c31 = v128.load(start, 16);
  start += startStride;
  let c40 = v128.load(start), c41 = v128.load(start, 16);
  start += startStride;
  let c50 = f32x4.splat(0), c51 = f32x4.splat(0);
  if (ROWS > 5) {
    c50 = v128.load(start);
    c51 = v128.load(start, 16);
  }
  for (const end = a + ((<usize>k * <usize>ROWS) << 2); a != end; a += <usize>ROWS << 2, b += ROW_BYTES) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = multiplyAdd(x, b0, c00);
    c01 = multiplyAdd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = multiplyAdd(x, b0, c10);
    c11 = multiplyAdd(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = multiplyAdd(x, b0, c20);
    c21 = multiplyAdd(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = multiplyAdd(x, b0, c30);
    c31 = multiplyAdd(x, b1, c31);
    x = v128.load32_splat(a, 16);
    c40 = multiplyAdd(x, b0, c40);
    c41 = multiplyAdd(x, b1, c41);
    if (ROWS > 5) {
      x = v128.load32_splat(a, 20);
      c50 = multiplyAdd(x, b0, c50);
      c51 = multiplyAdd(x, b1, c51);
    }
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c += stride;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c += stride;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c += stride;
  v128.store(c, c30);
  v128.store(c, c31, 16);
  c += stride;
  v128.store(c, c40);
  v128.store(c, c41, 16);
  if (ROWS > 5) {
    c += stride;
    v128.store(c, c50);
    v128.store(c, c51, 16);
  }
}

function storePartOfTile(tile: usize, c: usize, stride: usize, rows: u32, columns: u32, accumulate: bool): void {
  for (let row: u32 = 0; row < rows; row++) {
    for (let offset: usize = 0; offset < <usize>columns << 2; offset += 4) {
      const value = load<f32>(tile + offset);
      store<f32>(c + offset, accumulate ? load<f32>(c + offset) + value : value);
    }
    c += stride;
    tile += ROW_BYTES;
  }
}

/** Packs `rows` rows of A from `row` on, steps start … start + depth − 1 of k, into one panel (depth × ROWS). */
function packFirst(a: usize, panel: usize, m: u32, k: u32, row: u32, rows: u32, start: u32, depth: u32, transposed: bool): void {
  if (transposed) packRows(a + ((<usize>start * <usize>m + <usize>row) << 2), <usize>m << 2, panel, rows, ROWS, depth);
  else packColumns(a + ((<usize>row * <usize>k + <usize>start) << 2), <usize>k << 2, panel, rows, ROWS, depth);
}

/** Packs steps start … start + depth − 1 of all of B into panels (depth × COLUMNS) one behind the other. */
function packSecond(b: usize, panel: usize, n: u32, k: u32, start: u32, depth: u32, transposed: bool): void {
  for (let column: u32 = 0; column < n; column += COLUMNS) {
    const columns = min(COLUMNS, n - column);
    if (transposed) packColumns(b + ((<usize>column * <usize>k + <usize>start) << 2), <usize>k << 2, panel, columns, COLUMNS, depth);
    else packRows(b + ((<usize>start * <usize>n + <usize>column) << 2), <usize>n << 2, panel, columns, COLUMNS, depth);
    panel += <usize>depth * ROW_BYTES;
  }
}

/** The source is k-major already: `width` of `full` neighbours from each of its rows, the rest 0. */
// @ts-ignore: decorator
@inline
function packRows(source: usize, stride: usize, panel: usize, width: u32, full: u32, depth: u32): void {
  for (let step: u32 = 0; step < depth; step++) {
    if (width == full) {
      v128.store(panel, v128.load(source));
      if (full == 8) v128.store(panel, v128.load(source, 16), 16);
      if (full == 6) store<u64>(panel, load<u64>(source, 16), 16);
      if (full == 5) store<u32>(panel, load<u32>(source, 16), 16);
    } else {
      for (let place: u32 = 0; place < full; place++) {
        store<f32>(panel + (<usize>place << 2), place < width ? load<f32>(source + (<usize>place << 2)) : 0);
      }
    }
    source += stride;
    panel += <usize>full << 2;
  }
}

/** The source has k along its rows: a transposition of `width` rows, the rest 0. */
// @ts-ignore: decorator
@inline
function packColumns(source: usize, stride: usize, panel: usize, width: u32, full: u32, depth: u32): void {
  let place: u32 = 0;
  for (; place + 4 <= width; place += 4) {
    packFourColumns(source, stride, panel + (<usize>place << 2), <usize>full << 2, depth);
    source += 4 * stride;
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
