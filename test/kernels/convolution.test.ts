import fc from 'fast-check';
import t from 'tap';
import { outputLength, type ConvolutionGeometry } from '../../lib/kernels/sizes.js';
import { isClose, numbers, seeds, uniform } from './arbitraries.js';
import { WORKBENCHES, type Workbench } from './workbench.js';

interface Case extends ConvolutionGeometry {
  readonly batch: number;
}

const side = fc.integer({ min: 1, max: 13 });
const geometries = fc
  .record({
    batch: fc.integer({ min: 1, max: 5 }), channels: fc.integer({ min: 1, max: 5 }), height: side, width: side,
    filters: fc.integer({ min: 1, max: 19 }), kernel: fc.integer({ min: 1, max: 5 }), stride: fc.integer({ min: 1, max: 3 }), padding: fc.integer({ min: 0, max: 3 }),
  })
  .filter(({ height, width, kernel, padding }) => kernel <= Math.min(height, width) + 2 * padding);

/** Depths and rows that are more than a block of the products, one position, images of one row. */
const CORNERS: readonly Case[] = [
  { batch: 2, channels: 17, height: 6, width: 5, filters: 7, kernel: 5, stride: 1, padding: 1 },
  { batch: 3, channels: 1, height: 2, width: 450, filters: 3, kernel: 2, stride: 1, padding: 0 },
  { batch: 1, channels: 2, height: 30, width: 30, filters: 16, kernel: 3, stride: 1, padding: 0 },
  { batch: 9, channels: 16, height: 10, width: 10, filters: 64, kernel: 4, stride: 1, padding: 0 },
  { batch: 4, channels: 3, height: 4, width: 4, filters: 5, kernel: 4, stride: 1, padding: 0 },
  { batch: 2, channels: 8, height: 9, width: 9, filters: 12, kernel: 3, stride: 2, padding: 1 },
];

/** In float64, as the formula stands. Each result comes with Σ|term|, which a rounding error is measured by. */
function reference({ batch, channels, height, width, filters, kernel, stride, padding }: Case, input: Float32Array, parameters: Float32Array, slopes: Float32Array) {
  const [rows, columns] = [height, width].map((length) => outputLength(length + 2 * padding, kernel, stride)) as [number, number];
  const depth = channels * kernel * kernel;
  const sums = (length: number) => ({ value: new Float64Array(length), scale: new Float64Array(length) });
  const [output, weightSlopes, inputSlopes] = [sums(batch * filters * rows * columns), sums(filters * depth + filters), sums(input.length)];
  const add = (to: ReturnType<typeof sums>, at: number, term: number): void => {
    to.value[at]! += term;
    to.scale[at]! += Math.abs(term);
  };
  for (let sample = 0; sample < batch; sample++) {
    for (let filter = 0; filter < filters; filter++) {
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++) {
          const place = ((sample * filters + filter) * rows + y) * columns + x;
          const slope = slopes[place]!;
          add(output, place, parameters[filters * depth + filter]!);
          add(weightSlopes, filters * depth + filter, slope);
          for (let channel = 0; channel < channels; channel++) {
            for (let dy = 0; dy < kernel; dy++) {
              for (let dx = 0; dx < kernel; dx++) {
                const [row, column] = [y * stride + dy - padding, x * stride + dx - padding];
                if (row < 0 || row >= height || column < 0 || column >= width) continue;
                const from = ((sample * channels + channel) * height + row) * width + column;
                const weight = filter * depth + (channel * kernel + dy) * kernel + dx;
                add(output, place, parameters[weight]! * input[from]!);
                add(weightSlopes, weight, slope * input[from]!);
                add(inputSlopes, from, slope * parameters[weight]!);
              }
            }
          }
        }
      }
    }
  }
  return { output, weightSlopes, inputSlopes };
}

