import fc from 'fast-check';
import t from 'tap';
import { outputLength } from '../../lib/kernels/sizes.js';
import { isClose, numbers, seeds, uniform } from './arbitraries.js';
import { WORKBENCHES } from './workbench.js';

const side = fc.integer({ min: 1, max: 17 });
const geometries = fc
  .record({ planes: fc.integer({ min: 1, max: 4 }), height: side, width: side, size: fc.integer({ min: 1, max: 5 }), stride: fc.integer({ min: 1, max: 6 }) })
  .filter(({ height, width, size }) => size <= Math.min(height, width));

/** Positions in the planes of each window's values, in reading order. */
function windows({ planes, height, width, size, stride }: { planes: number; height: number; width: number; size: number; stride: number }): number[][] {
  const all: number[][] = [];
  for (let plane = 0; plane < planes; plane++) {
    for (let y = 0; y < outputLength(height, size, stride); y++) {
      for (let x = 0; x < outputLength(width, size, stride); x++) {
        all.push(Array.from({ length: size * size }, (_, k) => (plane * height + y * stride + Math.floor(k / size)) * width + x * stride + (k % size)));
      }
    }
  }
  return all;
}

for (const bench of WORKBENCHES) {
  const { kernels } = bench;

  t.test(`${bench.kind}: max-pooling takes the greatest of each window, the first of equal ones, and sends its gradient there`, async () => {
    fc.assert(
      fc.property(geometries, seeds, fc.boolean(), (geometry, seed, withNaN) => {
        bench.reset();
        const { planes, height, width, size, stride } = geometry;
        const random = uniform(seed);
        // Few different values: ties are common.
        const values = Float32Array.from({ length: planes * height * width }, () => (withNaN && random() < 0.1 ? NaN : Math.floor(7 * random()) - 3));
        const input = bench.floats(values);
        const all = windows(geometry);
        const output = bench.floats(new Float32Array(all.length).fill(-99));
        const indices = bench.floats(new Float32Array(all.length));
        const slopes = bench.floats(numbers(random, all.length));
        const inputSlopes = bench.floats(new Float32Array(values.length).fill(NaN));
        kernels.maxPool(input.address, output.address, indices.address, planes, height, width, size, stride);
        kernels.maxPoolBackward(slopes.address, indices.address, inputSlopes.address, planes, height, width, size, stride);
        const wanted = new Float64Array(values.length);
        const right = all.every((window, place) => {
          const own = window.map((at) => values[at]!);
          const greatest = own.some(Number.isNaN) ? own.findIndex(Number.isNaN) : own.indexOf(Math.max(...own));
          wanted[window[greatest]!]! += slopes.view[place]!;
          return Object.is(output.view[place], own[greatest]) || output.view[place] === own[greatest];
        });
        return right && inputSlopes.view.every((slope, at) => isClose(slope, wanted[at]!, 1e-6, 1)) && [input, output, indices, slopes, inputSlopes].every((region) => region.intact());
      }),
    );
  });

  t.test(`${bench.kind}: average-pooling takes the mean of each window, and spreads its gradient`, async () => {
    fc.assert(
      fc.property(geometries, seeds, (geometry, seed) => {
        bench.reset();
        const { planes, height, width, size, stride } = geometry;
        const random = uniform(seed);
        const input = bench.floats(numbers(random, planes * height * width));
        const all = windows(geometry);
        const output = bench.floats(new Float32Array(all.length).fill(NaN));
        const slopes = bench.floats(numbers(random, all.length));
        const inputSlopes = bench.floats(new Float32Array(input.view.length).fill(NaN));
        kernels.averagePool(input.address, output.address, planes, height, width, size, stride);
        kernels.averagePoolBackward(slopes.address, inputSlopes.address, planes, height, width, size, stride);
        const wanted = new Float64Array(input.view.length);
        const right = all.every((window, place) => {
          for (const at of window) wanted[at]! += slopes.view[place]! / window.length;
          return isClose(output.view[place]!, window.reduce((sum, at) => sum + input.view[at]!, 0) / window.length, 1e-7, 1);
        });
        return right && inputSlopes.view.every((slope, at) => isClose(slope, wanted[at]!, 1e-6, 1)) && [input, output, slopes, inputSlopes].every((region) => region.intact());
      }),
    );
  });
}
