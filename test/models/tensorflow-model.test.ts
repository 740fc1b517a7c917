import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { Stream } from '../../lib/data/random.js';
import { assemble } from '../../lib/models/assemble.js';
import { inspectModel } from '../../lib/models/tensorflow/inspect.js';
import { loadModel } from '../../lib/models/tensorflow/load.js';
import type { TensorFlowSpecification } from '../../lib/models/tensorflow/specification.js';
import { newTurn } from '../../lib/models/tensorflow/turn.js';
import { parameterTensors } from '../../lib/models/tensors.js';
import type { Manifest, RunResult } from '../../lib/run/records.js';
import { simulate } from '../../lib/training/simulate.js';
import { refusal } from '../scenario/refusal.js';
import { essence, runAll, SMALL, small } from '../training/small.js';
import { NetworkBench } from './bench.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MLP = `export const parameters = { hidden: 12, rate: 0 };
  export default (tf, { shape, classes, parameters: { hidden, rate } }) => tf.sequential({ layers: [
    tf.layers.flatten({ inputShape: shape }), tf.layers.dense({ units: hidden, activation: 'relu' }), tf.layers.dropout({ rate }), tf.layers.dense({ units: classes }),
  ] });`;
const CNN = `export default (tf, { shape, classes }) => tf.sequential({ layers: [
    tf.layers.conv2d({ inputShape: shape, filters: 3, kernelSize: 5, strides: 3 }), tf.layers.flatten(), tf.layers.dense({ units: classes }),
  ] });`;

/** As SMALL, with fewer samples and workers: the plain JavaScript backend takes its time. */
const FEW = { ...SMALL, workers: 5, byzantine: 1, dataset: { name: 'digits', trainSamples: 500, testSamples: 100 } };

function moduleOf(t: Test, source: string, beside: object = {}): string {
  return join(t.testdir({ 'model.mjs': source, ...beside }), 'model.mjs');
}

function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [difference, size] = [0, 1].map((both) => Math.hypot(...Array.from(b, (value, k) => (both === 0 ? a[k]! - value : value))));
  return difference! / size!;
}

t.test('the same model as a list of layers and in TensorFlow.js trains to the same loss, under attack and momentum', async (t) => {
  const setting = { aggregator: 'median', attack: 'alie', rounds: 25, evaluateEvery: 25, batchSize: 16, momentum: { placement: 'worker', beta: 0.9 }, weightDecay: 1e-4, learningRate: 0.05, workers: 7, byzantine: 1 };
  const ours = small({ ...setting, model: { layers: [{ layer: 'dense', units: 40 }, { layer: 'relu' }, { layer: 'dense', units: 10 }] } });
  // θ is the same list of numbers in both, so where one begins the other can.
  const bench = new NetworkBench(assemble([{ layer: 'dense', units: 40 }, { layer: 'relu' }, { layer: 'dense', units: 10 }], { channels: 1, height: 28, width: 28 }, 10, 'model.layers'), 1);
  bench.network.initialise(bench.parameters, ours.seed);
  const file = moduleOf(t, `import { readFileSync } from 'node:fs';
    export default (tf, { shape, classes }) => {
      const model = tf.sequential({ layers: [tf.layers.flatten({ inputShape: shape }), tf.layers.dense({ units: 40, activation: 'relu' }), tf.layers.dense({ units: classes })] });
      const theta = JSON.parse(readFileSync(new URL('theta.json', import.meta.url)));
      model.setWeights(model.getWeights().map(({ shape, size }) => tf.tensor(theta.splice(0, size), shape)));
      return model;
    };`, { 'theta.json': JSON.stringify(Array.from(bench.parameters)) });

  const [one] = await runAll([ours], 2);
  for (const backend of ['cpu', 'wasm']) {
    const [other] = await runAll([small({ ...setting, model: { tfjs: file, backend } })], 2);
    t.ok(one!.result.finalAccuracy > 0.5, 'it learns');
    const difference = Math.abs(one!.result.finalLoss - other!.result.finalLoss);
    t.ok(difference < 1e-4, `${backend}: losses ${one!.result.finalLoss} and ${other!.result.finalLoss}`);
    const error = relativeError(other!.parameters, one!.parameters);
    t.ok(error < 1e-3, `${backend}: parameters are off by ${error}`);
  }
});

t.test('images are handed over as TensorFlow.js has them, channels last: a convolution has the gradient of ours', async (t) => {
  const file = moduleOf(t, `export default (tf, { shape, classes }) => tf.sequential({ layers: [
    tf.layers.conv2d({ inputShape: shape, filters: 4, kernelSize: 3, strides: 2, activation: 'relu' }), tf.layers.globalAveragePooling2d({}), tf.layers.dense({ units: classes }),
  ] });`);
  const [side, channels, filters, classes] = [9, 3, 4, 5];
  const ours = new NetworkBench(assemble([{ layer: 'convolution', filters, kernel: 3, stride: 2 }, { layer: 'relu' }, { layer: 'average-pool', size: 4 }, { layer: 'dense', units: classes }], { channels, height: side, width: side }, classes, 'model.layers'), 6);
  const d = ours.parameters.length;
  const specification: TensorFlowSpecification = { file, engine: '@tensorflow/tfjs', backend: 'cpu', parameters: {}, shape: [side, side, channels], inputs: channels * side * side, outputs: classes, parameterCount: d, tensors: [9 * channels * filters, filters, filters * classes, classes], hidden: filters };
  await loadModel(specification, 3, newTurn(), 'test');
  const theirs = new NetworkBench([{ layer: 'tensorflow', ...specification }], 6);
  theirs.network.initialise(theirs.parameters, 3);
  t.ok(theirs.parameters.every(Number.isFinite));

  /** Where a filter's weights are: kernel × kernel × channels × filters there, filters × channels × kernel × kernel here. */
  const place = (k: number): number => {
    if (k >= 9 * channels * filters) return k;
    const [filter, channel, position] = [k % filters, Math.floor(k / filters) % channels, Math.floor(k / filters / channels)];
    return (filter * channels + channel) * 9 + position;
  };
  theirs.parameters.forEach((value, k) => { ours.parameters[place(k)] = value; });
  const random = new Stream(1, 'digits');
  const inputs = Float32Array.from({ length: 6 * channels * side * side }, () => random.normal());
  const labels = [0, 1, 2, 3, 4, 0];
  const [got, wanted] = [theirs.gradient(inputs, labels), ours.gradient(inputs, labels)];
  t.ok(Math.abs(got.loss - wanted.loss) < 1e-5, `losses ${got.loss} and ${wanted.loss}`);
  const error = relativeError(got.gradient, Float32Array.from({ length: d }, (_, k) => wanted.gradient[place(k)]!));
  t.ok(error < 1e-5, `gradients differ by ${error}`);
  t.same(theirs.evaluate(inputs, labels).correct, ours.evaluate(inputs, labels).correct);
  t.ok(relativeError(theirs.activations(inputs, labels), ours.activations(inputs, labels)) < 1e-5, 'the last hidden layer');
});

/** Two hidden layers and logits, the parts of which are models in some. */
const NESTED: Readonly<Record<string, string>> = {
  'none': 'tf.sequential({ layers: [first, hidden, wide, logits] })',
  'the end': 'tf.sequential({ layers: [first, tf.sequential({ layers: [hidden, wide, logits] })] })',
  'the last layer alone': 'tf.sequential({ layers: [first, hidden, wide, tf.sequential({ layers: [logits] })] })',
  'all of it': 'tf.sequential({ layers: [tf.sequential({ layers: [first, hidden, wide, logits] })] })',
  'the beginning': 'tf.sequential({ layers: [tf.sequential({ layers: [first, hidden] }), wide, logits] })',
  'a functional model at the end of a functional model in one': `(() => {
    const [x, y, z] = [tf.input({ shape }), tf.input({ shape: [4] }), tf.input({ shape: [6] })];
    const inner = tf.model({ inputs: z, outputs: logits.apply(z) });
    const middle = tf.model({ inputs: y, outputs: inner.apply(wide.apply(hidden.apply(y))) });
    return tf.model({ inputs: x, outputs: middle.apply(first.apply(x)) });
  })()`,
};

t.test('models that are layers of a model compute what the same layers without them do, gradient and hidden layer included', async (t) => {
  const random = new Stream(1, 'digits');
  const [side, classes] = [2, 3];
  const inputs = Float32Array.from({ length: 5 * side * side }, () => random.normal());
  const labels = [0, 1, 2, 2, 0];
  const compute = async (source: string) => {
    const file = moduleOf(t, `export default (tf, { shape, classes }) => {
      const first = tf.layers.flatten({ inputShape: shape }), hidden = tf.layers.dense({ units: 5, inputShape: [4] }), wide = tf.layers.dense({ units: 6, activation: 'tanh' }), logits = tf.layers.dense({ units: classes, inputShape: [6] });
      return ${source};
    };`);
    const shape = [side, side, 1] as const;
    const facts = await inspectModel({ file, backend: 'cpu', given: {}, shape, classes, turn: newTurn() });
    const specification: TensorFlowSpecification = { file, engine: '@tensorflow/tfjs', backend: 'cpu', parameters: {}, shape, inputs: side * side, outputs: classes, parameterCount: facts.parameterCount, tensors: facts.tensors, hidden: facts.hidden };
    await loadModel(specification, 3, newTurn(), source.replaceAll(/\W/g, ''));
    const bench = new NetworkBench([{ layer: 'tensorflow', ...specification }], labels.length);
    const theta = new Stream(2, 'digits');
    bench.parameters.forEach((_, k) => { bench.parameters[k] = theta.normal(); });
    return { hidden: facts.hidden, tensors: parameterTensors([{ layer: 'tensorflow', ...specification }]), ...bench.gradient(inputs, labels), activations: bench.activations(inputs, labels) };
  };
  const flat = await compute(NESTED['none']!);
  t.equal(flat.hidden, 6);
  const dense = (units: number) => ({ layer: 'dense', units }) as const;
  t.same(flat.tensors, parameterTensors(assemble([dense(5), dense(6), dense(classes)], { channels: 1, height: side, width: side }, classes, 'model.layers')), 'the tensors of the same model of ours');
  for (const [what, source] of Object.entries(NESTED)) t.same(await compute(source), flat, what);
});

t.test('the same seed gives the same bits for any number of threads, dropout and first weights included; another seed gives others', async (t) => {
  const file = moduleOf(t, MLP);
  const run = (threads: number, changes: object = {}): Promise<RunResult> => simulate({ ...FEW, attack: 'alie', model: { tfjs: file, rate: 0.3, backend: 'cpu' }, ...changes }, { threads }).result;
  const [one, three, other] = [await run(1), await run(3), await run(1, { seed: 2 })];
  t.equal(one.status, 'completed');
  t.equal(three.parametersHash, one.parametersHash);
  t.not(other.parametersHash, one.parametersHash);
  t.not((await run(1, { model: { tfjs: file, rate: 0, backend: 'cpu' } })).parametersHash, one.parametersHash, 'dropout drops');
});

t.test('a second run on the same threads begins afresh, and weights may have names', async (t) => {
  const file = moduleOf(t, MLP.replace("activation: 'relu'", "activation: 'relu', name: 'hidden'"));
  const configuration = small({ ...FEW, model: { tfjs: file }, aggregator: 'krum' });
  const [first, second] = await runAll([configuration, configuration], 2);
  t.same(essence(second!), essence(first!));
});

t.test('the manifest names engine, backend and weights, and repeats the run', async (t) => {
  const file = moduleOf(t, MLP);
  const out = join(t.testdirName, 'out');
  const { parametersHash } = await simulate({ ...FEW, model: { tfjs: file } }, { threads: 2, out }).result;
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest;
  t.match(manifest.manifest.resolved.model, { engine: /^@tensorflow\/tfjs \d+\.\d+/, backend: 'wasm', parameters: { hidden: 12, rate: 0 }, weights: [{ shape: [784, 12] }, { shape: [12] }, { shape: [12, 10] }, { shape: [10] }] });
  t.match(manifest.model, { name: 'tfjs', sha256: /^[0-9a-f]{64}$/, backend: 'wasm' });
  t.equal((await simulate(manifest, { threads: 1 }).result).parametersHash, parametersHash);
  writeFileSync(file, `${MLP} // changed`);
  t.match(refusal(manifest), { 'model.tfjs': /is not what it was/ });
});

