import { innerProducts, productPartialsLength } from '../kernels/comparisons.js';
import type { Work } from '../kernels/task.js';
import type { RowTable } from '../kernels/work.js';
import type { Arena } from '../memory/arena.js';
import { f64, type Region } from '../memory/regions.js';
import type { Shape } from './aggregator.js';

/** The directions of n rows, compared in pairs, and their lengths. */
export interface Cosines {
  /** n × n, row-major, each from −1 to 1; what is on the diagonal is undefined. A row of zeros has cosine 0 with every other. */
  readonly cosines: Float64Array;
  readonly lengths: Float64Array;
}

/** The regions that `cosinesOf` takes, for the shape and for up to f rows fewer. */
export function cosineRequests({ n, f, d }: Shape) {
  let partials = 0;
  // As for distances: fewer rows may be cut into more chunks.
  for (let rows = Math.max(1, n - f); rows <= n; rows++) partials = Math.max(partials, productPartialsLength(rows, d));
  return { partials: f64(partials), products: f64(n * n) };
}

/**
 * Cosines and lengths of the rows, to about twelve digits (assembly/products.ts); of equal rows the cosine is 1. `element`: what the rows
 * are made of.
 */
export function* cosinesOf(
  arena: Arena, rows: RowTable, memory: { readonly partials: Region<'f64'>; readonly products: Region<'f64'> }, element: 'f32' | 'f64' = 'f32',
): Work<Cosines> {
  const { n } = rows;
  const matrix = (yield* innerProducts(arena, rows, memory.partials, memory.products, element)).subarray(0, n * n);
  const squares = Float64Array.from({ length: n }, (_, row) => matrix[row * n + row] as number);
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      // Squares of float32 rows' lengths, from 1e-90 to 1e87, neither overflow nor vanish in a product; and √(a·a) is a, so equal rows have cosine 1.
      const scale = Math.sqrt((squares[i] as number) * (squares[j] as number));
      const cosine = scale === 0 ? 0 : Math.max(-1, Math.min(1, (matrix[i * n + j] as number) / scale));
      matrix[i * n + j] = cosine;
      matrix[j * n + i] = cosine;
    }
  }
  return { cosines: matrix, lengths: squares.map(Math.sqrt) };
}

/** 1 − cos of all pairs: from 0 to 2, 1 from a row of zeros to any other, 0 on the diagonal. Overwrites the cosines. */
export function cosineDistances(cosines: Float64Array, n: number): Float64Array {
  for (let pair = 0; pair < n * n; pair++) cosines[pair] = 1 - (cosines[pair] as number);
  for (let row = 0; row < n; row++) cosines[row * n + row] = 0;
  return cosines;
}
