import { SORTED_ROW_BYTES } from './sizes.js';

/**
 * Comparator networks for the column kernels: sequences of pairs (low, high), each of which puts the smaller of two values at
 * `low` and the greater at `high`. Which values are compared never depends on the values, so many columns
 * go through one network together. An entry is the byte offset of a row of columns: position · 64.
 */

/** A network that sorts n values. */
export function sortingNetwork(n: number): Uint32Array {
  return encode(oddEvenMergeSort(n));
}

/** A network after which positions first … last hold, in some order, the values that sorting would put there. */
export function selectionNetwork(n: number, first: number, last: number): Uint32Array {
  return encode(prune(oddEvenMergeSort(n), n, first, last));
}

/** An upper bound on the comparators of either network for n values; it grows with n. */
export function maximumComparators(n: number): number {
  // Batcher's count for the next power of two, 2^t: those for n are the ones among them that touch no position beyond.
  const t = Math.ceil(Math.log2(Math.max(2, n)));
  return (t * t - t + 4) * 2 ** (t - 2) - 1;
}

type Comparator = readonly [low: number, high: number];
type Fate = 'compared' | 'below' | 'wanted' | 'above';

/** Batcher's odd-even merge sort for any n, as in Knuth, The Art of Computer Programming, volume 3, algorithm 5.2.2 M. */
function oddEvenMergeSort(n: number): Comparator[] {
  const comparators: Comparator[] = [];
  const greatest = 2 ** Math.max(0, Math.ceil(Math.log2(n)) - 1);
  for (let p = greatest; n > 1 && p >= 1; p /= 2) {
    let r = 0;
    let d = p;
    for (let q = greatest; ; q /= 2) {
      for (let i = 0; i < n - d; i++) {
        if ((i & p) === r) comparators.push([i, i + d]);
      }
      if (q === p) break;
      d = q - p;
      r = p;
    }
  }
  return comparators;
}

/**
 * Leaves out what the values at first … last, as a set, don't depend on. Backwards from the end, a position is either going to be
 * compared again, or its value ends below, among or above the wanted ones. A comparator both of whose values
 * end in the same of these places may as well not be there.
 */
function prune(comparators: readonly Comparator[], n: number, first: number, last: number): Comparator[] {
  const fates = Array.from({ length: n }, (_, position): Fate => (position < first ? 'below' : position > last ? 'above' : 'wanted'));
  const needed: Comparator[] = [];
  for (const [low, high] of comparators.toReversed()) {
    const fate = fates[low];
    if (fate !== 'compared' && fate === fates[high]) continue;
    fates[low] = 'compared';
    fates[high] = 'compared';
    needed.push([low, high]);
  }
  return needed.reverse();
}

function encode(comparators: readonly Comparator[]): Uint32Array {
  return Uint32Array.from(comparators.flat(), (position) => position * SORTED_ROW_BYTES);
}