function agrees(bench: Workbench, geometry: Case, seed: number): boolean {
  bench.reset();
  const { kernels } = bench;
  const { batch, channels, height, width, filters, kernel, stride, padding } = geometry;
  const random = uniform(seed);
  const [rows, columns] = [height, width].map((length) => outputLength(length + 2 * padding, kernel, stride)) as [number, number];
  const filled = (length: number) => bench.floats(new Float32Array(length).fill(NaN));
  const input = bench.floats(numbers(random, batch * channels * height * width));
  const parameters = bench.floats(numbers(random, filters * (channels * kernel * kernel + 1)));
  const slopes = bench.floats(numbers(random, batch * filters * rows * columns));
  const [output, weightSlopes, inputSlopes] = [filled(slopes.view.length), filled(parameters.view.length), filled(input.view.length)];
  const workspace = bench.floats(new Float32Array(kernels.convolutionWorkspace(geometry) / 4).fill(NaN));
  const sizes = [batch, channels, height, width, filters, kernel, stride, padding, workspace.address] as const;
  kernels.convolution(input.address, parameters.address, output.address, ...sizes);
  kernels.convolutionParametersGradient(input.address, slopes.address, weightSlopes.address, ...sizes);
  kernels.convolutionInputGradient(slopes.address, parameters.address, inputSlopes.address, ...sizes);
  const wanted = reference(geometry, input.view, parameters.view, slopes.view);
  const near = (got: { view: Float32Array }, { value, scale }: { value: Float64Array; scale: Float64Array }): boolean =>
    got.view.every((number, at) => isClose(number, value[at]!, 1e-6, 1 + scale[at]!));
  return (
    near(output, wanted.output) && near(weightSlopes, wanted.weightSlopes) && near(inputSlopes, wanted.inputSlopes) &&
    [input, parameters, slopes, output, weightSlopes, inputSlopes, workspace].every((region) => region.intact())
  );
}

for (const bench of WORKBENCHES) {
  t.test(`${bench.kind}: a convolution and its gradients are the formula's, of any size, and nothing else is written`, async (t) => {
    for (const geometry of CORNERS) t.ok(agrees(bench, geometry, 3), JSON.stringify(geometry));
    fc.assert(fc.property(geometries, seeds, (geometry, seed) => agrees(bench, geometry, seed)));
  });

  t.test(`${bench.kind}: a sample's output depends on no other sample, bit by bit`, async (t) => {
    bench.reset();
    const { kernels } = bench;
    const geometry = { channels: 3, height: 9, width: 8, filters: 6, kernel: 3, stride: 1, padding: 1 };
    const random = uniform(1);
    const input = bench.floats(numbers(random, 4 * 3 * 72));
    const parameters = bench.floats(numbers(random, 6 * 28));
    const [together, alone] = [bench.floats(new Float32Array(4 * 6 * 72)), bench.floats(new Float32Array(6 * 72))];
    const workspace = bench.bytes(kernels.convolutionWorkspace(geometry));
    const sizes = [3, 9, 8, 6, 3, 1, 1, workspace] as const;
    kernels.convolution(input.address, parameters.address, together.address, 4, ...sizes);
    const third = bench.floats(input.view.slice(2 * 216, 3 * 216));
    kernels.convolution(third.address, parameters.address, alone.address, 1, ...sizes);
    t.same([...together.view.subarray(2 * 432, 3 * 432)], [...alone.view]);
  });

  t.test(`${bench.kind}: a NaN reaches the positions whose patch has it, and a margin of zeros hides none`, async (t) => {
    bench.reset();
    const { kernels } = bench;
    const input = bench.floats(new Float32Array(25).fill(1));
    input.view[2 * 5 + 4] = NaN;
    const parameters = bench.floats([1, 0, 1, 0, 1, 0, 1, 0, 1, 0]);
    const output = bench.floats(new Float32Array(25));
    kernels.convolution(
      input.address, parameters.address, output.address, 1, 1, 5, 5, 1, 3, 1, 1,
      bench.bytes(kernels.convolutionWorkspace({ channels: 1, height: 5, width: 5, filters: 1, kernel: 3, stride: 1, padding: 1 })),
    );
    output.view.forEach((value, at) => {
      const [y, x] = [Math.floor(at / 5), at % 5];
      t.equal(Number.isNaN(value), Math.abs(y - 2) <= 1 && Math.abs(x - 4) <= 1, `${y}, ${x}`);
    });
  });
}
