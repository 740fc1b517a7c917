import type { Stream } from '../data/random.js';
import type { Work } from '../kernels/task.js';
import type { Arena } from '../memory/arena.js';
import { addressOf, type Regions, u32 } from '../memory/regions.js';

/** The regions that `drawCoordinates` takes for `sets` sets of b of d coordinates. */
export function drawRequests(b: number, d: number, sets = 1) {
  return { generator: u32(4), marks: u32(Math.ceil(d / 32)), coordinates: u32(sets * b) };
}

/**
 * `sets` times b of d coordinates without replacement, every set equally likely (Floyd's algorithm), ascending: into `coordinates`, one set behind the
 * other. Each draws `random.below` of d − b + 1, d − b + 2, … d.
 */
export function* drawCoordinates(arena: Arena, random: Stream, b: number, d: number, regions: Regions<ReturnType<typeof drawRequests>>, sets = 1): Work {
  const { generator, marks, coordinates } = regions;
  const state = arena.view(generator);
  state.set(random.state);
  for (let set = 0; set < sets; set++) {
    const given = { state: generator.address, b, d, marks: marks.address, output: addressOf(coordinates, set * b) };
    yield { operation: 'drawCoordinates', arguments: given, chunks: 1, cost: 40 * b };
  }
  random.state = state;
}
