import { pathToFileURL } from 'node:url';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import type { Stream } from '../../data/random.js';
import { messageOf } from '../../modules/exports.js';
import { ModuleError } from '../../modules/module.js';
import { allowedNames } from '../../registry/names.js';
import { kindOf } from '../../registry/options.js';
import type { Engine, TensorFlow } from './engine.js';
import { layersOf } from './layers.js';
import { drawingFrom } from './random.js';
import { formatDimensions, layoutFor, type InputLayout } from './shapes.js';

/** What a model has to fit. */
export interface Task {
  /** Of a sample. */
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly classes: number;
}

/** A user's module: its function, and the defaults of its parameters. */
export interface ModelModule {
  readonly build: (tf: unknown, about: object) => unknown;
  readonly defaults: object;
}

/** Imports a model's module anew: what an earlier run left in its variables is not seen. Throws a ModuleError. */
export async function importModel(file: string, key: string): Promise<ModelModule> {
  let namespace: Readonly<Record<string, unknown>>;
  try {
    namespace = (await import(`${pathToFileURL(file).href}?run=${key}`)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw new ModuleError(`${file} can't be loaded: ${messageOf(error)}`);
  }
  const build = namespace['default'] ?? namespace['model'];
  if (typeof build !== 'function') {
    const exported = Object.keys(namespace);
    throw new ModuleError(`${file}: a TensorFlow.js model's module has a function (tf, { shape, classes, parameters }) as its default export, or exports it as "model", and it returns a tf.LayersModel; ${exported.length === 0 ? 'this module exports nothing' : `this module exports ${exported.join(', ')}${build === undefined ? '' : `, and it is ${kindOf(build)}`}`}`);
  }
  const defaults = namespace['parameters'] ?? {};
  if (typeof defaults !== 'object' || Array.isArray(defaults)) throw new ModuleError(`${file}: "parameters" has to be an object of the parameters' defaults, and is ${kindOf(defaults)}`);
  return { build: build as ModelModule['build'], defaults };
}

/** The defaults, and over them what the scenario gives. Throws a ModuleError for a parameter that the module doesn't have. */
export function parametersOf({ defaults }: ModelModule, given: Readonly<Record<string, unknown>>, file: string): Record<string, unknown> {
  const known = Object.keys(defaults);
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new ModuleError(`${file}: unknown parameter "${unknown}"; ${allowedNames(unknown, known)}: they are the keys of the exported "parameters"`);
  return structuredClone({ ...defaults, ...given });
}

/** Builds the model, its first weights drawn from the stream. Throws a ModuleError for one that doesn't fit the samples and classes or can't be trained here. */
export async function buildModel(
  { tf }: Engine, { build }: ModelModule, parameters: Readonly<Record<string, unknown>>, task: Task, stream: Stream, file: string,
): Promise<{ readonly model: LayersModel; readonly layout: InputLayout }> {
  // An earlier run's weights have names that this one's may have too.
  tf.disposeVariables();
  let built: unknown;
  try {
    built = await drawingFrom(stream, () => build(tf, { ...task, parameters }));
  } catch (error) {
    throw new ModuleError(`${file}: the function that builds the model threw: ${messageOf(error)}`);
  }
  if (!(built instanceof tf.LayersModel)) {
    const foreign = typeof built === 'object' && built !== null && 'trainableWeights' in built;
    throw new ModuleError(`${file}: ${foreign ? 'the model was built by another copy of TensorFlow.js; build it with the tf that the function is handed' : `the function has to return a tf.LayersModel (tf.sequential(…) or tf.model(…)), and returned ${kindOf(built)}`}`);
  }
  return { model: built, layout: checkModel(tf, built, task, file) };
}

function checkModel(tf: TensorFlow, model: LayersModel, { shape, classes }: Task, file: string): InputLayout {
  const refuse = (what: string): never => { throw new ModuleError(`${file}: ${what}`); };
  const [[input], [output]] = [model.inputs, model.outputs];
  if (input === undefined || output === undefined || model.inputs.length !== 1 || model.outputs.length !== 1) {
    return refuse(`the model has ${model.inputs.length} inputs and ${model.outputs.length} outputs; it needs one input, the samples, and one output, a value for each class`);
  }
  const wanted = input.shape.slice(1);
  const layout = layoutFor(wanted, shape);
  const [height, width, channels] = shape;
  if (layout === undefined) refuse(`the model takes ${formatDimensions(wanted)}, and a sample of this data set is ${height} × ${width} × ${channels} (height × width × channels): inputShape may be ${formatDimensions(shape)}, or ${formatDimensions([height * width * channels])} for the same values channel by channel`);
  const given = output.shape.slice(1);
  if (given.length !== 1 || given[0] !== classes) refuse(`${formatDimensions(given)} comes out of the model and the data set has ${classes} classes; end with tf.layers.dense({ units: ${classes} })`);

  const last = lastLayer(tf, output);
  for (const { layer, name, isModel } of layersOf(tf, model)) {
    if (layer.getClassName() === 'BatchNormalization') refuse(`${name} keeps a running mean and variance, which workers with batches of their own don't share; use tf.layers.layerNormalization()`);
    // A model is so by its layers.
    if (layer.stateful && !isModel) refuse(`${name} keeps a state from batch to batch, which no seed repeats; build it without "stateful"`);
    if (layer.losses.length > 0) refuse(`${name} adds a loss of its own (a regularizer), which would be left out: leave it out, and give the scenario a weightDecay`);
    if (layer === last && endsInSoftmax(layer)) refuse(`${name}, ends the model with a softmax, which is part of the loss here; leave the activation out, so that the model gives logits`);
  }
  const constrained = model.trainableWeights.find(({ constraint }) => (constraint as unknown) instanceof Object);
  if (constrained !== undefined) refuse(`the weight ${constrained.name} has a constraint, which the server's step would not keep; leave it out`);
  if (model.trainableWeights.length === 0) refuse('the model has no trainable weights');
  const other = model.trainableWeights.find((weight) => weight.dtype !== 'float32');
  if (other !== undefined) refuse(`the weight ${other.name} is ${other.dtype}; trainable weights have to be float32`);
  return layout as InputLayout;
}

/** What gives the values that come out, in the model or in a model that is its last layer. */
function lastLayer(tf: TensorFlow, { sourceLayer, outputTensorIndex = 0 }: SymbolicTensor): SymbolicTensor['sourceLayer'] {
  const inner = sourceLayer instanceof tf.LayersModel ? sourceLayer.outputs[outputTensorIndex] : undefined;
  return inner === undefined ? sourceLayer : lastLayer(tf, inner);
}

function endsInSoftmax(layer: LayersModel['layers'][number]): boolean {
  return layer.getClassName() === 'Softmax' || layer.getConfig()['activation'] === 'softmax';
}
