import fc from 'fast-check';
import t from 'tap';
import { Stream } from '../../lib/data/random.js';
import { floyd } from '../aggregators/subset-reference.js';
import { WORKBENCHES, type Workbench } from './workbench.js';

/** What the kernel draws in the place of a stream, and how the stream goes on. */
function drawnOn(bench: Workbench, random: Stream, b: number, d: number): Uint32Array {
  const { kernels } = bench;
  const [state, marks, output] = [bench.words(random.state), bench.words(new Uint32Array(Math.ceil(d / 32)).fill(0xffff_ffff)), bench.words(new Uint32Array(b + 1).fill(7))];
  kernels.drawCoordinates(state, b, d, marks, output);
  random.state = new Uint32Array(kernels.memory.buffer, state, 4);
  const drawn = new Uint32Array(kernels.memory.buffer, output, b + 1).slice();
  if (drawn[b] !== 7) throw new Error('it wrote beyond the last coordinate');
  return drawn.subarray(0, b);
}

for (const bench of WORKBENCHES) {
  t.test(`${bench.kind}: coordinates are those of Floyd’s algorithm on the same stream, which goes on from there`, async (t) => {
    const agrees = (seed: number, b: number, d: number): boolean => {
      bench.reset();
      const [ours, theirs] = [new Stream(seed, 'aggregator'), new Stream(seed, 'aggregator')];
      for (let set = 0; set < 3; set++) if (drawnOn(bench, ours, b, d).join() !== floyd(theirs, b, d).join()) return false;
      return ours.uint32() === theirs.uint32();
    };
    fc.assert(fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), fc.nat(), (d, share, seed) => agrees(seed, 1 + (share % d), d)));
    // Here one draw in 512 is beyond the greatest multiple of its bound, and is drawn again.
    t.ok(agrees(5, 2000, 2 ** 24 - 1));
  });

  t.test(`${bench.kind}: each coordinate is as likely as any other`, async (t) => {
    const random = new Stream(7, 'aggregator');
    const counts = new Float64Array(10);
    for (let draw = 0; draw < 20_000; draw++) {
      bench.reset();
      for (const coordinate of drawnOn(bench, random, 3, 10)) counts[coordinate]! += 1;
    }
    // 6,000 times each, with a deviation of 65.
    t.ok(counts.every((count) => Math.abs(count - 6000) < 400), counts.join(' '));
  });
}
