/**
 * Regions: the named, typed, aligned parts of the arena.
 *
 * A plan is drawn up from the resolved scenario before any thread starts, so the memory a run needs is known
 * up front and every thread sees the same picture.
 */

/** A byte offset into the arena's memory. Not an element index: kernels take these as pointers. */
export type Address = number & { readonly __unit: 'byte' };

export type ElementType = 'u8' | 'u32' | 'i32' | 'f32' | 'f64';

export interface ElementArrays {
  u8: Uint8Array;
  u32: Uint32Array;
  i32: Int32Array;
  f32: Float32Array;
  f64: Float64Array;
}

/** What somebody asks for: `length` elements of a type. */
export interface RegionRequest<T extends ElementType = ElementType> {
  readonly type: T;
  readonly length: number;
}

/** What they get: a place in the arena. Plain data, so a plan travels to the threads as it is. */
export interface Region<T extends ElementType = ElementType> extends RegionRequest<T> {
  readonly name: string;
  readonly address: Address;
}

/** What float32 can hold: a greater value would arrive as an infinity. */
export const GREATEST_FLOAT32 = 3.4028234663852886e38;

export const BYTES_PER_ELEMENT: Readonly<Record<ElementType, number>> = { u8: 1, u32: 4, i32: 4, f32: 4, f64: 8 };

export const u8 = (length: number): RegionRequest<'u8'> => ({ type: 'u8', length });
export const u32 = (length: number): RegionRequest<'u32'> => ({ type: 'u32', length });
export const i32 = (length: number): RegionRequest<'i32'> => ({ type: 'i32', length });
export const f32 = (length: number): RegionRequest<'f32'> => ({ type: 'f32', length });
export const f64 = (length: number): RegionRequest<'f64'> => ({ type: 'f64', length });

/** The regions of one owner (a rule, an attack, a loop) by the names it declared. */
export type RegionRequests = Readonly<Record<string, RegionRequest>>;
export type Regions<R extends RegionRequests> = { readonly [K in keyof R]: Region<R[K]['type']> };

/** The address of element `index` of a region. */
export function addressOf(region: Region, index: number): Address {
  return (region.address + index * BYTES_PER_ELEMENT[region.type]) as Address;
}
