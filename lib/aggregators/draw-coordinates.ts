import type { Stream } from '../data/random.js';

/** b of d coordinates without replacement, every set equally likely (Floyd's algorithm), ascending. Draws b numbers, and looks through d marks. */
export function drawCoordinates(random: Stream, b: number, d: number): Uint32Array {
  const marks = new Uint8Array(d);
  for (let last = d - b; last < d; last++) {
    const coordinate = random.below(last + 1);
    marks[marks[coordinate] === 1 ? last : coordinate] = 1;
  }
  const drawn = new Uint32Array(b);
  for (let coordinate = 0, place = 0; place < b; coordinate++) if (marks[coordinate] === 1) drawn[place++] = coordinate;
  return drawn;
}
