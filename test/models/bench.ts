import type { Stream } from '../../lib/data/random.js';
import { compileKernels, instantiateKernels, type KernelKind } from '../../lib/kernels/load.js';
import type { Kernels } from '../../lib/kernels/kernels.js';
import { Arena, ArenaPlan } from '../../lib/memory/arena.js';
import { f32, u8 } from '../../lib/memory/regions.js';
import type { LayerSpecification } from '../../lib/models/layer.js';
import { Network } from '../../lib/models/network.js';

/** A network with memory of its own, its parameters and one batch in it. */
export class NetworkBench {
  readonly network: Network;
  readonly parameters: Float32Array;
  readonly #gradient: Float32Array;
  readonly #input: Float32Array;
  readonly #labels: Uint8Array;
  readonly #hidden: Float32Array;
  readonly #addresses;

  constructor(specification: readonly LayerSpecification[], batch: number, kind: KernelKind = 'strict') {
    const { module } = compileKernels(kind);
    const sizes: Kernels = instantiateKernels(module, Arena.allocate(0).memory);
    const planned = new Network(sizes, specification, batch);
    const plan = new ArenaPlan();
    const regions = plan.addAll('bench', {
      parameters: f32(planned.parameterCount),
      gradient: f32(planned.parameterCount),
      labels: u8(batch),
      hidden: f32(batch * planned.hiddenSize),
      scratch: u8(planned.scratchBytes),
      behind: u8(64),
    });
    const arena = Arena.allocate(plan.bytes);
    this.network = new Network(instantiateKernels(module, arena.memory), specification, batch);
    this.parameters = arena.view(regions.parameters);
    this.#gradient = arena.view(regions.gradient);
    this.#labels = arena.view(regions.labels);
    this.#hidden = arena.view(regions.hidden);
    const scratch = regions.scratch.address;
    this.#input = arena.row(this.network.inputAddress(scratch), batch * this.network.inputSize);
    this.#addresses = { parameters: regions.parameters.address, gradient: regions.gradient.address, labels: regions.labels.address, hidden: regions.hidden.address, scratch };
  }

  /** Mean cross-entropy of the batch and its gradient. */
  gradient(inputs: ArrayLike<number>, labels: ArrayLike<number>, random?: Stream): { loss: number; gradient: Float32Array } {
    const { parameters, gradient, labels: labelsAddress, scratch } = this.#addresses;
    this.#fill(inputs, labels);
    this.#gradient.fill(NaN);
    const loss = this.network.gradient(parameters, labelsAddress, labels.length, gradient, scratch, random);
    return { loss, gradient: this.#gradient.slice() };
  }

  evaluate(inputs: ArrayLike<number>, labels: ArrayLike<number>): { lossSum: number; correct: number } {
    this.#fill(inputs, labels);
    return this.network.evaluate(this.#addresses.parameters, this.#addresses.labels, labels.length, this.#addresses.scratch);
  }

  /** What the last hidden layer makes of them. */
  activations(inputs: ArrayLike<number>, labels: ArrayLike<number>): Float32Array {
    const { parameters, hidden, scratch } = this.#addresses;
    this.#fill(inputs, labels);
    this.network.activations(parameters, labels.length, hidden, scratch);
    return this.#hidden.slice(0, labels.length * this.network.hiddenSize);
  }

  #fill(inputs: ArrayLike<number>, labels: ArrayLike<number>): void {
    this.#input.set(inputs);
    this.#labels.set(labels);
  }
}
