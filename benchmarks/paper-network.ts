import { Stream } from '../lib/data/random.js';
import { instantiateKernels } from '../lib/kernels/load.js';
import type { Kernels } from '../lib/kernels/kernels.js';
import { Arena, ArenaPlan } from '../lib/memory/arena.js';
import { f32, u8, type Address } from '../lib/memory/regions.js';
import { MODELS } from '../lib/models/registry.js';
import { Network } from '../lib/models/network.js';
import { vector } from '../lib/models/shape.js';
import type { CompiledKernels } from '../lib/training/thread-pool.js';

export const BATCH = 128;
export const INPUTS = 784;
export const CLASSES = 10;
export const HIDDEN = 100;

/** Floating-point operations in the matrix products of one gradient: forward and by the weights for both layers, by the input for the second. */
export const PRODUCT_FLOP = 2 * BATCH * (2 * INPUTS * HIDDEN + 3 * HIDDEN * CLASSES);

/** Steps of the inner loop that `tiles` takes at a time: both panels lie in the first-level cache, as they do in a product. */
const DEPTH = 392;
const TILES = 100;

/** The 784-100-10 network with one batch in memory of its own: the paper's gradient, outside of any run. */
export class PaperNetwork {
  readonly kernels: Kernels;
  readonly parameters: Float32Array;
  readonly inputs: Float32Array;
  readonly labels: Uint8Array;
  readonly gradientRow: Float32Array;
  readonly #network: Network;
  readonly #scratch: Address;
  readonly #workspace: Address;

  constructor(compiled: CompiledKernels) {
    const sizes = instantiateKernels(compiled.module, Arena.allocate(0).memory);
    const layers = MODELS.get('mlp').layers({}, vector(INPUTS), CLASSES);
    const planned = new Network(sizes, layers, BATCH);
    const plan = new ArenaPlan();
    const regions = plan.addAll('gradient', {
      bytes: u8(BATCH * INPUTS),
      parameters: f32(planned.parameterCount),
      labels: u8(BATCH),
      row: f32(planned.parameterCount),
      scratch: u8(planned.scratchBytes),
      workspace: u8(sizes.multiplyWorkspace(INPUTS, HIDDEN, INPUTS)),
    });
    const arena = Arena.allocate(plan.bytes);
    this.kernels = instantiateKernels(compiled.module, arena.memory);
    this.#network = new Network(this.kernels, layers, BATCH);
    this.#scratch = regions.scratch.address;
    this.#workspace = regions.workspace.address;
    this.parameters = arena.view(regions.parameters);
    this.labels = arena.view(regions.labels);
    this.gradientRow = arena.view(regions.row);
    this.inputs = arena.row(this.#network.inputAddress(this.#scratch), BATCH * INPUTS);
    this.#network.initialise(this.parameters, 0);
    const stream = new Stream(0, 'digits');
    const bytes = arena.view(regions.bytes);
    for (let i = 0; i < bytes.length; i++) bytes[i] = stream.below(256);
    for (let k = 0; k < BATCH; k++) this.labels[k] = k % CLASSES;
    this.#bytes = regions.bytes.address;
  }

  readonly #bytes: Address;

  /** The whole gradient of one batch, from bytes to row; returns the loss. */
  gradient(): number {
    this.kernels.normalize(this.#bytes, this.#network.inputAddress(this.#scratch), BATCH * INPUTS, 1 / (255 * 0.3081), -0.1307 / 0.3081);
    return this.#network.gradient(this.parameters.byteOffset as Address, this.labels.byteOffset as Address, BATCH, this.gradientRow.byteOffset as Address, this.#scratch);
  }

  /** The products' inner loop alone; returns how many floating-point operations that is. */
  tiles(): number {
    const [a, b] = [this.inputs.byteOffset, this.inputs.byteOffset + 4 * 8 * DEPTH] as [Address, Address];
    const rows = this.kernels.multiplyPanels(a, b, this.gradientRow.byteOffset as Address, DEPTH, TILES);
    return 2 * rows * 8 * DEPTH * TILES;
  }

  /** Its matrix products alone, `PRODUCT_FLOP` operations. */
  products(): void {
    const { kernels } = this;
    const workspace = this.#workspace;
    const [inputs, parameters, row] = [this.inputs, this.parameters, this.gradientRow].map((view) => view.byteOffset as Address) as [Address, Address, Address];
    // Where the numbers lie doesn't matter to the time: hidden activations and their gradients share the bytes behind the inputs.
    const hidden = (this.#scratch + 4 * BATCH * INPUTS) as Address;
    const logits = (hidden + 4 * BATCH * HIDDEN) as Address;
    const second = (parameters + 4 * (INPUTS + 1) * HIDDEN) as Address;
    kernels.multiply(inputs, parameters, hidden, BATCH, HIDDEN, INPUTS, workspace);
    kernels.multiply(hidden, second, logits, BATCH, CLASSES, HIDDEN, workspace);
    kernels.multiplyTransposedA(hidden, logits, row, HIDDEN, CLASSES, BATCH, workspace);
    kernels.multiplyTransposedB(logits, second, hidden, BATCH, HIDDEN, CLASSES, workspace);
    kernels.multiplyTransposedA(inputs, hidden, row, INPUTS, HIDDEN, BATCH, workspace);
  }
}
