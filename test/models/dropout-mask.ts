import type { Stream } from '../../lib/data/random.js';

/** What a dropout layer multiplies the next `count` values by: 0 or 1/(1 − rate), from a generator begun with four words of the stream. */
export function dropoutMask(words: Stream, count: number, rate: number): Float32Array {
  const draw = generator(Uint32Array.from({ length: 4 }, () => words.uint32()));
  return Float32Array.from({ length: count }, () => (draw() >= rate * 2 ** 32 ? 1 / (1 - rate) : 0));
}

/** xoshiro128**, as its authors publish it. */
function generator(state: Uint32Array): () => number {
  const [rotate, s] = [(word: number, bits: number) => (word << bits) | (word >>> (32 - bits)), state.slice()];
  return () => {
    const draw = Math.imul(rotate(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const shifted = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= shifted;
    s[3] = rotate(s[3]!, 11);
    return draw;
  };
}
