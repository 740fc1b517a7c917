import { type Address, addressOf, type Region } from '../memory/regions.js';

/** A cache line of float32: rows begin at whole ones, so that no two threads write to the same. */
const CACHE_LINE = 16;

/** float32 from one row of a matrix of rows to the next. */
export function rowStride(d: number): number {
  return Math.ceil(d / CACHE_LINE) * CACHE_LINE;
}

/** Where row `row` of a matrix of rows begins. */
export function rowAddress(matrix: Region<'f32'>, row: number, d: number): Address {
  return addressOf(matrix, row * rowStride(d));
}
