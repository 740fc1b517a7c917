import { Stream } from '../data/random.js';
import type { Kernels } from '../kernels/kernels.js';
import type { Address } from '../memory/regions.js';
import type { Layer, LayerSpecification } from './layer.js';
import { dense } from './layers/dense.js';
import { relu } from './layers/relu.js';

const CACHE_LINE = 64;

/** What a layer of a network has beside the layer itself. */
interface Stage {
  readonly layer: Layer;
  /** float32 offset of its parameters in θ. */
  readonly parameterOffset: number;
  /** Byte offsets of its input and output in the scratch. */
  readonly input: number;
  readonly output: number;
}

/** A list of layers over one scratch: computes losses and gradients of batches. Built in every thread from the same specification. */
export class Network {
  readonly parameterCount: number;
  readonly inputSize: number;
  readonly classes: number;
  /** Bytes of scratch it needs for the batch it was made for. */
  readonly scratchBytes: number;
  readonly #kernels: Kernels;
  readonly #stages: readonly Stage[];
  readonly #gradients: readonly [number, number];
  readonly #workspace: number;

  /** `batch`: the most samples of one call. The specification must fit together; models see to that. */
  constructor(kernels: Kernels, specification: readonly LayerSpecification[], batch: number) {
    const layers = specification.map(buildLayer);
    this.#kernels = kernels;
    this.inputSize = layers.at(0)?.inputSize ?? 0;
    this.classes = layers.at(-1)?.outputSize ?? 0;

    let end = 0;
    const reserve = (bytes: number): number => {
      const start = end;
      end = Math.ceil((end + bytes) / CACHE_LINE) * CACHE_LINE;
      return start;
    };

    let parameterOffset = 0;
    let input = reserve(4 * batch * this.inputSize);
    this.#stages = layers.map((layer) => {
      const output = layer.inPlace ? input : reserve(4 * batch * layer.outputSize);
      const stage: Stage = { layer, parameterOffset, input, output };
      parameterOffset += layer.parameterCount;
      input = output;
      return stage;
    });
    this.parameterCount = parameterOffset;
    const widest = Math.max(...layers.map((layer) => layer.outputSize));
    this.#gradients = [reserve(4 * batch * widest), reserve(4 * batch * widest)];
    this.#workspace = reserve(Math.max(...layers.map((layer) => layer.workspaceBytes(kernels, batch))));
    this.scratchBytes = end;
  }

  /** Where the batch goes: samples × inputSize float32. */
  inputAddress(scratch: Address): Address {
    return scratch;
  }

  /** Mean cross-entropy of the batch in the scratch; its gradient by θ goes to `gradient` (parameterCount float32). */
  gradient(parameters: Address, labels: Address, batch: number, gradient: Address, scratch: Address): number {
    const logits = this.#forward(parameters, batch, scratch);
    let [outputGradient, inputGradient] = this.#gradients.map((offset) => (scratch + offset) as Address) as [Address, Address];
    const loss = this.#kernels.softmaxCrossEntropy(logits, labels, outputGradient, batch, this.classes);
    for (let index = this.#stages.length - 1; index >= 0; index--) {
      const { layer, parameterOffset, input, output } = this.#stages[index] as Stage;
      layer.backward({
        kernels: this.#kernels,
        batch,
        parameters: (parameters + 4 * parameterOffset) as Address,
        input: (scratch + input) as Address,
        output: (scratch + output) as Address,
        workspace: (scratch + this.#workspace) as Address,
        parametersGradient: (gradient + 4 * parameterOffset) as Address,
        outputGradient,
        inputGradient: index === 0 ? undefined : inputGradient,
      });
      if (!layer.inPlace) [outputGradient, inputGradient] = [inputGradient, outputGradient];
    }
    return loss;
  }

  /** Σ of the cross-entropy over the batch in the scratch, and how many are classified right. */
  evaluate(parameters: Address, labels: Address, batch: number, scratch: Address): { lossSum: number; correct: number } {
    const logits = this.#forward(parameters, batch, scratch);
    return {
      lossSum: this.#kernels.crossEntropySum(logits, labels, batch, this.classes),
      correct: this.#kernels.countCorrect(logits, labels, batch, this.classes),
    };
  }

  /** Fills θ; each layer draws from a stream of its own. */
  initialise(parameters: Float32Array, seed: number): void {
    this.#stages.forEach(({ layer, parameterOffset }, index) => {
      layer.initialise(parameters.subarray(parameterOffset, parameterOffset + layer.parameterCount), new Stream(seed, 'initialisation', index));
    });
  }

  #forward(parameters: Address, batch: number, scratch: Address): Address {
    let logits = scratch;
    for (const { layer, parameterOffset, input, output } of this.#stages) {
      logits = (scratch + output) as Address;
      layer.forward({
        kernels: this.#kernels,
        batch,
        parameters: (parameters + 4 * parameterOffset) as Address,
        input: (scratch + input) as Address,
        output: logits,
        workspace: (scratch + this.#workspace) as Address,
      });
    }
    return logits;
  }
}

/** float32 in θ of a specification. */
export function parameterCount(specification: readonly LayerSpecification[]): number {
  return specification.reduce((sum, layer) => sum + buildLayer(layer).parameterCount, 0);
}

function buildLayer(specification: LayerSpecification): Layer {
  switch (specification.layer) {
    case 'dense':
      return dense(specification.inputs, specification.outputs, specification.initialisation);
    case 'relu':
      return relu(specification.size);
  }
}
