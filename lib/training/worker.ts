import type { Poison } from '../attacks/attack.js';
import { batchIndex } from '../data/batch.js';
import { Stream } from '../data/random.js';
import type { ArgumentsOf } from '../kernels/arguments.js';
import type { Executor } from '../kernels/operations.js';
import type { Arena } from '../memory/arena.js';
import { type Address, addressOf, type Region } from '../memory/regions.js';
import { Network } from '../models/network.js';
import type { ModuleHost } from '../modules/module-host.js';
import { BackdoorHost } from './backdoor-host.js';
import { EVALUATION_BATCH } from './evaluation-batch.js';
import { firstDraw, plantedSamples } from './poison.js';
import { largestBatch, ScratchBatch } from './scratch-batch.js';
import { blockSize, type SERVER_LOSS, SERVER_BLOCK } from './server.js';
import type { WorkerSetup } from './worker-setup.js';

const CACHE_LINE = 64;

/** What a thread does for the workers it hosts, and for the server's own samples. */
export class WorkerHost {
  readonly #setup: WorkerSetup;
  readonly #network: Network;
  readonly #executor: Pick<Executor, 'kernels'>;
  readonly #scratch: Address;
  readonly #batch: ScratchBatch;
  readonly #parameters: Float32Array;
  readonly #trainLabels: Uint8Array;
  readonly #shardIndices: Uint32Array;
  readonly #shardOffsets: Uint32Array;
  readonly #fetched: Uint32Array;
  readonly #rows: Uint32Array;
  readonly #pending: Uint32Array;
  readonly #begun: Uint32Array;
  readonly #losses: Float64Array;
  readonly #nonFinite: Uint8Array;
  readonly #evaluations: Float64Array;
  readonly #modules: ModuleHost | undefined;
  readonly #backdoor: BackdoorHost | undefined;
  /** A copy of the parameters to take a step with; there when losses of steps are asked for. */
  readonly #moved: Address;
  readonly #serverIndices: Uint32Array;
  readonly #inspected: { readonly labels: Uint8Array; readonly poisoned: Uint8Array };
  readonly #serverLosses: Float64Array;

  /** `scratch`: `scratchBytes` of this thread's own. */
  constructor(setup: WorkerSetup, arena: Arena, executor: Pick<Executor, 'kernels'>, scratch: Address, modules?: ModuleHost) {
    this.#modules = modules;
    const { regions } = setup;
    this.#setup = setup;
    this.#executor = executor;
    this.#network = new Network(executor.kernels, setup.layers, largestBatch(setup));
    this.#scratch = scratch;
    this.#batch = new ScratchBatch(setup, this.#network, arena, executor.kernels, scratch);
    this.#moved = (scratch + movedOffset(setup, this.#network)) as Address;
    this.#serverIndices = setup.server === undefined ? new Uint32Array() : arena.view(setup.server.indices);
    this.#serverLosses = setup.server === undefined ? new Float64Array() : arena.view(setup.server.losses);
    const { inspection } = setup;
    this.#inspected = { labels: inspection === undefined ? new Uint8Array() : arena.view(inspection.labels), poisoned: inspection === undefined ? new Uint8Array() : arena.view(inspection.poisoned) };
    this.#parameters = arena.view(regions.parameters);
    this.#trainLabels = arena.view(regions.trainLabels);
    this.#shardIndices = arena.view(regions.shardIndices);
    this.#shardOffsets = arena.view(regions.shardOffsets);
    this.#fetched = arena.view(regions.fetched);
    this.#rows = arena.view(regions.rows);
    this.#pending = arena.view(regions.pending);
    this.#begun = arena.view(regions.begun);
    this.#losses = arena.view(regions.losses);
    this.#nonFinite = arena.view(regions.nonFinite);
    this.#evaluations = arena.view(regions.evaluations);
    this.#backdoor = setup.backdoor && new BackdoorHost(setup, setup.backdoor, arena, this.#batch);
  }

  /** Bytes of scratch that a host needs. */
  static scratchBytes(setup: Pick<WorkerSetup, 'layers' | 'batchSize' | 'server' | 'planes' | 'planeSize'>, executor: Pick<Executor, 'kernels'>): number {
    const network = new Network(executor.kernels, setup.layers, largestBatch(setup));
    const steps = setup.server !== undefined && setup.server.losses.length > 0;
    return movedOffset(setup, network) + (steps ? 4 * network.parameterCount : 0);
  }

  /** Where a worker leaves its gradient. */
  rowOf(worker: number): Address {
    return this.#rows[worker] as Address;
  }

  get parameters(): Region<'f32'> {
    return this.#setup.regions.parameters;
  }

