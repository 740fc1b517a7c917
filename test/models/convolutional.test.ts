import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { Stream } from '../../lib/data/random.js';
import { assemble } from '../../lib/models/assemble.js';
import type { LayerDescription } from '../../lib/models/layer-list.js';
import type { LayerSpecification } from '../../lib/models/layer.js';
import { MODELS } from '../../lib/models/registry.js';
import { sizeOf, type Shape } from '../../lib/models/shape.js';
import { isAvailable } from '../kernels/workbench.js';
import { NetworkBench } from './bench.js';
import { tensorFlowGradient } from './tensorflow.js';

const KINDS = (['strict', 'relaxed'] as const).filter(isAvailable);
const SMALL: Shape = { channels: 3, height: 9, width: 8 };
const end: LayerDescription = { layer: 'dense', units: 5 };

/** Each layer by itself, first and behind another, at the sizes where something could go wrong. */
const LISTS: Readonly<Record<string, LayerDescription[]>> = {
  'a convolution': [{ layer: 'convolution', filters: 7, kernel: 3 }, end],
  'two convolutions': [{ layer: 'convolution', filters: 6, kernel: 2 }, { layer: 'relu' }, { layer: 'convolution', filters: 9, kernel: 3 }, end],
  'strides and margins': [{ layer: 'convolution', filters: 8, kernel: 3, stride: 2, padding: 1 }, { layer: 'convolution', filters: 5, kernel: 4, stride: 3, padding: 2 }, end],
  'kernels of one': [{ layer: 'convolution', filters: 4, kernel: 1 }, { layer: 'convolution', filters: 3, kernel: 1, stride: 2 }, end],
  'max-pooling': [{ layer: 'convolution', filters: 4, kernel: 2 }, { layer: 'max-pool', size: 3 }, { layer: 'relu' }, end],
  'overlapping windows': [{ layer: 'convolution', filters: 4, kernel: 1 }, { layer: 'max-pool', size: 3, stride: 1 }, { layer: 'average-pool', size: 2, stride: 1 }, end],
  'average-pooling': [{ layer: 'convolution', filters: 4, kernel: 2 }, { layer: 'relu' }, { layer: 'average-pool', size: 2 }, end],
  'pooling first': [{ layer: 'average-pool', size: 2 }, { layer: 'convolution', filters: 3, kernel: 3 }, end],
  'an activation first': [{ layer: 'relu' }, { layer: 'convolution', filters: 3, kernel: 3 }, end],
  'group normalisation': [{ layer: 'convolution', filters: 6, kernel: 2 }, { layer: 'group-norm', groups: 3 }, { layer: 'relu' }, { layer: 'convolution', filters: 4, kernel: 3 }, { layer: 'group-norm', groups: 1 }, end],
  'group normalisation first': [{ layer: 'group-norm', groups: 3 }, end],
  'a residual block': [{ layer: 'convolution', filters: 4, kernel: 2 }, { layer: 'residual', layers: [{ layer: 'convolution', filters: 4, kernel: 3, padding: 1 }, { layer: 'relu' }] }, { layer: 'relu' }, end],
  'a residual block that begins with an activation, behind another': [
    { layer: 'convolution', filters: 4, kernel: 2 },
    { layer: 'residual', layers: [{ layer: 'relu' }, { layer: 'convolution', filters: 4, kernel: 3, padding: 1 }] },
    { layer: 'residual', layers: [{ layer: 'group-norm', groups: 2 }, { layer: 'relu' }, { layer: 'convolution', filters: 6, kernel: 3, stride: 2, padding: 1 }], shortcut: [{ layer: 'relu' }, { layer: 'convolution', filters: 6, kernel: 1, stride: 2 }] },
    end,
  ],
  dropout: [{ layer: 'convolution', filters: 4, kernel: 2 }, { layer: 'relu' }, { layer: 'dropout', rate: 0.3 }, { layer: 'dense', units: 12 }, { layer: 'dropout', rate: 0.6 }, end],
  'dropout in a residual block': [{ layer: 'residual', layers: [{ layer: 'dropout', rate: 0.4 }, { layer: 'convolution', filters: 3, kernel: 1 }], shortcut: [{ layer: 'dropout', rate: 0.2 }] }, end],
  'a residual block first': [{ layer: 'residual', layers: [{ layer: 'relu' }], shortcut: [{ layer: 'convolution', filters: 3, kernel: 1 }] }, end],
};

const NAMED: readonly (readonly [name: string, input: Shape])[] = [
  ['softmax-regression', { channels: 1, height: 28, width: 28 }],
  ['mlp', { channels: 3, height: 32, width: 32 }],
  ['cnn-mnist', { channels: 1, height: 28, width: 28 }],
  ['resnet-8', { channels: 3, height: 32, width: 32 }],
  ['cnn-baruch-2019', { channels: 3, height: 32, width: 32 }],
];

/** ‖a − b‖ / ‖b‖. */
function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const squares = Array.from(b, (value, k) => [((a[k] as number) - value) ** 2, value ** 2] as const);
  return Math.sqrt(squares.reduce((sum, [difference]) => sum + difference, 0) / squares.reduce((sum, [, value]) => sum + value, 0));
}

function batchOf(samples: number, size: number, classes: number) {
  const stream = new Stream(samples, 'digits');
  const inputs = Array.from({ length: samples }, () => Float32Array.from({ length: size }, () => stream.normal()));
  return { inputs, labels: Array.from({ length: samples }, () => stream.below(classes)) };
}

