import type { Stream } from '../data/random.js';
import type { Kernels } from '../kernels/kernels.js';
import type { Address } from '../memory/regions.js';

/**
 * A layer is forward and backward kernel calls over a batch. It owns no memory: parameters lie in θ, activations and
 * workspace in the calling thread's scratch.
 */
export interface Layer {
  /** Values a sample has on the way in and out. */
  readonly inputSize: number;
  readonly outputSize: number;
  /** float32 in θ, weights before biases. */
  readonly parameterCount: number;
  /** True when the output overwrites the input, so that no memory is planned for it. */
  readonly inPlace: boolean;
  /** Bytes of workspace for a batch of this many samples. */
  workspaceBytes(kernels: Kernels, batch: number): number;
  forward(pass: ForwardPass): void;
  /** Writes the parameters' gradient, and the input's where one is wanted. */
  backward(pass: BackwardPass): void;
  initialise(parameters: Float32Array, stream: Stream): void;
}

export interface ForwardPass {
  readonly kernels: Kernels;
  readonly batch: number;
  readonly parameters: Address;
  readonly input: Address;
  readonly output: Address;
  readonly workspace: Address;
}

export interface BackwardPass extends ForwardPass {
  readonly parametersGradient: Address;
  readonly outputGradient: Address;
  /** Absent for the first layer: nobody needs the gradient by the data. */
  readonly inputGradient: Address | undefined;
}

/** How the weights of a layer begin. */
export type Initialisation = 'xavier-uniform' | 'uniform-fan-in' | 'he-normal';

/** A layer as plain data: what a model resolves to, and what travels to the threads. */
export type LayerSpecification =
  | { readonly layer: 'dense'; readonly inputs: number; readonly outputs: number; readonly initialisation: Initialisation }
  | { readonly layer: 'relu'; readonly size: number };
