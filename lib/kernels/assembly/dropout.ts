/**
 * Dropout, in place: each value is multiplied by 0 or by `scale`. Which, is drawn from xoshiro128** (Blackman and Vigna 2018) beginning with the state at `state`
 * (4 uint32, left as they are), so that the way back draws the same again and no mask is kept. A value stays where its draw is at least `threshold`.
 */
export function dropout(x: usize, count: u32, threshold: u32, scale: f32, state: usize): void {
  let s0 = load<u32>(state), s1 = load<u32>(state, 4), s2 = load<u32>(state, 8), s3 = load<u32>(state, 12);
  for (const end = x + (<usize>count << 2); x != end; x += 4) {
    const draw = rotl<u32>(s1 * 5, 7) * 9;
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = rotl<u32>(s3, 11);
    // A product and no choice: a NaN stays a NaN.
    store<f32>(x, load<f32>(x) * (<f32>(draw >= threshold) * scale));
  }
}
