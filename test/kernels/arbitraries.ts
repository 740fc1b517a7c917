import fc from 'fast-check';

/** A stream of numbers in [0, 1) from a seed: the tests draw sizes with fast-check and bulk data with this. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** `length` float32 about 0, of magnitude `scale`. */
export function numbers(random: () => number, length: number, scale = 1): Float32Array {
  return Float32Array.from({ length }, () => scale * (random() + random() - 1));
}

/** n rows of d float32. */
export function rowsOf(random: () => number, n: number, d: number, scale = 1): Float32Array[] {
  return Array.from({ length: n }, () => numbers(random, d, scale));
}

/** Whole numbers in [−range, range]: equal values and equal distances are common among them. */
export function wholeRows(random: () => number, n: number, d: number, range: number): Float32Array[] {
  return Array.from({ length: n }, () => Float32Array.from({ length: d }, () => Math.floor(random() * (2 * range + 1)) - range));
}

export const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
/** Lengths around the widths of vectors, cache lines and blocks. */
export const lengths = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(511, 512, 513, 1023, 1024, 1025, 2060));
/** Numbers of rows. */
export const rowCounts = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constantFrom(64, 100, 129));

/** |actual − expected| ≤ tolerance · scale, or both not finite in the same way. */
export function isClose(actual: number, expected: number, tolerance: number, scale = Math.abs(expected)): boolean {
  return Object.is(actual, expected) || Math.abs(actual - expected) <= tolerance * scale + 1.5e-45;
}