  /** Fills the parameters, where the model is one that only threads have. */
  initialise(): void {
    this.#network.initialise(this.#parameters, this.#setup.seed);
  }

  /** The next gradient of the worker at place `place` of the pending ones: its `round` is how many it has begun before. */
  pendingGradient(place: number): void {
    const worker = this.#pending[place] as number;
    this.gradient(worker, this.#begun[worker] as number);
  }

  /** Leaves worker `worker`'s own gradient of round `round` in its row of the gradient matrix: the honest one, unless its data are poisoned. */
  gradient(worker: number, round: number): void {
    const { regions, momentum, rowStride } = this.#setup;
    if (momentum === undefined) {
      this.plainGradient(worker, round);
      return;
    }
    const { kernels } = this.#executor;
    const d = this.#network.parameterCount;
    const row = this.rowOf(worker);
    const velocity = addressOf(regions.velocities, worker * rowStride);
    this.#compute(worker, round);
    kernels.decayAndAdd(momentum.beta, velocity, 1 - momentum.dampening, row, 0, d);
    kernels.copy(velocity, row, 0, d);
    this.#note(worker);
  }

  /** The same without the worker's momentum. */
  plainGradient(worker: number, round: number): void {
    this.#compute(worker, round);
    this.#note(worker);
  }

  #compute(worker: number, round: number): void {
    const { seed, batchSize, weightDecay } = this.#setup;
    const { kernels } = this.#executor;
    const row = this.rowOf(worker);
    const parameters = this.#fetched[worker] as Address;

    this.#drawBatch(worker, round);
    const dropout = new Stream(seed, 'dropout', worker, round);
    this.#losses[worker] = this.#network.gradient(parameters, this.#batch.labelsAddress, batchSize, row, this.#scratch, dropout);
    if (weightDecay !== 0) kernels.addScaled(weightDecay, parameters, row, 0, this.#network.parameterCount);
  }

  /** Notes whether the row is finite: now, while it is in this thread's cache; a pass over all rows later would read them from memory again. */
  #note(worker: number): void {
    this.#nonFinite[worker] = this.#executor.kernels.hasNonFinite(this.#rows[worker] as Address, 0, this.#network.parameterCount);
  }

  /** Evaluates chunk `chunk` of the test set. */
  evaluate(chunk: number): void {
    const { regions } = this.#setup;
    const first = chunk * EVALUATION_BATCH;
    const count = Math.min(EVALUATION_BATCH, regions.testLabels.length - first);
    for (let k = 0; k < count; k++) this.#batch.fill('test', first + k, k);
    const labels = addressOf(regions.testLabels, first);
    const { lossSum, correct } = this.#network.evaluate(regions.parameters.address, labels, count, this.#scratch);
    this.#evaluations[2 * chunk] = lossSum;
    this.#evaluations[2 * chunk + 1] = correct;
  }

