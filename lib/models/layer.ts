import type { Stream } from '../data/random.js';
import type { Kernels } from '../kernels/kernels.js';
import type { ConvolutionGeometry } from '../kernels/sizes.js';
import type { Address } from '../memory/regions.js';
import type { TensorFlowSpecification } from './tensorflow/specification.js';

/**
 * A layer is forward and backward kernel calls over a batch. It owns no memory: parameters lie in θ, activations, what is kept and
 * workspace in the calling thread's scratch.
 */
export interface Layer {
  /** Values a sample has on the way in and out. */
  readonly inputSize: number;
  readonly outputSize: number;
  /** float32 in θ, weights before biases. */
  readonly parameterCount: number;
  /**
   * True when the output overwrites the input, so that no memory is planned for it, and the output's gradient is overwritten by the
   * input's. What the layer before it asks of its own output on the way back must still be so: ReLU asks where it is above 0.
   */
  readonly inPlace: boolean;
  /** Bytes that it keeps from the forward to the backward pass, beside input and output; more for a larger batch. */
  keptBytes(batch: number): number;
  /** Bytes of workspace for a batch of this many samples. */
  workspaceBytes(kernels: Kernels, batch: number): number;
  forward(pass: ForwardPass): void;
  /** Writes the parameters' gradient, and the input's where one is wanted. May overwrite the output's. */
  backward(pass: BackwardPass): void;
  initialise(parameters: Float32Array, stream: Stream): void;
  /** Of a layer that is a whole network: what its own last layer with weights reads, `size` values a sample, into the pass's output. */
  readonly hidden?: { readonly size: number; compute(pass: ForwardPass): void };
}

export interface ForwardPass {
  readonly kernels: Kernels;
  readonly batch: number;
  readonly parameters: Address;
  readonly input: Address;
  readonly output: Address;
  readonly kept: Address;
  readonly workspace: Address;
  /** What is random in training (dropout) is drawn from it, layer after layer. Absent in evaluation, where nothing is random. */
  readonly random: Stream | undefined;
}

export interface BackwardPass extends Omit<ForwardPass, 'random'> {
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
  | { readonly layer: 'relu'; readonly size: number }
  | ({ readonly layer: 'convolution'; readonly initialisation: Initialisation } & ConvolutionGeometry)
  | ({ readonly layer: 'max-pool' | 'average-pool' } & PoolGeometry)
  | { readonly layer: 'group-norm'; readonly channels: number; readonly positions: number; readonly groups: number }
  | { readonly layer: 'dropout'; readonly size: number; readonly rate: number }
  | { readonly layer: 'residual'; readonly layers: readonly LayerSpecification[]; readonly shortcut: readonly LayerSpecification[] }
  | ({ readonly layer: 'tensorflow' } & TensorFlowSpecification);

/** Windows of size × size that move by `stride` over each channel. */
export interface PoolGeometry {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly size: number;
  readonly stride: number;
}
