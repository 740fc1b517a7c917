import type { Stream } from '../data/random.js';
import type { Kernels } from '../kernels/kernels.js';
import type { Address } from '../memory/regions.js';
import type { BackwardPass, ForwardPass, Layer } from './layer.js';

const CACHE_LINE = 64;

/** What a layer of a chain has beside the layer itself. */
interface Stage {
  readonly layer: Layer;
  /** float32 offset of its parameters behind the chain's. */
  readonly parameterOffset: number;
  /** Byte offset of its output in the chain's memory; undefined when it overwrites the chain's input. */
  readonly output: number | undefined;
  /** Byte offset of what it keeps. */
  readonly kept: number;
}

/** A forward pass through a chain; `memory`: `bytes` that hold what the backward pass needs. */
export interface ChainPass extends Omit<ForwardPass, 'output' | 'kept'> {
  readonly memory: Address;
}

/** The way back. */
export interface ChainBackwardPass extends Omit<BackwardPass, 'output' | 'kept' | 'outputGradient' | 'inputGradient'> {
  readonly memory: Address;
  readonly wantsInputGradient: boolean;
}

/** Layers one behind the other, and where in one piece of memory their activations, what they keep and two gradients lie, for batches of one size. */
export class Chain {
  readonly inputSize: number;
  readonly outputSize: number;
  readonly parameterCount: number;
  /** Where a forward pass leaves what the last layer with parameters reads, and how many values that is a sample; undefined when that is the input. */
  readonly hidden: { readonly offset: number; readonly size: number } | undefined;
  /** Of memory that one batch needs; more for a larger batch. */
  readonly bytes: number;
  readonly #stages: readonly Stage[];
  readonly #gradients: readonly [number, number];
  /** Where a first layer that works in place finds the input, when somebody else needs that too. */
  readonly #inputCopy: number | undefined;

  /** `keepsInput`: somebody else reads the input after it, and the gradient by it is wanted. At least one layer. */
  constructor(layers: readonly Layer[], batch: number, keepsInput: boolean) {
    this.inputSize = layers.at(0)?.inputSize ?? 0;
    this.outputSize = layers.at(-1)?.outputSize ?? 0;

    let end = 0;
    const reserve = (bytes: number): number => {
      const start = end;
      end = Math.ceil((end + bytes) / CACHE_LINE) * CACHE_LINE;
      return start;
    };

    this.#inputCopy = keepsInput && layers.at(0)?.inPlace === true ? reserve(4 * batch * this.inputSize) : undefined;
    let output = this.#inputCopy;
    let parameterOffset = 0;
    this.#stages = layers.map((layer) => {
      if (!layer.inPlace) output = reserve(4 * batch * layer.outputSize);
      const stage: Stage = { layer, parameterOffset, output, kept: reserve(layer.keptBytes(batch)) };
      parameterOffset += layer.parameterCount;
      return stage;
    });
    this.parameterCount = parameterOffset;
    const last = layers.findLastIndex((layer) => layer.parameterCount > 0);
    const before = this.#stages[last - 1];
    this.hidden = before?.output === undefined ? undefined : { offset: before.output, size: before.layer.outputSize };
    const widest = Math.max(keepsInput ? this.inputSize : 0, ...layers.map((layer) => layer.outputSize));
    this.#gradients = [reserve(4 * batch * widest), reserve(4 * batch * widest)];
    this.bytes = end;
  }

  /** Leaves the activations in the memory; returns where the last ones are. */
  forward({ memory, ...pass }: ChainPass): Address {
    const { kernels, batch } = pass;
    let input = pass.input;
    if (this.#inputCopy !== undefined) {
      input = (memory + this.#inputCopy) as Address;
      kernels.copy(pass.input, input, 0, batch * this.inputSize);
    }
    for (const { layer, parameterOffset, output, kept } of this.#stages) {
      const target = output === undefined ? input : ((memory + output) as Address);
      layer.forward({ ...pass, parameters: (pass.parameters + 4 * parameterOffset) as Address, input, output: target, kept: (memory + kept) as Address });
      input = target;
    }
    return input;
  }

  /** Where the gradient by the output has to be before `backward`, which overwrites it. */
  outputGradient(memory: Address): Address {
    return (memory + this.#gradients[0]) as Address;
  }

  /** Writes the parameters' gradient; returns where the gradient by the input is, where one is wanted. `pass.input` is what `forward` had. */
  backward({ memory, wantsInputGradient, ...pass }: ChainBackwardPass): Address | undefined {
    let [outputGradient, inputGradient] = this.#gradients.map((offset) => (memory + offset) as Address) as [Address, Address];
    const last = wantsInputGradient ? 0 : this.#stages.findIndex(({ layer }) => layer.parameterCount > 0);
    if (last < 0) return undefined;
    for (let index = this.#stages.length - 1; index >= last; index--) {
      const { layer, parameterOffset, output, kept } = this.#stages[index] as Stage;
      const input = index === 0 ? this.#inputCopy : this.#stages[index - 1]?.output;
      layer.backward({
        ...pass,
        parameters: (pass.parameters + 4 * parameterOffset) as Address,
        parametersGradient: (pass.parametersGradient + 4 * parameterOffset) as Address,
        input: input === undefined ? pass.input : ((memory + input) as Address),
        output: output === undefined ? pass.input : ((memory + output) as Address),
        kept: (memory + kept) as Address,
        outputGradient,
        inputGradient: index === last && !wantsInputGradient ? undefined : inputGradient,
      });
      if (!layer.inPlace) [outputGradient, inputGradient] = [inputGradient, outputGradient];
    }
    return wantsInputGradient ? outputGradient : undefined;
  }

  /** Fills the parameters, layer `index` from the stream of its own. */
  initialise(parameters: Float32Array, streamOf: (index: number) => Stream): void {
    this.#stages.forEach(({ layer, parameterOffset }, index) => {
      layer.initialise(parameters.subarray(parameterOffset, parameterOffset + layer.parameterCount), streamOf(index));
    });
  }
}

/** Bytes of workspace that layers share: each needs it for no longer than one call. */
export function sharedWorkspace(layers: readonly Layer[], kernels: Kernels, batch: number): number {
  return Math.max(0, ...layers.map((layer) => layer.workspaceBytes(kernels, batch)));
}
