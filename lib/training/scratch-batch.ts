import { augment, UNCHANGED } from '../data/augmentation.js';
import type { Stream } from '../data/random.js';
import type { Kernels } from '../kernels/kernels.js';
import type { Arena } from '../memory/arena.js';
import type { Address } from '../memory/regions.js';
import type { Network } from '../models/network.js';
import { EVALUATION_BATCH } from './evaluation-batch.js';
import { SERVER_BLOCK } from './server.js';
import type { WorkerSetup } from './worker-setup.js';

const CACHE_LINE = 64;

type BatchSetup = Pick<WorkerSetup, 'batchSize' | 'planes' | 'planeSize'>;

/** The batch in a thread's scratch: samples, normalised, are the rows of the network's input; their labels and one augmented sample lie behind the network's own part. */
export class ScratchBatch {
  readonly network: Network;
  readonly scratch: Address;
  /** One byte a sample. */
  readonly labels: Uint8Array;
  readonly #setup: WorkerSetup;
  readonly #kernels: Pick<Kernels, 'normalize'>;
  readonly #input: Address;
  readonly #trainImages: Uint8Array;
  readonly #testImages: Uint8Array;
  readonly #sampleBytes: number;
  readonly #augmented: Uint8Array;
  /** What `fetch` read: keeps its loads from being dropped. */
  fetched = 0;

  constructor(setup: WorkerSetup, network: Network, arena: Arena, kernels: Pick<Kernels, 'normalize'>, scratch: Address) {
    this.#setup = setup;
    this.#kernels = kernels;
    this.network = network;
    this.scratch = scratch;
    this.#input = network.inputAddress(scratch);
    this.#sampleBytes = sampleBytes(setup);
    this.labels = new Uint8Array(arena.buffer, scratch + network.scratchBytes, largestBatch(setup));
    this.#augmented = new Uint8Array(arena.buffer, this.labels.byteOffset + this.labels.length, this.#sampleBytes);
    this.#trainImages = arena.view(setup.regions.trainImages);
    this.#testImages = arena.view(setup.regions.testImages);
  }

  /** Bytes from the scratch's begin to the end of what the network and the batch take. */
  static endOf(setup: BatchSetup, network: Network): number {
    return network.scratchBytes + largestBatch(setup) + sampleBytes(setup);
  }

  get labelsAddress(): Address {
    return this.labels.byteOffset as Address;
  }

  /** Where plane `plane` of row `k` is, as float32. */
  plane(k: number, plane: number): Address {
    return (this.#input + 4 * (k * this.#sampleBytes + plane * this.#setup.planeSize)) as Address;
  }

  /** A sample becomes row `k`; its label is not touched. */
  fill(from: 'training' | 'test', sample: number, k: number): void {
    const images = from === 'training' ? this.#trainImages : this.#testImages;
    this.#normalize(images.byteOffset + sample * this.#sampleBytes, k);
  }

  /** A random version of a training sample becomes row `k`. */
  fillAugmented(sample: number, k: number, random: Stream): void {
    const { planes, planeSize, planeWidth, augmentation = UNCHANGED } = this.#setup;
    const shape = { count: planes.length, height: planeSize / planeWidth, width: planeWidth };
    augment(this.#trainImages, sample * this.#sampleBytes, this.#augmented, shape, augmentation, random);
    this.#normalize(this.#augmented.byteOffset, k);
  }

  /**
   * Reads a byte of each cache line of a training sample. A batch's samples lie far apart, and these loads wait for nothing, so many
   * are under way at once: 0.03 of the 1.05 ms that the paper's network takes with batch 128.
   */
  fetch(sample: number): void {
    const end = (sample + 1) * this.#sampleBytes;
    let bits = 0;
    for (let at = sample * this.#sampleBytes; at < end; at += CACHE_LINE) bits |= this.#trainImages[at] as number;
    this.fetched = bits;
  }

  #normalize(image: number, k: number): void {
    const { planes, planeSize } = this.#setup;
    let source = image as Address;
    let target = this.plane(k, 0);
    for (const { scale, shift } of planes) {
      this.#kernels.normalize(source, target, planeSize, scale, shift);
      source = (source + planeSize) as Address;
      target = (target + 4 * planeSize) as Address;
    }
  }
}

/** The most samples that a batch can hold, whatever it is for. */
export function largestBatch({ batchSize }: Pick<WorkerSetup, 'batchSize'>): number {
  return Math.max(batchSize, EVALUATION_BATCH, SERVER_BLOCK);
}

function sampleBytes({ planes, planeSize }: Pick<WorkerSetup, 'planes' | 'planeSize'>): number {
  return planes.length * planeSize;
}
