import { PAUSE, type Work } from '../kernels/task.js';

/** Values looked at before the event loop may turn: about a millisecond. */
const AT_ONCE = 262_144;
const DIGITS = 8;

/**
 * The `share` quantile of values ≥ 0, none of them NaN: between the values at the sorted positions next to share · (N − 1), in proportion
 * (Hyndman and Fan's type 7, what numpy takes by default). 0 of no values. The values are left as they are.
 *
 * Found byte by byte, in O(N) whatever they are: float64 from 0 on are ordered as their bits are, which a little-endian memory, as
 * WebAssembly's is, holds as eight bytes with the highest last.
 */
export function* quantile(values: Float64Array, share: number): Work<number> {
  if (values.length === 0) return 0;
  const position = share * (values.length - 1);
  const rank = Math.floor(position);
  const digits = new Uint8Array(values.buffer, values.byteOffset, DIGITS * values.length);
  const value = new Uint8Array(DIGITS);
  let below = 0;
  let equal = 0;
  // The first `left` are where the values stand whose bytes so far are those found.
  const alike = new Uint32Array(values.length);
  for (let k = 0; k < values.length; k++) alike[k] = k;
  let left = values.length;
  for (let place = DIGITS - 1; place >= 0; place--) {
    const counts = new Uint32Array(256);
    for (let k = 0; k < left; k++) {
      addOne(counts, digits[DIGITS * (alike[k] as number) + place] as number);
      if (k % AT_ONCE === AT_ONCE - 1) yield PAUSE;
    }
    let digit = 0;
    while (below + (counts[digit] as number) <= rank) below += counts[digit++] as number;
    value[place] = digit;
    equal = counts[digit] as number;
    const before = left;
    left = 0;
    for (let k = 0; k < before; k++) {
      const candidate = alike[k] as number;
      if (digits[DIGITS * candidate + place] === digit) alike[left++] = candidate;
    }
  }
  const lower = new Float64Array(value.buffer)[0] as number;
  if (below + equal > rank + 1 || position === rank) return lower;
  let upper = Infinity;
  for (let k = 0; k < values.length; k++) {
    const other = values[k] as number;
    if (other > lower && other < upper) upper = other;
    if (k % AT_ONCE === AT_ONCE - 1) yield PAUSE;
  }
  return lower + (position - rank) * (upper - lower);
}

function addOne(counts: Uint32Array, digit: number): void {
  counts[digit] = (counts[digit] as number) + 1;
}
