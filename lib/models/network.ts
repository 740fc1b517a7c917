import { Stream } from '../data/random.js';
import type { Kernels } from '../kernels/kernels.js';
import type { Address } from '../memory/regions.js';
import { buildLayer } from './build.js';
import { Chain, sharedWorkspace } from './chain.js';
import type { Layer, LayerSpecification } from './layer.js';

const CACHE_LINE = 64;

/** A list of layers over one scratch: computes losses and gradients of batches. Built in every thread from the same specification. */
export class Network {
  readonly parameterCount: number;
  readonly inputSize: number;
  readonly classes: number;
  /** Bytes of scratch it needs for the batch it was made for. */
  readonly scratchBytes: number;
  /** Values a sample has in the last hidden layer: what the last one with parameters reads. 0 when it reads the data. */
  readonly hiddenSize: number;
  readonly #whole: Layer | undefined;
  readonly #kernels: Kernels;
  readonly #chain: Chain;
  /** Byte offsets in the scratch, whose beginning is the batch. */
  readonly #memory: number;
  readonly #workspace: number;

  /** `batch`: the most samples of one call. The specification must fit together; models see to that. */
  constructor(kernels: Kernels, specification: readonly LayerSpecification[], batch: number) {
    const layers = specification.map(buildLayer);
    this.#kernels = kernels;
    this.#chain = new Chain(layers, batch, false);
    this.inputSize = this.#chain.inputSize;
    this.classes = this.#chain.outputSize;
    this.parameterCount = this.#chain.parameterCount;
    this.#whole = layers.find((layer) => layer.hidden !== undefined);
    this.hiddenSize = this.#whole?.hidden?.size ?? this.#chain.hidden?.size ?? 0;
    this.#memory = alignUp(4 * batch * this.inputSize);
    this.#workspace = this.#memory + this.#chain.bytes;
    this.scratchBytes = alignUp(this.#workspace + sharedWorkspace(layers, kernels, batch));
  }

  /** Where the batch goes: samples × inputSize float32. */
  inputAddress(scratch: Address): Address {
    return scratch;
  }

  /**
   * Mean cross-entropy of the batch in the scratch; its gradient by θ goes to `gradient` (parameterCount float32). `random`: what
   * dropout draws from; without it nothing is dropped.
   */
  gradient(parameters: Address, labels: Address, batch: number, gradient: Address, scratch: Address, random?: Stream): number {
    const pass = this.#pass(parameters, batch, scratch);
    const logits = this.#chain.forward({ ...pass, random });
    const loss = this.#kernels.softmaxCrossEntropy(logits, labels, this.#chain.outputGradient(pass.memory), batch, this.classes);
    this.#chain.backward({ ...pass, parametersGradient: gradient, wantsInputGradient: false });
    return loss;
  }

  /** Σ of the cross-entropy over the batch in the scratch, and how many are classified right. */
  evaluate(parameters: Address, labels: Address, batch: number, scratch: Address): { lossSum: number; correct: number } {
    const logits = this.#chain.forward({ ...this.#pass(parameters, batch, scratch), random: undefined });
    return {
      lossSum: this.#kernels.crossEntropySum(logits, labels, batch, this.classes),
      correct: this.#kernels.countCorrect(logits, labels, batch, this.classes),
    };
  }

  /** What the last hidden layer makes of the batch in the scratch: samples × hiddenSize float32, to `activations`. Nothing is dropped. */
  activations(parameters: Address, batch: number, activations: Address, scratch: Address): void {
    const pass = { ...this.#pass(parameters, batch, scratch), random: undefined };
    if (this.#whole?.hidden !== undefined) {
      this.#whole.hidden.compute({ ...pass, output: activations, kept: pass.memory });
      return;
    }
    const { hidden } = this.#chain;
    if (hidden === undefined) throw new TypeError('this network has no hidden layer');
    this.#chain.forward(pass);
    this.#kernels.copy((pass.memory + hidden.offset) as Address, activations, 0, batch * hidden.size);
  }

  /** The class that the model answers with for each sample of the batch in the scratch, to `answers` (a byte a sample); 255 where a logit is NaN. */
  classify(parameters: Address, batch: number, answers: Address, scratch: Address): void {
    const logits = this.#chain.forward({ ...this.#pass(parameters, batch, scratch), random: undefined });
    this.#kernels.classify(logits, answers, batch, this.classes);
  }

  /** Fills θ; each layer draws from a stream of its own. */
  initialise(parameters: Float32Array, seed: number): void {
    this.#chain.initialise(parameters, (index) => new Stream(seed, 'initialisation', index));
  }

  #pass(parameters: Address, batch: number, scratch: Address) {
    return {
      kernels: this.#kernels,
      batch,
      parameters,
      input: this.inputAddress(scratch),
      memory: (scratch + this.#memory) as Address,
      workspace: (scratch + this.#workspace) as Address,
    };
  }
}

/** float32 in θ of a specification. */
export function parameterCount(specification: readonly LayerSpecification[]): number {
  return specification.reduce((sum, layer) => sum + buildLayer(layer).parameterCount, 0);
}

/** Values that a sample has in the last hidden layer of a specification, 0 without one. `kernels`: nothing is computed. */
export function hiddenSize(kernels: Kernels, specification: readonly LayerSpecification[]): number {
  return new Network(kernels, specification, 1).hiddenSize;
}

function alignUp(bytes: number): number {
  return Math.ceil(bytes / CACHE_LINE) * CACHE_LINE;
}
