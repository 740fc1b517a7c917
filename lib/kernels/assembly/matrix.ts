/**
 * The three float32 products of a dense layer. They differ only in how the factors are packed: the first into panels of
 * ROWS rows, the second into panels of COLUMNS columns, both k-major, so that the inner loop reads two streams from front to
 * back whatever the layout was. Panels at an edge are padded, which keeps one inner loop for all sizes.
 */
import { multiplyAdd } from './vector';

/** Rows of the register tile. */
const ROWS: u32 = 6;
/** Columns of the register tile: two vectors. */
const COLUMNS: u32 = 8;
/** Steps of k in one go: a panel of each factor for these fits the first-level cache together. */
const BLOCK: u32 = 400;

const TILE_BYTES: usize = <usize>ROWS * <usize>COLUMNS * 4;

export function multiply(a: usize, b: usize, c: usize, m: u32, n: u32, k: u32, workspace: usize): void {
  product(a, b, c, m, n, k, workspace, false, false);
}

export function multiplyTransposedA(a: usize, b: usize, c: usize, m: u32, n: u32, k: u32, workspace: usize): void {
  product(a, b, c, m, n, k, workspace, true, false);
}

export function multiplyTransposedB(a: usize, b: usize, c: usize, m: u32, n: u32, k: u32, workspace: usize): void {
  product(a, b, c, m, n, k, workspace, false, true);
}

/** Workspace: the spill tile, one panel of the first factor, all panels of the second (`multiplyWorkspace` in sizes.ts). */
function product(a: usize, b: usize, c: usize, m: u32, n: u32, k: u32, workspace: usize, transposedA: bool, transposedB: bool): void {
  if (k == 0) {
    memory.fill(c, 0, (<usize>m * <usize>n) << 2);
    return;
  }
  const stride = <usize>n << 2;
  const blocks = (k + BLOCK - 1) / BLOCK;
  // Blocks of equal length: 784 is 392 + 392, not 400 + 384. A multiple of 4 suits the unrolled loop.
  const block = ((k + blocks - 1) / blocks + 3) & ~3;
  const panelA = workspace + TILE_BYTES;
  const panelsB = panelA + <usize>block * <usize>ROWS * 4;
  for (let start: u32 = 0; start < k; start += block) {
    const depth = min(block, k - start);
    packSecond(b, panelsB, n, k, start, depth, transposedB);
    for (let row: u32 = 0; row < m; row += ROWS) {
      const rows = min(ROWS, m - row);
      packFirst(a, panelA, m, k, row, rows, start, depth, transposedA);
      let panelB = panelsB;
      for (let column: u32 = 0; column < n; column += COLUMNS) {
        const columns = min(COLUMNS, n - column);
        const target = c + <usize>row * stride + (<usize>column << 2);
        if (rows == ROWS && columns == COLUMNS) {
          multiplyTile(panelA, panelB, target, stride, depth, start > 0);
        } else {
          multiplyTile(panelA, panelB, workspace, <usize>COLUMNS << 2, depth, false);
          storePartOfTile(workspace, target, stride, rows, columns, start > 0);
        }
        panelB += (<usize>depth * <usize>COLUMNS) << 2;
      }
    }
  }
}

/** C tile (ROWS × COLUMNS) = or += panel of A (k × ROWS) · panel of B (k × COLUMNS). */
function multiplyTile(a: usize, b: usize, c: usize, stride: usize, k: u32, accumulate: bool): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0), c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0), c51 = f32x4.splat(0);
  for (; k > 0; k--) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
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
    x = v128.load32_splat(a, 20);
    c50 = multiplyAdd(x, b0, c50);
    c51 = multiplyAdd(x, b1, c51);
    a += <usize>ROWS * 4;
    b += <usize>COLUMNS * 4;
  }
  storeRow(c, c00, c01, accumulate);
  storeRow(c + stride, c10, c11, accumulate);
  storeRow(c + 2 * stride, c20, c21, accumulate);
  storeRow(c + 3 * stride, c30, c31, accumulate);
  storeRow(c + 4 * stride, c40, c41, accumulate);
  storeRow(c + 5 * stride, c50, c51, accumulate);
}

// @ts-ignore: decorator
@inline
function storeRow(c: usize, x0: v128, x1: v128, accumulate: bool): void {
  if (accumulate) {
    x0 = f32x4.add(v128.load(c), x0);
    x1 = f32x4.add(v128.load(c, 16), x1);
  }
  v128.store(c, x0);
  v128.store(c, x1, 16);
}

function storePartOfTile(tile: usize, c: usize, stride: usize, rows: u32, columns: u32, accumulate: bool): void {
  for (let row: u32 = 0; row < rows; row++) {
    for (let column: u32 = 0; column < columns; column++) {
      const target = c + (<usize>column << 2);
      const value = load<f32>(tile + (<usize>column << 2));
      store<f32>(target, accumulate ? load<f32>(target) + value : value);
    }
    c += stride;
    tile += <usize>COLUMNS << 2;
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
    panel += (<usize>depth * <usize>COLUMNS) << 2;
  }
}

/** The source is k-major already: `width` of `full` neighbours from each of its rows, the rest 0. */
function packRows(source: usize, stride: usize, panel: usize, width: u32, full: u32, depth: u32): void {
  for (let step: u32 = 0; step < depth; step++) {
    let place: u32 = 0;
    for (; place < width; place++) store<f32>(panel + (<usize>place << 2), load<f32>(source + (<usize>place << 2)));
    for (; place < full; place++) store<f32>(panel + (<usize>place << 2), 0);
    source += stride;
    panel += <usize>full << 2;
  }
}

/** The source has k along its rows: a transposition of `width` rows, the rest 0. */
function packColumns(source: usize, stride: usize, panel: usize, width: u32, full: u32, depth: u32): void {
  for (let place: u32 = 0; place < full; place++) {
    let target = panel + (<usize>place << 2);
    for (let step: u32 = 0; step < depth; step++) {
      store<f32>(target, place < width ? load<f32>(source + (<usize>step << 2)) : 0);
      target += <usize>full << 2;
    }
    source += stride;
  }
}
