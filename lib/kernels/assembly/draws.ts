/**
 * Coordinates without replacement, by Floyd's algorithm: for last = d − b … d − 1 one of 0 … last is drawn, and `last` taken in its place when it was
 * taken before. So every set of b is equally likely. The generator is that of lib/data/random.ts, the draws are its `below(last + 1)`.
 */

/**
 * Writes b of d coordinates (uint32), ascending. `state`: 4 uint32 of xoshiro128** (Blackman and Vigna 2018), left as they are after the last draw.
 * `marks`: a bit for each coordinate, in uint32.
 */
export function drawCoordinates(state: usize, b: u32, d: u32, marks: usize, output: usize): void {
  const words = (d + 31) >> 5;
  memory.fill(marks, 0, <usize>words << 2);
  let s0 = load<u32>(state), s1 = load<u32>(state, 4), s2 = load<u32>(state, 8), s3 = load<u32>(state, 12);
  for (let bound = d - b + 1; bound <= d; ) {
    const draw = rotl<u32>(s1 * 5, 7) * 9;
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = rotl<u32>(s3, 11);
    // A draw at or beyond the greatest multiple of the bound is taken again. That multiple is above 2³² − bound, so it is hardly ever asked for.
    if (draw > 0 - bound && draw > u32.MAX_VALUE - (0 - bound) % bound) continue;
    const coordinate = draw % bound;
    const last = bound - 1;
    mark(marks, isMarked(marks, coordinate) ? last : coordinate);
    bound++;
  }
  store<u32>(state, s0);
  store<u32>(state, s1, 4);
  store<u32>(state, s2, 8);
  store<u32>(state, s3, 12);
  for (let word: u32 = 0; word < words; word++) {
    for (let left = load<u32>(marks + (<usize>word << 2)); left != 0; left &= left - 1) {
      store<u32>(output, (word << 5) + ctz(left));
      output += 4;
    }
  }
}

// @ts-ignore: decorator
@inline
function isMarked(marks: usize, coordinate: u32): bool {
  return (load<u32>(marks + (<usize>(coordinate >> 5) << 2)) & (1 << (coordinate & 31))) != 0;
}

// @ts-ignore: decorator
@inline
function mark(marks: usize, coordinate: u32): void {
  const word = marks + (<usize>(coordinate >> 5) << 2);
  store<u32>(word, load<u32>(word) | (1 << (coordinate & 31)));
}
