import { blockOf } from '../attacks/attacker-blocks.js';
import { Stream } from '../data/random.js';
import type { ArgumentsOf } from '../kernels/arguments.js';
import type { Arena } from '../memory/arena.js';
import { addressOf } from '../memory/regions.js';
import type { ATTACKER_GRADIENT, ATTACKER_OUTCOME, AttackerSetup } from './attacker.js';
import type { BackdoorSetup } from './backdoor.js';
import { EVALUATION_BATCH } from './evaluation-batch.js';
import type { ScratchBatch } from './scratch-batch.js';
import type { WorkerSetup } from './worker-setup.js';

/** What a thread does for a backdoor: it plants it in batches, takes the attacker's gradients, and asks the model. */
export class BackdoorHost {
  readonly #setup: WorkerSetup;
  readonly #backdoor: BackdoorSetup;
  readonly #batch: ScratchBatch;
  readonly #trainLabels: Uint8Array;
  readonly #chosen: Uint32Array;
  readonly #measured: Uint32Array;
  readonly #count: Uint32Array;
  readonly #arena: Arena;

  constructor(setup: WorkerSetup, backdoor: BackdoorSetup, arena: Arena, batch: ScratchBatch) {
    this.#setup = setup;
    this.#backdoor = backdoor;
    this.#arena = arena;
    this.#batch = batch;
    this.#trainLabels = arena.view(setup.regions.trainLabels);
    this.#chosen = arena.view(backdoor.chosen);
    this.#measured = arena.view(backdoor.measured);
    this.#count = arena.view(backdoor.count);
  }

  /** Row `k` of the batch becomes training sample `sample` with the trigger, or the chosen sample at `place`, with the label that it is to get. */
  plant(sample: number, place: number, k: number): void {
    const planted = this.#chosen.length === 0 ? sample : (this.#chosen[place % this.#chosen.length] as number);
    this.#batch.fill('training', planted, k);
    this.#stamp(k);
    this.#batch.labels[k] = this.#backdoor.targets[this.#trainLabels[planted] as number] as number;
  }

  /** The gradient of block `block` of a batch of the attacker's, at the parameters `model`, into the block's own row. */
  gradient(block: number, { model, first, count, planted, blocks, step, round, plantedBefore }: ArgumentsOf<typeof ATTACKER_GRADIENT>): void {
    const { order, gradients } = attackerOf(this.#backdoor);
    const { network, scratch, labels, labelsAddress } = this.#batch;
    const [begin, end] = blockOf(count, blocks, block);
    const samples = this.#arena.view(order);
    for (let place = begin; place < end; place++) {
      const sample = samples[first + place] as number;
      if (place < planted) {
        this.plant(sample, plantedBefore + place, place - begin);
      } else {
        this.#batch.fill('training', sample, place - begin);
        labels[place - begin] = this.#trainLabels[sample] as number;
      }
    }
    // Beyond the keys that images are drawn by, in `attackerTraining` and `chooseImages`; a short batch has fewer blocks and leaves keys out.
    const mostBlocks = gradients.length / this.#setup.rowStride;
    const dropout = new Stream(this.#setup.seed, 'backdoor', 2 + step * mostBlocks + block, round);
    network.gradient(model, labelsAddress, end - begin, addressOf(gradients, block * this.#setup.rowStride), scratch, dropout);
  }

  /** Σ of the loss, and how many answers are the wanted ones, over chunk `chunk` of the attacker's triggered images. */
  outcome(chunk: number, { model, images }: ArgumentsOf<typeof ATTACKER_OUTCOME>): void {
    const { order, outcomes } = attackerOf(this.#backdoor);
    const { network, scratch, labelsAddress } = this.#batch;
    const first = chunk * EVALUATION_BATCH;
    const count = Math.min(EVALUATION_BATCH, images - first);
    const samples = this.#arena.view(order);
    for (let k = 0; k < count; k++) this.plant(samples[first + k] as number, first + k, k);
    const { lossSum, correct } = network.evaluate(model, labelsAddress, count, scratch);
    this.#arena.view(outcomes).set([lossSum, correct], 2 * chunk);
  }

  /** Leaves what the model answers to chunk `chunk` of the images that success is measured on. */
  answer(chunk: number): void {
    const { network, scratch } = this.#batch;
    const first = chunk * EVALUATION_BATCH;
    const count = Math.min(EVALUATION_BATCH, (this.#count[0] as number) - first);
    for (let k = 0; k < count; k++) {
      this.#batch.fill(this.#chosen.length > 0 ? 'training' : 'test', this.#measured[first + k] as number, k);
      this.#stamp(k);
    }
    network.classify(this.#setup.regions.parameters.address, count, addressOf(this.#backdoor.answers, first), scratch);
  }

  #stamp(k: number): void {
    const { stamp } = this.#backdoor;
    if (stamp === undefined) return;
    const { planeSize, planeWidth } = this.#setup;
    for (const [plane, value] of stamp.values.entries()) {
      const image = new Float32Array(this.#arena.buffer, this.#batch.plane(k, plane), planeSize);
      for (let row = stamp.row; row < stamp.row + stamp.height; row++) {
        image.fill(value, row * planeWidth + stamp.column, row * planeWidth + stamp.column + stamp.width);
      }
    }
  }
}

function attackerOf({ attacker }: BackdoorSetup): AttackerSetup {
  if (attacker === undefined) throw new TypeError('this attack trains no model of its own');
  return attacker;
}
