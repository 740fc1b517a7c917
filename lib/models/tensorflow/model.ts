import type { LayersModel, SymbolicTensor, Tensor } from '@tensorflow/tfjs';
import type { Stream } from '../../data/random.js';
import type { Engine, TensorFlow } from './engine.js';
import { drawingNowFrom } from './random.js';
import type { InputLayout } from './shapes.js';
import { variablesOf } from './variables.js';

/** A user's model in one thread: computes with parameters and batches where they lie. */
export class TensorFlowModel {
  readonly parameterCount: number;
  /** Values of each trainable weight, in their order in θ. */
  readonly tensors: readonly number[];
  /** Values a sample has in what the last layer with weights reads; 0 when that is the data. */
  readonly hiddenSize: number;
  readonly #engine: Engine;
  readonly #model: LayersModel;
  readonly #layout: InputLayout;
  /** From the data to what the last layer with weights reads. */
  readonly #hidden: readonly LayersModel[];
  /** Where each trainable weight begins in θ. */
  readonly #offsets: readonly number[];

  constructor(engine: Engine, model: LayersModel, layout: InputLayout) {
    this.#engine = engine;
    this.#model = model;
    this.#layout = layout;
    this.tensors = model.trainableWeights.map(({ shape }) => sizeOf(shape));
    let end = 0;
    this.#offsets = this.tensors.map((length) => {
      const start = end;
      end += length;
      return start;
    });
    this.parameterCount = end;
    this.#hidden = hiddenParts(engine.tf, model) ?? [];
    this.hiddenSize = this.#hidden.length === 0 ? 0 : sizeOf((this.#hidden.at(-1)?.outputs[0]?.shape ?? []).slice(1));
  }

  /** What the model's own initialisers gave. Only before it has computed with other parameters. */
  copyInitialParameters(target: Float32Array): void {
    this.#model.trainableWeights.forEach((weight, place) => { target.set(weight.read().dataSync<'float32'>(), this.#offsets[place]); });
  }

  /** Logits of a batch, samples × classes, into `output`. `random`: what dropout and the like draw from in training; absent in evaluation. */
  forward(parameters: Float32Array, input: Float32Array, batch: number, output: Float32Array, random: Stream | undefined): void {
    const { tf } = this.#engine;
    tf.tidy(() => {
      this.#compute(parameters);
      output.set(this.#logits(this.#batchOf(input, batch), random).dataSync<'float32'>());
    });
  }

  /** What the last layer with weights reads of a batch, samples × hiddenSize, into `output`. */
  hidden(parameters: Float32Array, input: Float32Array, batch: number, output: Float32Array): void {
    if (this.#hidden.length === 0) throw new TypeError('this model has no hidden layer');
    this.#engine.tf.tidy(() => {
      this.#compute(parameters);
      output.set(this.#hidden.reduce((x, part) => part.apply(x, { training: false }) as Tensor, this.#batchOf(input, batch)).dataSync<'float32'>());
    });
  }

  /** Σ logits · slope by θ, into `gradient`: with the loss's derivative by the logits as slope it is the loss's by θ. With the `random` of the way there. */
  backward(parameters: Float32Array, input: Float32Array, batch: number, slope: Float32Array, gradient: Float32Array, random: Stream | undefined): void {
    const { tf } = this.#engine;
    tf.tidy(() => {
      this.#compute(parameters);
      const x = this.#batchOf(input, batch);
      const weights = variablesOf(tf, this.#model);
      const dy = tf.tensor(this.#readable(slope), [batch, slope.length / batch]);
      const { grads } = tf.variableGrads(() => tf.sum(tf.mul(this.#logits(x, random), dy)), weights);
      weights.forEach((weight, place) => {
        const found = grads[weight.name] as Tensor | undefined | null;
        const from = this.#offsets[place] as number;
        // A weight that the logits don't depend on has none.
        if (found === undefined || found === null) gradient.fill(0, from, from + weight.size);
        else gradient.set(found.dataSync<'float32'>(), from);
      });
    });
  }

  /** Makes θ the model's weights. */
  #compute(parameters: Float32Array): void {
    const { tf } = this.#engine;
    this.#model.trainableWeights.forEach((weight, place) => {
      const from = this.#offsets[place] as number;
      weight.write(tf.tensor(this.#readable(parameters.subarray(from, from + sizeOf(weight.shape))), weight.shape as number[]));
    });
  }

  #logits(x: Tensor, random: Stream | undefined): Tensor {
    return drawingNowFrom(random, () => this.#model.apply(x, { training: random !== undefined }) as Tensor);
  }

  #batchOf(input: Float32Array, batch: number): Tensor {
    const { tf } = this.#engine;
    const { shape, transposed } = this.#layout;
    const x = tf.tensor(this.#readable(input), [batch, ...shape]);
    return transposed ? tf.transpose(x, [0, 2, 3, 1]) : x;
  }

  /** JavaScript reads shared memory where it is, and WebAssembly copies it into its own; native code is given a copy, which nobody writes. */
  #readable(values: Float32Array): Float32Array {
    return this.#engine.backend === 'tensorflow' ? values.slice() : values;
  }
}

/**
 * From the data to what the last layer with weights reads: one model after another, because that layer may lie in a model that is a layer itself. Undefined where it
 * has several inputs, of which none is the hidden layer.
 */
function hiddenParts(tf: TensorFlow, { inputs, outputs: [output] }: Pick<LayersModel, 'inputs' | 'outputs'>): LayersModel[] | undefined {
  const { sourceLayer, inputs: [input, ...others] = [], outputTensorIndex = 0 } = lastWithWeights(output) ?? {};
  if (input === undefined || others.length > 0) return undefined;
  const before = inputs.includes(input) ? [] : [tf.model({ inputs, outputs: input })];
  const inner = sourceLayer instanceof tf.LayersModel ? hiddenParts(tf, { inputs: sourceLayer.inputs, outputs: sourceLayer.outputs.slice(outputTensorIndex) }) : [];
  return inner && [...before, ...inner];
}

/** What comes out of the layer with weights that is nearest to the output. */
function lastWithWeights(output: SymbolicTensor | undefined): SymbolicTensor | undefined {
  const reached = new Set(output === undefined ? [] : [output]);
  for (const tensor of reached) {
    if (tensor.sourceLayer.trainableWeights.length > 0) return tensor;
    // A set's loop comes to what is added meanwhile.
    for (const input of tensor.inputs) reached.add(input);
  }
  return undefined;
}

function sizeOf(shape: readonly (number | null)[]): number {
  return shape.reduce<number>((product, length) => product * (length ?? 1), 1);
}
