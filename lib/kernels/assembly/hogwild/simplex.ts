/**
 * The nearest point of {x ≥ 0, Σx = 1}, in place: x_k ← max(0, x_k − τ). Michelot's method (1986): τ from all values, then from those above it,
 * until none falls below. Without a sort, and in at most `width` passes, because each but the last leaves a value out. Adding the same to all
 * values changes nothing, so the greatest is made 0 first: then 1e20 beside 1 keeps the 1.
 */
export function projectOntoSimplex(block: usize, width: u32): void {
  const end = block + (<usize>width << 2);
  let greatest = <f64>load<f32>(block);
  for (let at = block + 4; at < end; at += 4) greatest = max(greatest, <f64>load<f32>(at));
  let kept = width + 1;
  let threshold: f64 = -Infinity;
  for (;;) {
    let sum: f64 = 0;
    let count: u32 = 0;
    for (let at = block; at < end; at += 4) {
      const x = <f64>load<f32>(at) - greatest;
      if (x > threshold) {
        sum += x;
        count++;
      }
    }
    // None is above when there is a NaN, which then stays one.
    if (count >= kept || count == 0) break;
    kept = count;
    threshold = (sum - 1) / <f64>count;
  }
  for (let at = block; at < end; at += 4) store<f32>(at, <f32>max(0, <f64>load<f32>(at) - greatest - threshold));
}
