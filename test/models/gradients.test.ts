import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import t from 'tap';
import { Stream } from '../../lib/data/random.js';
import { compileKernels, KernelsError, type KernelKind } from '../../lib/kernels/load.js';
import type { LayerSpecification } from '../../lib/models/layer.js';
import { mlp } from '../../lib/models/mlp.js';
import { softmaxRegression } from '../../lib/models/softmax-regression.js';
import { vector } from '../../lib/models/shape.js';
import { NetworkBench } from './bench.js';
import { referenceGradient } from './reference.js';
import { tensorFlowGradient } from './tensorflow.js';

const KINDS = (['strict', 'relaxed'] as const).filter((kind: KernelKind) => {
  try {
    compileKernels(kind);
    return true;
  } catch (error) {
    if (error instanceof KernelsError) return false;
    throw error;
  }
});

const NETWORKS: readonly (readonly [name: string, layers: LayerSpecification[]])[] = [
  ['softmax-regression', softmaxRegression.layers({}, vector(50), 10)],
  ['mlp without a hidden layer', mlp.layers({ hidden: [] }, vector(33), 7)],
  ['mlp with one hidden layer', mlp.layers({ hidden: [16] }, vector(49), 10)],
  ['mlp with a hidden layer of one', mlp.layers({ hidden: [1] }, vector(9), 3)],
  ['mlp with three hidden layers of odd sizes', mlp.layers({ hidden: [31, 17, 5] }, vector(37), 10)],
  ['mlp 784-100-10', mlp.layers({ hidden: [100] }, vector(784), 10)],
];

/** ‖a − b‖ / ‖b‖. */
function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0;
  let norm = 0;
  for (let k = 0; k < b.length; k++) {
    difference += ((a[k] as number) - (b[k] as number)) ** 2;
    norm += (b[k] as number) ** 2;
  }
  return Math.sqrt(difference / norm);
}

function batchOf(stream: Stream, samples: number, size: number, classes: number) {
  return {
    inputs: Array.from({ length: samples }, () => Float32Array.from({ length: size }, () => stream.normal())),
    labels: Array.from({ length: samples }, () => stream.below(classes)),
  };
}

function flat(inputs: readonly Float32Array[]): Float32Array {
  return Float32Array.from(inputs.flatMap((input) => Array.from(input)));
}

await tf.setBackend('cpu');

for (const kind of KINDS) {
  for (const [name, layers] of NETWORKS) {
    t.test(`${kind} kernels give the gradient of ${name} that TensorFlow.js gives`, async (t) => {
      const stream = new Stream(5, 'digits');
      for (const samples of [1, 13, 32]) {
        const bench = new NetworkBench(layers, 32, kind);
        bench.network.initialise(bench.parameters, 3);
        const { inputs, labels } = batchOf(stream, samples, bench.network.inputSize, bench.network.classes);
        const got = bench.gradient(flat(inputs), labels);
        const wanted = tensorFlowGradient(layers, bench.parameters.slice(), inputs, labels);
        t.ok(Math.abs(got.loss - wanted.loss) < 1e-4 * wanted.loss, `loss of ${samples} samples`);
        const error = relativeError(got.gradient, wanted.gradient);
        t.ok(error < 1e-4, `gradient of ${samples} samples is off by ${error}`);
      }
    });
  }
}

t.test('the gradient is the slope of the loss, by central differences of a float64 reference', async (t) => {
  const layers = mlp.layers({ hidden: [6, 5] }, vector(8), 4);
  const bench = new NetworkBench(layers, 10);
  bench.network.initialise(bench.parameters, 11);
  const { inputs, labels } = batchOf(new Stream(1, 'digits'), 10, 8, 4);
  const { gradient, loss } = bench.gradient(flat(inputs), labels);
  const lossAt = (parameters: Float64Array): number => referenceGradient(layers, parameters, inputs, labels).loss;
  const parameters = Float64Array.from(bench.parameters);
  t.ok(Math.abs(loss - lossAt(parameters)) < 1e-5);
  const step = 1e-5;
  const slopes = parameters.map((value, k) => {
    const shifted = (by: number): number => lossAt(parameters.with(k, value + by));
    return (shifted(step) - shifted(-step)) / (2 * step);
  });
  const error = relativeError(gradient, slopes);
  t.ok(error < 1e-4, `off by ${error}`);
});

