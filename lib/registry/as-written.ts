/**
 * A product as whoever wrote its factors means it: 0.29 · 100 is 29, where doubles make 28.999999999999996 of it and ⌊·⌋ then 28. To twelve
 * digits; to be taken before ⌊·⌋, ⌈·⌉ and comparisons with a whole number.
 */
export function asWritten(product: number): number {
  return Number(product.toPrecision(12));
}
