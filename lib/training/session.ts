import { availableParallelism } from 'node:os';
import { DATASETS, PARTITIONS } from '../data/registry.js';
import type { Dataset, DatasetDescription } from '../data/dataset.js';
import { checkPartition, labelHistogram } from '../data/partition.js';
import { Stream } from '../data/random.js';
import { compileKernels, instantiateKernels } from '../kernels/load.js';
import type { Executor } from '../kernels/operations.js';
import type { Kernels } from '../kernels/kernels.js';
import { Arena, ArenaPlan } from '../memory/arena.js';
import { Network } from '../models/network.js';
import { mergeParameters } from '../registry/parameters.js';
import type { RunConfiguration } from '../scenario/configuration.js';
import { canonicalJson } from '../scenario/hash.js';
import { planData, planRun, type DataRegions, type RunLayout } from './layout.js';
import type { PreparedRun } from './synchronous.js';
import { ThreadPool, type CompiledKernels } from './thread-pool.js';

/** What a session is opened with. */
export interface SessionOptions {
  /** Threads of the pool; by default the smaller of workers and available cores. At most one a worker. */
  readonly threads?: number | undefined;
  /** Folders to look for data files in, in order. */
  readonly dataFolders: readonly string[];
  /** Seconds without a heartbeat inside a phase after which a thread counts as stalled. */
  readonly stallTimeout?: number | undefined;
}

/** The command line or the library was asked for something that can't be: nothing has started. */
export class OptionError extends RangeError {
  override name = 'OptionError';
}

/** Runs that can share a session, because they share mode, data, kernels and number of threads, have equal keys. */
export function sessionKey(configuration: RunConfiguration, options: SessionOptions): string {
  return canonicalJson([configuration.mode.name, configuration.dataset, configuration.kernels, threadsFor(configuration, options)]);
}

/** Throws an OptionError when more threads are asked for than there are workers. */
export function threadsFor({ workers }: RunConfiguration, { threads }: SessionOptions): number {
  if (threads === undefined) return Math.min(workers, availableParallelism());
  if (!Number.isSafeInteger(threads) || threads < 1 || threads > workers) {
    throw new OptionError(`${threads} threads for ${workers} workers: a whole number from 1 to ${workers}, at most one thread a worker, is needed`);
  }
  return threads;
}

/** What a session's runs will need, known before anything is allocated or started. */
export interface SessionPlan {
  readonly dataset: Dataset;
  readonly given: object;
  readonly description: DatasetDescription;
  readonly kernels: CompiledKernels;
  readonly threads: number;
  readonly data: DataRegions;
  readonly runs: readonly PlannedRun[];
}

export interface PlannedRun {
  readonly configuration: RunConfiguration;
  readonly layout: RunLayout;
  /** Of the arena, data included. */
  readonly bytes: number;
  /** Where the data ends and what this run changes begins. */
  readonly dataBytes: number;
}

/**
 * Plans runs of one session key: looks at the data files, lays out the memory. Throws a DataError, an ArenaLimitError (a run needs
 * more than one arena holds), a KernelsError, a PreconditionError, or a PartitionError when the samples can't be dealt as asked.
 */
export async function planSession(configurations: readonly RunConfiguration[], options: SessionOptions): Promise<SessionPlan> {
  const first = configurations[0];
  if (first === undefined) throw new RangeError('a session needs at least one run');
  const dataset = DATASETS.get(first.dataset.name);
  const given = mergeParameters(dataset, first.dataset);
  const description = await dataset.describe(given, options.dataFolders);
  const kernels = compileKernels(first.kernels);
  const threads = threadsFor(first, options);
  const sizes = kernelsWithoutArena(kernels);

  const dataPlan = new ArenaPlan();
  const data = planData(dataPlan, description);
  const runs = configurations.map((configuration): PlannedRun => {
    const partitioner = PARTITIONS.get(configuration.partition.name);
    checkPartition(partitioner, description.trainSamples, description.classes, configuration.workers, mergeParameters(partitioner, configuration.partition));
    const plan = new ArenaPlan(dataPlan.bytes);
    const layout = planRun(plan, data, description, configuration, threads, sizes);
    plan.check();
    return { configuration, layout, bytes: plan.bytes, dataBytes: dataPlan.bytes };
  });
  return { dataset, given, description, kernels, threads, data, runs };
}