function flat(inputs: readonly Float32Array[]): Float32Array {
  return Float32Array.from(inputs.flatMap((input) => Array.from(input)));
}

await tf.setBackend('cpu');

for (const kind of KINDS) {
  const agreesWithTensorFlow = (t: Test, layers: readonly LayerSpecification[], size: number, classes: number, samples: number): void => {
    const bench = new NetworkBench(layers, 8, kind);
    bench.network.initialise(bench.parameters, 4);
    const { inputs, labels } = batchOf(samples, size, classes);
    const stream = () => new Stream(11, 'dropout', 1, 2);
    const got = bench.gradient(flat(inputs), labels, stream());
    const wanted = tensorFlowGradient(layers, bench.parameters.slice(), inputs, labels, stream());
    t.ok(Math.abs(got.loss - wanted.loss) < 1e-4 * wanted.loss, `loss ${got.loss}, TensorFlow.js ${wanted.loss}`);
    const error = relativeError(got.gradient, wanted.gradient);
    t.ok(error < 1e-4, `gradient of ${samples} samples is off by ${error}`);
  };

  for (const [name, list] of Object.entries(LISTS)) {
    t.test(`${kind} kernels give the gradient that TensorFlow.js gives: ${name}`, async (t) => {
      for (const samples of [1, 5]) agreesWithTensorFlow(t, assemble(list, SMALL, 5, 'model.layers'), sizeOf(SMALL), 5, samples);
    });
  }

  t.test(`${kind} kernels give the gradient that TensorFlow.js gives: any kernel, stride, margin and window`, async (t) => {
    const windows = fc.record({ filters: fc.integer({ min: 1, max: 9 }), kernel: fc.integer({ min: 1, max: 5 }), stride: fc.integer({ min: 1, max: 4 }), padding: fc.integer({ min: 0, max: 3 }), height: fc.integer({ min: 5, max: 12 }), width: fc.integer({ min: 5, max: 12 }), channels: fc.integer({ min: 1, max: 5 }) });
    const pools = fc.record({ layer: fc.constantFrom('max-pool' as const, 'average-pool' as const), size: fc.integer({ min: 1, max: 3 }), stride: fc.integer({ min: 1, max: 3 }) });
    fc.assert(fc.property(windows, pools, ({ height, width, channels, ...convolution }, { layer, size, stride }) => {
      const list: LayerDescription[] = [{ layer: 'convolution', filters: 3, kernel: 1 }, { layer: 'convolution', ...convolution }];
      const reached = Math.min(...[height, width].map((length) => Math.floor((length + 2 * convolution.padding - convolution.kernel) / convolution.stride) + 1));
      const fitting: LayerDescription[] = reached < size ? [] : [{ layer, size, stride }];
      const shape: Shape = { channels, height, width };
      agreesWithTensorFlow(t, assemble([...list, ...fitting, end], shape, 5, 'model.layers'), sizeOf(shape), 5, 3);
    }), { numRuns: 60 });
  });

  for (const [name, input] of NAMED) {
    t.test(`${kind} kernels give the gradient that TensorFlow.js gives: ${name}`, async (t) => {
      // TensorFlow.js takes seven seconds for each image here.
      agreesWithTensorFlow(t, MODELS.get(name).layers({}, input, 10), sizeOf(input), 10, name === 'resnet-8' ? 1 : 2);
    });
  }
}

t.test('the gradient of every layer is the slope of the loss, by central differences', async (t) => {
  const list: LayerDescription[] = [
    { layer: 'convolution', filters: 4, kernel: 3, stride: 2, padding: 1 }, { layer: 'group-norm', groups: 2 },
    { layer: 'residual', layers: [{ layer: 'convolution', filters: 4, kernel: 3, padding: 1 }], shortcut: [{ layer: 'convolution', filters: 4, kernel: 1 }] },
    { layer: 'max-pool', size: 2, stride: 1 }, { layer: 'average-pool', size: 2 }, { layer: 'dropout', rate: 0.4 }, { layer: 'dense', units: 5 },
  ];
  const bench = new NetworkBench(assemble(list, SMALL, 5, 'model.layers'), 6);
  bench.network.initialise(bench.parameters, 2);
  const { inputs, labels } = batchOf(6, sizeOf(SMALL), 5);
  const stream = () => new Stream(7, 'dropout', 1, 2);
  const { gradient } = bench.gradient(flat(inputs), labels, stream());
  // The loss is a sum of float32 activations, so the step is as large as rounding asks, and the slope is taken along directions: one number each.
  const start = bench.parameters.slice();
  const random = new Stream(9, 'digits');
  for (let trial = 0; trial < 20; trial++) {
    const direction = start.map(() => random.normal() / Math.sqrt(start.length));
    const lossAt = (by: number): number => {
      bench.parameters.set(start.map((value, k) => value + by * direction[k]!));
      return bench.gradient(flat(inputs), labels, stream()).loss;
    };
    const slope = (lossAt(1e-2) - lossAt(-1e-2)) / 2e-2;
    const wanted = gradient.reduce((sum, value, k) => sum + value * direction[k]!, 0);
    t.ok(Math.abs(slope - wanted) < 2e-4, `along a direction ${slope}, by the gradient ${wanted}`);
  }
});