t.test('any dense network has the gradient of the float64 reference', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 24 }), { maxLength: 3 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 20 }), fc.nat(1000), (hidden, inputSize, classes, samples, seed) => {
      const layers = mlp.layers({ hidden }, vector(inputSize), classes);
      const bench = new NetworkBench(layers, samples);
      bench.network.initialise(bench.parameters, seed);
      const { inputs, labels } = batchOf(new Stream(seed, 'digits'), samples, inputSize, classes);
      const got = bench.gradient(flat(inputs), labels);
      const wanted = referenceGradient(layers, bench.parameters, inputs, labels);
      // A sum of slopes may cancel; then what is left is measured against the scale of one sample's.
      let difference = 0;
      for (let k = 0; k < wanted.gradient.length; k++) difference = Math.max(difference, Math.abs(wanted.gradient[k]! - got.gradient[k]!));
      return difference < 1e-5 && Math.abs(got.loss - wanted.loss) < 1e-5 * Math.max(1, wanted.loss);
    }),
    // A fixed seed: where a unit's input is 0 to the last bit of a float32, the two may rightly differ.
    { numRuns: 60, seed: 1 },
  );
});

t.test('evaluation sums the loss and counts the samples whose greatest output is the label’s', async (t) => {
  const layers = mlp.layers({ hidden: [9] }, vector(12), 5);
  const bench = new NetworkBench(layers, 30);
  bench.network.initialise(bench.parameters, 2);
  const { inputs, labels } = batchOf(new Stream(8, 'digits'), 30, 12, 5);
  const { lossSum, correct } = bench.evaluate(flat(inputs), labels);
  const { loss } = referenceGradient(layers, bench.parameters, inputs, labels);
  t.ok(Math.abs(lossSum - 30 * loss) < 1e-3);
  // A sample is classified right when no other label would have a lower loss.
  const right = inputs.filter((input, sample) => {
    const losses = Array.from({ length: 5 }, (_, label) => referenceGradient(layers, bench.parameters, [input], [label]).loss);
    return losses.every((other) => other >= losses[labels[sample]!]!);
  });
  t.equal(correct, right.length);
});

t.test('θ holds layer by layer the weights, inputs × outputs, row-major, then the biases', async (t) => {
  const bench = new NetworkBench(softmaxRegression.layers({}, vector(3), 2), 1);
  t.equal(bench.network.parameterCount, 3 * 2 + 2);
  // Only input 1 → output 0 and the bias of output 1 are set: the logits of x are 100·x[1] and 50.
  bench.parameters.set([0, 0, 100, 0, 0, 0, 0, 50]);
  t.equal(bench.evaluate([9, 1, 9], [0]).correct, 1, '100 against 50');
  t.equal(bench.evaluate([9, 0.1, 9], [1]).correct, 1, '10 against 50');

  const deep = new NetworkBench(mlp.layers({ hidden: [2] }, vector(1), 2), 1);
  t.equal(deep.network.parameterCount, 2 + 2 + 4 + 2);
  // hidden = relu([x, −x]); only hidden 1 → output 0 is set, and the bias of output 1 is 1.
  deep.parameters.set([1, -1, 0, 0, 0, 0, 3, 0, 0, 1]);
  t.equal(deep.evaluate([-1], [0]).correct, 1, '3 against 1');
  t.equal(deep.evaluate([1], [1]).correct, 1, '0 against 1');
});

t.test('the network of the ALIE paper has 79,510 parameters', async (t) => {
  t.equal(new NetworkBench(mlp.layers({}, vector(784), 10), 1).network.parameterCount, 79_510);
});