/** One arena, one pool, one data set, for the runs of a grid, one run at a time. */
export class Session {
  readonly plan: SessionPlan;
  readonly arena: Arena;
  readonly #pool: ThreadPool;
  readonly #executor: Pick<Executor, 'kernels'>;

  private constructor(plan: SessionPlan, arena: Arena, executor: Pick<Executor, 'kernels'>, pool: ThreadPool) {
    this.plan = plan;
    this.arena = arena;
    this.#executor = executor;
    this.#pool = pool;
  }

  /**
   * Allocates the arena for the largest run, loads the data and starts the threads. Throws a DataError for damaged files, an
   * ArenaLimitError when the system has not so much memory, the signal's reason when it is aborted.
   */
  static async open(plan: SessionPlan, options: SessionOptions, signal?: AbortSignal): Promise<Session> {
    signal?.throwIfAborted();
    const arena = Arena.allocate(Math.max(...plan.runs.map((run) => run.bytes)));
    await plan.dataset.load(plan.given, options.dataFolders, {
      trainImages: arena.view(plan.data.trainImages),
      trainLabels: arena.view(plan.data.trainLabels),
      testImages: arena.view(plan.data.testImages),
      testLabels: arena.view(plan.data.testLabels),
    });
    signal?.throwIfAborted();
    const executor = { kernels: instantiateKernels(plan.kernels.module, arena.memory) };
    // Last, since nobody would end the threads if anything after them threw.
    return new Session(plan, arena, executor, new ThreadPool(plan.threads, options.stallTimeout));
  }

  /**
   * Fills a run's memory (zero but for initial parameters and shards) and lets the threads join it. End it with `prepared.run.end()`
   * before the next.
   */
  prepare(planned: PlannedRun): { prepared: PreparedRun; labelHistogram: number[][] } {
    const { configuration, layout } = planned;
    const { setup } = layout;
    new Uint8Array(this.arena.buffer, planned.dataBytes, planned.bytes - planned.dataBytes).fill(0);

    const labels = this.arena.view(this.plan.data.trainLabels);
    const partitioner = PARTITIONS.get(configuration.partition.name);
    const partition = partitioner.partition(
      labels, this.plan.description.classes, configuration.workers,
      mergeParameters(partitioner, configuration.partition), new Stream(configuration.seed, 'partition'),
    );
    this.arena.view(setup.regions.shardIndices).set(partition.indices);
    this.arena.view(setup.regions.shardOffsets).set(partition.offsets);

    const { kernels } = this.#executor;
    new Network(kernels, setup.layers, 1).initialise(this.arena.view(setup.regions.parameters), configuration.seed);

    const mainScratch = layout.scratch[this.plan.threads];
    if (mainScratch === undefined) throw new RangeError('the layout has no scratch for the main thread');
    const executor: Executor = { kernels, scratch: mainScratch.columns };
    const memory = { arena: this.arena, kernels: this.plan.kernels, control: layout.control, scratch: layout.scratch, setup };
    const run = this.#pool.join(memory, executor);
    return {
      prepared: { configuration, layout, arena: this.arena, run },
      labelHistogram: labelHistogram(partition, labels, this.plan.description.classes),
    };
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await this.#pool.close();
  }
}

/** Kernels that can be asked how much memory they need, before there is an arena. */
function kernelsWithoutArena({ module }: CompiledKernels): Kernels {
  return instantiateKernels(module, Arena.allocate(0).memory);
}