  /** What the last hidden layer makes of chunk `chunk` of the samples that workers have, as they were trained with; poisoned ones are marked. */
  activations(chunk: number): void {
    const { regions, inspection } = this.#setup;
    if (inspection === undefined) throw new TypeError('this run is not inspected');
    const first = chunk * EVALUATION_BATCH;
    const count = Math.min(EVALUATION_BATCH, (this.#shardOffsets.at(-1) as number) - first);
    for (let k = 0; k < count; k++) {
      const sample = this.#shardIndices[first + k] as number;
      const label = this.#trainLabels[sample] as number;
      const { poison, place, planted } = this.#poisonOfPlace(first + k);
      if (planted) {
        this.backdoor.plant(sample, place, k);
      } else {
        this.#batch.fill('training', sample, k);
        this.#batch.labels[k] = poison?.labels[label] ?? label;
      }
      const trained = this.#batch.labels[k] as number;
      this.#inspected.labels[first + k] = trained;
      this.#inspected.poisoned[first + k] = Number(planted || trained !== label);
    }
    this.#network.activations(regions.parameters.address, count, addressOf(inspection.activations, first * this.#network.hiddenSize), this.#scratch);
  }

  /** The gradient, at the current parameters, of the mean loss over block `block` of the server's samples, into the block's own row. */
  serverGradient(block: number): void {
    const { regions, server, rowStride } = this.#setup;
    if (server === undefined) throw new TypeError('this server has no samples of its own');
    const row = addressOf(server.gradients, block * rowStride);
    this.#network.gradient(regions.parameters.address, this.#batch.labelsAddress, this.#drawServerBlock(block), row, this.#scratch);
  }

  /**
   * The server's loss at the parameters less gamma times a row, into the row's own place; the one behind the last is the parameters' own, from which nothing is
   * taken.
   */
  serverLoss(place: number, { table, n, gamma }: ArgumentsOf<typeof SERVER_LOSS>): void {
    const { regions } = this.#setup;
    const { kernels } = this.#executor;
    const d = this.#network.parameterCount;
    kernels.copy(regions.parameters.address, this.#moved, 0, d);
    if (place < n && gamma !== 0) kernels.addScaled(-gamma, new Uint32Array(kernels.memory.buffer, table, n)[place] as Address, this.#moved, 0, d);
    const samples = this.#serverIndices.length;
    let lossSum = 0;
    for (let block = 0; block * SERVER_BLOCK < samples; block++) {
      lossSum += this.#network.evaluate(this.#moved, this.#batch.labelsAddress, this.#drawServerBlock(block), this.#scratch).lossSum;
    }
    this.#serverLosses[place] = lossSum / samples;
  }

  /** What this thread does for the run's backdoor. Throws a TypeError where there is none. */
  get backdoor(): BackdoorHost {
    if (this.#backdoor === undefined) throw new TypeError('no attack of this run plants a backdoor');
    return this.#backdoor;
  }

  /** Runs a module of the user's own; lib/modules/call.ts says with what. */
  runModule(argument: (index: number) => number): void {
    if (this.#modules === undefined) throw new TypeError('this run has no modules');
    this.#modules.run(argument);
  }

  /** What the sample at a place of `shardIndices` is poisoned by in the attack's rounds, its place among planted ones, and whether a backdoor is planted in it, as in the attack's first pass over the shard. */
  #poisonOfPlace(index: number): { readonly poison: Poison | undefined; readonly place: number; readonly planted: boolean } {
    const { poisoning, batchSize } = this.#setup;
    const worker = poisoning?.workers.find((one) => index >= (this.#shardOffsets[one] as number) && index < (this.#shardOffsets[one + 1] as number));
    if (poisoning === undefined || worker === undefined) return { poison: undefined, place: 0, planted: false };
    const { poison, start, stop } = poisoning;
    const count = plantedSamples(poison, batchSize);
    const begin = this.#shardOffsets[worker] as number;
    const { round, position } = firstDraw(index - begin, (this.#shardOffsets[worker + 1] as number) - begin, batchSize, start);
    return { poison, place: round * count + position, planted: position < count && round < stop };
  }

  /** A block of the server's samples becomes the batch; says how many they are. */
  #drawServerBlock(block: number): number {
    const count = blockSize(this.#serverIndices.length, block);
    for (let k = 0; k < count; k++) {
      const sample = this.#serverIndices[block * SERVER_BLOCK + k] as number;
      this.#batch.fill('training', sample, k);
      this.#batch.labels[k] = this.#trainLabels[sample] as number;
    }
    return count;
  }

  #drawBatch(worker: number, round: number): void {
    const { seed, batchSize, augmentation } = this.#setup;
    const random = augmentation === undefined ? undefined : new Stream(seed, 'augmentation', worker, round);
    const begin = this.#shardOffsets[worker] as number;
    const length = (this.#shardOffsets[worker + 1] as number) - begin;
    const sampleOf = (k: number): number => this.#shardIndices[begin + batchIndex(length, batchSize, round, k)] as number;
    const poison = this.#poisonOf(worker, round);
    const planted = poison === undefined ? 0 : plantedSamples(poison, batchSize);
    for (let k = 0; k < batchSize; k++) this.#batch.fetch(sampleOf(k));
    for (let k = 0; k < batchSize; k++) {
      const sample = sampleOf(k);
      if (k < planted) {
        this.backdoor.plant(sample, round * planted + k, k);
        continue;
      }
      if (random === undefined) this.#batch.fill('training', sample, k);
      else this.#batch.fillAugmented(sample, k, random);
      const label = this.#trainLabels[sample] as number;
      this.#batch.labels[k] = poison === undefined ? label : (poison.labels[label] as number);
    }
  }

  #poisonOf(worker: number, round: number): Poison | undefined {
    const { poisoning } = this.#setup;
    if (poisoning === undefined || round < poisoning.start || round >= poisoning.stop || !poisoning.workers.includes(worker)) return undefined;
    return poisoning.poison;
  }
}

/** Bytes from the scratch's begin to the copy of the parameters, at a whole cache line behind the batch. */
function movedOffset(setup: Pick<WorkerSetup, 'batchSize' | 'planes' | 'planeSize'>, network: Network): number {
  return Math.ceil(ScratchBatch.endOf(setup, network) / CACHE_LINE) * CACHE_LINE;
}