const model = (layers: string): string => `export default (tf, { shape, classes }) => tf.sequential({ layers: [${layers}] });`;
const FLAT = 'tf.layers.flatten({ inputShape: shape })';
const END = 'tf.layers.dense({ units: classes })';
const REFUSED: Readonly<Record<string, readonly [source: string, message: RegExp, given?: { readonly backend?: 'tensorflow' | 'wasm' | 'cpu'; readonly hiden?: number }]>> = {
  'a module without a fitting export': ['export const modell = 1;', /has a function \(tf, \{ shape, classes, parameters \}\) as its default export, .*this module exports modell/],
  'an export that is no function': ['export default { units: 3 };', /this module exports default, and it is an object/],
  'a module that makes no sense': ['export const', /can't be loaded/],
  'a function that throws': ["export default () => { throw new Error('oh'); };", /the function that builds the model threw: oh/],
  'a function that returns no model': ['export default () => 3;', /has to return a tf.LayersModel .* returned a number/],
  'an unknown parameter': [MLP, /unknown parameter "hiden"; allowed: hidden, rate; the nearest is "hidden"/, { hiden: 3 }],
  'an input that does not fit the samples': [model(`tf.layers.flatten({ inputShape: [32, 32, 3] }), ${END}`), /the model takes \[32, 32, 3\], and a sample of this data set is 28 × 28 × 1 .*\[28, 28, 1\], or \[784\]/],
  'an output that does not fit the classes': [model(`${FLAT}, tf.layers.dense({ units: 7 })`), /\[7\] comes out of the model and the data set has 10 classes; end with tf.layers.dense\(\{ units: 10 \}\)/],
  'a softmax at the end': [model(`${FLAT}, tf.layers.dense({ units: classes, activation: 'softmax' })`), /layer 1, .* \(Dense\), ends the model with a softmax/],
  'batch normalisation': [model(`${FLAT}, tf.layers.batchNormalization(), ${END}`), /layer 1, .* \(BatchNormalization\) keeps a running mean/],
  'a regularizer': [model(`${FLAT}, tf.layers.dense({ units: classes, kernelRegularizer: 'l1l2' })`), /layer 1, .* adds a loss of its own \(a regularizer\)/],
  'a constraint': [model(`${FLAT}, tf.layers.dense({ units: classes, kernelConstraint: 'nonNeg' })`), /has a constraint, which the server's step would not keep/],
  'batch normalisation in a model that is a layer': [model(`${FLAT}, tf.sequential({ layers: [tf.layers.dense({ units: 8, inputShape: [784] }), tf.layers.batchNormalization()] }), ${END}`), /: layer 1 in layer 1 \(sequential_\w+\), batch_\w+ \(BatchNormalization\) keeps a running mean/],
  'batch normalisation two models deep, at the end': [
    model(`${FLAT}, tf.sequential({ layers: [tf.sequential({ layers: [tf.layers.dense({ units: classes, inputShape: [784] }), tf.layers.batchNormalization()] })] })`),
    /: layer 1 in layer 0 \(sequential_\w+\) in layer 1 \(sequential_\w+\), batch_\w+ \(BatchNormalization\) keeps a running mean/,
  ],
  'batch normalisation that a layer wraps': [model(`tf.layers.timeDistributed({ inputShape: [28, 28], layer: tf.layers.batchNormalization() }), tf.layers.flatten(), ${END}`), /: layer in layer 0 \(\w+\), batch_\w+ \(BatchNormalization\) keeps a running mean/],
  'a softmax at the end of a model that is the last layer': [model(`${FLAT}, tf.sequential({ layers: [tf.layers.dense({ units: classes, inputShape: [784], activation: 'softmax' })] })`), /: layer 0 in layer 1 \(\w+\), \w+ \(Dense\), ends the model with a softmax/],
  'a regularizer in a model that is a layer': [model(`${FLAT}, tf.sequential({ layers: [tf.layers.dense({ units: classes, inputShape: [784], kernelRegularizer: 'l1l2' })] })`), /: layer 0 in layer 1 \(\w+\), .* adds a loss of its own/],
  'a regularizer of a recurrent layer': [model(`tf.layers.lstm({ inputShape: [28, 28], units: 3, kernelRegularizer: 'l1l2' }), ${END}`), /: cell in layer 0 \(\w+\), .* \(LSTMCell\) adds a loss of its own/],
  'a state in a model that is a layer': [model(`tf.sequential({ layers: [tf.layers.lstm({ batchInputShape: [2, 28, 28], units: 3, stateful: true })] }), ${END}`), /: layer 0 in layer 0 \(\w+\), \w+ \(LSTM\) keeps a state/],
  'a convolution on the WebAssembly backend in a model that is a layer': [
    model(`tf.sequential({ layers: [tf.layers.conv2d({ inputShape: shape, filters: 3, kernelSize: 5, strides: 3 }), tf.layers.flatten()] }), ${END}`),
    /: layer 0 in layer 0 \(\w+\), \w+ \(Conv2D\), has no gradient on the backend "wasm"/, { backend: 'wasm' },
  ],
  'images where classes are wanted': [model('tf.layers.conv2d({ inputShape: shape, filters: 10, kernelSize: 3 })'), /\[26, 26, 10\] comes out of the model/],
  'no weights': [model(`${FLAT}, tf.layers.reshape({ targetShape: [784, 1] }), tf.layers.maxPooling1d({ poolSize: 78, strides: 78 }), tf.layers.flatten()`), /the model has no trainable weights/],
  'a convolution on the WebAssembly backend': [CNN, /layer 0, conv2d_\w+ \(Conv2D\), has no gradient on the backend "wasm" of @tensorflow\/tfjs \(Kernel 'Conv2DBackpropFilter' not registered.*use "backend": "cpu"/, { backend: 'wasm' }],
  'a layer without a gradient anywhere': [
    `export default (tf, { shape, classes }) => {
      class Products extends tf.layers.Layer { static className = 'Products'; call(x) { return tf.cumprod([x].flat()[0], 1); } }
      return tf.sequential({ layers: [${FLAT}, tf.layers.dense({ units: 12 }), new Products(), ${END}] });
    };`,
    /layer 2, \w+ \(Products\), has no gradient on the backend "cpu" .*no backend of TensorFlow.js can train through it/, { backend: 'cpu' },
  ],
  'a native backend that is not there': [MLP, /the backend "tensorflow" needs @tensorflow\/tfjs-node, which is not installed: npm install @tensorflow\/tfjs-node, or take "backend": "cpu"/, { backend: 'tensorflow' }],
};
for (const [what, [source, message, given]] of Object.entries(REFUSED)) {
  t.test(`${what} is refused before the start, naming the module`, async (t) => {
    const file = moduleOf(t, source);
    const { backend = 'auto', ...parameters } = given ?? {};
    const error = await inspectModel({ file, backend, given: parameters, shape: [28, 28, 1], classes: 10, turn: newTurn() }).then(() => undefined, (reason: unknown) => reason as Error);
    t.match(error, { name: 'ModuleError', message });
    t.ok(error!.message.startsWith(file), error!.message);
  });
}

t.test('what is refused in the thread that asks is refused before the run, and a model that ends its thread takes nobody’s turn with it', async (t) => {
  for (const [source, message] of [['process.exit(3);', /exit/], [CNN.replace('units: classes', 'units: 3'), /the data set has 10 classes/]] as const) {
    const file = moduleOf(t, source);
    await t.rejects(simulate({ ...FEW, model: { tfjs: file } }, { threads: 1 }).result, { name: 'ModuleError', message });
  }
});

t.test('a model that never comes to its gradient is refused after the stall timeout', async (t) => {
  const file = moduleOf(t, 'export default () => { for (;;); };');
  await t.rejects(simulate({ ...FEW, model: { tfjs: file } }, { threads: 1, stallTimeout: 1.5 }).result, { name: 'ModuleError', message: `${file} didn't build a model and compute a gradient within 1.5 s, the stall timeout` });
});

t.test('a wrong path and a key that only planning may give are refused with the scenario', async (t) => {
  t.match(refusal({ ...SMALL, model: { tfjs: './nowhere.mjs' } }), { 'model.tfjs': /nowhere\.mjs can't be read \(ENOENT\)/ });
  t.match(refusal({ ...SMALL, model: { tfjs: './nowhere.mjs', backend: 'gpu' } }), { 'model.backend': /"gpu".*cpu/ });
  t.match(refusal({ ...SMALL, model: { tfjs: moduleOf(t, MLP), planned: {} } }), { 'model.planned': /not allowed/ });
});

/** What tfjs-node is to us: a package with a backend of its own, which breaks when a thread makes its first call before another's has ended. */
const NATIVE = `
  const fs = require('node:fs'), util = require('node:util'), lock = __dirname + '/lock';
  if (!util.isNullOrUndefined(null) || util.isNullOrUndefined(0) || !util.isArray([])) throw new Error('node:util');
  if (process.env.TF_NUM_INTRAOP_THREADS !== '1') throw new Error('TF_NUM_INTRAOP_THREADS');
  fs.closeSync(fs.openSync(lock, 'wx'));
  fs.appendFileSync(__dirname + '/calls', 'first ');
  const tf = require('@tensorflow/tfjs');
  tf.registerBackend('tensorflow', () => tf.engine().registryFactory.cpu.factory());
  tf.copyRegisteredKernels('cpu', 'tensorflow');
  let first = true;
  const variableGrads = (...given) => {
    const result = tf.variableGrads(...given);
    if (first) { fs.unlinkSync(lock); first = false; }
    return result;
  };
  module.exports = new Proxy(tf, { get: (target, key) => (key === 'variableGrads' ? variableGrads : target[key]) });`;

t.test('tfjs-node is used where it is installed, threads make their first calls one at a time, and nothing is said of it', async (t) => {
  const file = moduleOf(t, MLP, { node_modules: { '@tensorflow': { 'tfjs-node': { 'index.js': NATIVE } } } });
  const out = join(t.testdirName, 'out');
  const { parametersHash, status } = await simulate({ ...FEW, model: { tfjs: file } }, { threads: 4, out }).result;
  t.equal(status, 'completed');
  const { manifest } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest;
  t.match(manifest.resolved.model, { engine: /^@tensorflow\/tfjs-node /, backend: 'tensorflow' });
  t.notMatch(manifest.warnings.join(), /tfjs/);
  t.equal(readFileSync(join(t.testdirName, 'node_modules/@tensorflow/tfjs-node/calls'), 'utf8').split(' ').length - 1, 5, 'one for the inspection, one for each thread');
  t.equal((await simulate({ ...FEW, model: { tfjs: file, backend: 'cpu' } }, { threads: 1 }).result).parametersHash, parametersHash, 'the test’s own backend is the CPU’s');
});

t.test('a tfjs-node whose install failed is left aside, and the run says so and what it runs on: the README’s example', async (t) => {
  const [, example = ''] = /```js\n(\/\/ my-model\.mjs[^]*?)```/.exec(readFileSync(join(ROOT, 'lib', 'models', 'README.md'), 'utf8')) ?? [];
  const file = moduleOf(t, example, { node_modules: { '@tensorflow': { 'tfjs-node': { 'index.js': "throw new Error('no libtensorflow.so');" } } } });
  const out = join(t.testdirName, 'out');
  await simulate({ ...FEW, model: { tfjs: file, units: 16 }, rounds: 1 }, { threads: 1, out }).result;
  const { manifest } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest;
  // Not on the WebAssembly backend, which has no gradient for convolutions.
  t.match(manifest.warnings, [/^model: it runs on the backend "cpu" of @tensorflow\/tfjs \S+, because @tensorflow\/tfjs-node is there but can't be loaded \(no libtensorflow.so\)/]);
});

t.test('without TensorFlow.js everything else works, and a model of it is refused with what to install', async (t) => {
  // Outside of this package, whose own copy would be found.
  const folder = mkdtempSync(join(tmpdir(), 'byzantium-'));
  t.teardown(() => { rmSync(folder, { recursive: true }); });
  for (const part of ['dist/lib', 'dist/threads', 'package.json']) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(join(ROOT, 'node_modules'))) if (name !== '@tensorflow' && !name.startsWith('.')) symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  writeFileSync(join(folder, 'model.mjs'), MLP);
  writeFileSync(join(folder, 'try.mjs'), `import { simulate } from './dist/lib/index.js';
    const small = ${JSON.stringify({ ...FEW, rounds: 1 })};
    console.log((await simulate(small, { threads: 1 }).result).status);
    await simulate({ ...small, model: { tfjs: './model.mjs' } }, { threads: 1 }).result.catch((error) => console.log(error.name, error.message));`);
  const said = execFileSync(process.execPath, ['try.mjs'], { cwd: folder, encoding: 'utf8' });
  t.match(said, /^completed\nModuleError .*model\.mjs: a TensorFlow\.js model needs TensorFlow\.js, .* is not installed: npm install @tensorflow\/tfjs, or @tensorflow\/tfjs-node/);
});
