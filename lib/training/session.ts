import { availableParallelism } from 'node:os';
import { DATASETS, PARTITIONS } from '../data/registry.js';
import type { Dataset, DatasetDescription } from '../data/dataset.js';
import { amongAll, checkHoldOut, holdOut } from '../data/hold-out.js';
import { checkPartition, labelHistogram, type Partition } from '../data/partition.js';
import { Stream } from '../data/random.js';
import { compileKernels, instantiateKernels } from '../kernels/load.js';
import type { Executor } from '../kernels/operations.js';
import type { Kernels } from '../kernels/kernels.js';
import { Arena, ArenaPlan } from '../memory/arena.js';
import { addressOf } from '../memory/regions.js';
import { Network, parameterCount } from '../models/network.js';
import { plannedModel } from '../models/tensorflow/specification.js';
import { mergeParameters } from '../registry/parameters.js';
import { checkRun } from '../scenario/check.js';
import type { PinnedConfiguration, RunConfiguration } from '../scenario/configuration.js';
import { canonicalJson } from '../scenario/hash.js';
import { type BackdoorImages, checkImages, chooseImages, prepareBackdoor, samplesOfWorkers } from './backdoor.js';
import { inspectModel, isOfThreads, type ModelInspections } from './model.js';
import { inspectModules, type InspectedRun } from './modules.js';
import { planData, planRun, resolveLayers, type DataRegions, type RunLayout } from './layout.js';
import type { PlannedFigures } from './planned-session.js';
import type { PreparedRun } from './prepared-run.js';
import { ThreadPool, type CompiledKernels } from './thread-pool.js';

/** What a session is opened with. */
export interface SessionOptions {
  /** Threads of the pool; by default the smaller of workers and available cores. At most one a worker. */
  readonly threads?: number | undefined;
  /** Folders to look for data files in, in order. */
  readonly dataFolders: readonly string[];
  /** Seconds without a heartbeat inside a phase after which a thread counts as stalled. */
  readonly stallTimeout?: number | undefined;
  /** Looks after each call of a user's module whether the rows that it was handed are unchanged. */
  readonly debug?: boolean | undefined;
  /** Ends planning while modules and models of the user's own are asked what they are. */
  readonly signal?: AbortSignal | undefined;
}

/** The command line or the library was asked for something that can't be: nothing has started. */
export class OptionError extends RangeError {
  override name = 'OptionError';
}

/** Runs that can share a session, because they share data, kernels and number of threads, have equal keys. The data sets of the mode hogwild are no other mode's. */
export function sessionKey(configuration: RunConfiguration, options: SessionOptions): string {
  return canonicalJson([configuration.dataset, configuration.kernels, threadsFor(configuration, options)]);
}

/** Throws an OptionError when more threads are asked for than there are workers. */
export function threadsFor({ workers }: RunConfiguration, { threads }: SessionOptions): number {
  if (threads === undefined) return Math.min(workers, availableParallelism());
  if (!Number.isSafeInteger(threads) || threads < 1 || threads > workers) {
    throw new OptionError(`${threads} threads for ${workers} workers: a whole number from 1 to ${workers}, at most one thread a worker, is needed`);
  }
  return threads;
}

/** Says that threads have to take turns, where there are more of them than cores; undefined where there are not. */
export function warnOfThreads(threads: number): string | undefined {
  const cores = availableParallelism();
  return threads <= cores ? undefined : `${threads} threads on ${cores} ${cores === 1 ? 'core' : 'cores'}: works, but threads take turns`;
}

/** What runs of one session key share, known before anything is allocated or started. */
export interface SharedPlan {
  readonly dataset: Dataset;
  readonly given: object;
  readonly description: DatasetDescription;
  readonly kernels: CompiledKernels;
  /** Kernels on no arena, to be asked for the sizes of their scratch. */
  readonly sizes: Kernels;
  readonly threads: number;
  readonly data: DataRegions;
  /** Behind it begins what a run changes. */
  readonly dataPlan: ArenaPlan;
  /** Models of the user's own that have been asked what they are. */
  readonly models: ModelInspections;
}

/** What a session's runs will need. */
export interface SessionPlan extends SharedPlan {
  readonly runs: readonly PlannedRun[];
}

/** What is known of a run before it starts, and where everything of it lies. */
export interface PlannedRun extends PlannedFigures {
  /** The configuration, its modules asked what they need. */
  readonly inspected: InspectedRun;
  readonly layout: RunLayout;
}

/** Plans runs of one session key for a session of one's own; `planRuns` knows all modes. Throws what `planShared` and `planOne` throw. */
export async function planSession(configurations: readonly RunConfiguration[], options: SessionOptions): Promise<SessionPlan> {
  const first = configurations[0];
  if (first === undefined) throw new RangeError('a session needs at least one run');
  const shared = await planShared(first, options);
  const runs: PlannedRun[] = [];
  for (const configuration of configurations) runs.push(await planOne(shared, configuration, options));
  return { ...shared, runs };
}

/** Looks at the data files and picks the kernels for `first` and the other runs of its session key. Throws a DataError or a KernelsError. */
export async function planShared(first: RunConfiguration, options: SessionOptions): Promise<SharedPlan> {
  const dataset = DATASETS.get(first.dataset.name);
  const given = mergeParameters(dataset, first.dataset);
  const description = await dataset.describe(given, options.dataFolders);
  const kernels = compileKernels(first.kernels);
  const threads = threadsFor(first, options);
  const plan = new ArenaPlan();
  const data = planData(plan, description);
  return { dataset, given, description, kernels, sizes: kernelsWithoutArena(kernels), threads, data, dataPlan: plan, models: new Map() };
}

/**
 * Lays out one run's memory behind the data. Throws an ArenaLimitError (it needs more than one arena holds), a PreconditionError,
 * a PartitionError when the samples can't be dealt as asked, and for modules and models of the user's own what `inspectModules` and `inspectModel` do.
 */
export async function planOne({ description, kernels, sizes, threads, data, dataPlan, models }: SharedPlan, configuration: RunConfiguration, options: SessionOptions): Promise<PlannedRun> {
  const partitioner = PARTITIONS.get(configuration.partition.name);
  const held = configuration.server?.samples ?? 0;
  checkHoldOut(description.trainSamples, held);
  checkPartition(partitioner, description.trainSamples - held, description.classes, configuration.workers, mergeParameters(partitioner, configuration.partition));
  const modelled = await inspectModel(configuration, description, models, options);
  const inspected = await inspectModules(modelled, parameterCount(resolveLayers(modelled, description)), options);
  const plan = new ArenaPlan(dataPlan);
  const layout = planRun(plan, data, description, inspected.configuration, threads, sizes);
  plan.check();
  const shardLength = partitioner.shardLength?.(description.trainSamples - held, configuration.workers);
  if (layout.setup.backdoor !== undefined && shardLength !== undefined) checkImages(layout.setup.backdoor, shardLength * layout.craft.byzantine.length);
  const check = checkRun(inspected.configuration, layout.d);
  return {
    configuration,
    pinned: pinnedConfiguration(inspected, configuration, description, kernels),
    d: layout.d,
    bytes: plan.bytes,
    check: { ...check, warnings: [...(description.warnings ?? []), ...check.warnings] },
    inspected,
    layout,
  };
}

function pinnedConfiguration({ configuration: { model: asked } }: InspectedRun, configuration: RunConfiguration, { found }: DatasetDescription, { kind }: CompiledKernels): PinnedConfiguration {
  const model = plannedModel(asked);
  return {
    ...configuration,
    dataset: { ...configuration.dataset, ...found },
    model: model === undefined ? configuration.model : { ...configuration.model, backend: model.backend },
    kernels: kind,
  };
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
    // All runs' now, and not each one's when the others before it are done.
    for (const planned of plan.runs) if (planned.layout.setup.backdoor !== undefined) imagesOf(plan, planned, arena, deal(plan, planned, arena).partition);
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
    new Uint8Array(this.arena.buffer, this.plan.dataPlan.bytes, planned.bytes - this.plan.dataPlan.bytes).fill(0);

    const { partition, server } = deal(this.plan, planned, this.arena);
    if (layout.server !== undefined) this.arena.view(layout.server.indices).set(server);
    this.arena.view(setup.regions.shardIndices).set(partition.indices);
    this.arena.view(setup.regions.shardOffsets).set(partition.offsets);
    const images = imagesOf(this.plan, planned, this.arena, partition);
    if (setup.backdoor !== undefined && images !== undefined) prepareBackdoor(setup.backdoor, this.arena, images);

    // Every worker computes with the one set of parameters, into its own row, until the loop says otherwise.
    this.arena.view(setup.regions.fetched).fill(setup.regions.parameters.address);
    const rows = this.arena.view(setup.regions.rows);
    for (let worker = 0; worker < rows.length; worker++) rows[worker] = addressOf(setup.regions.gradientMatrix, worker * setup.rowStride);

    const { kernels } = this.#executor;
    if (!isOfThreads(setup.layers)) new Network(kernels, setup.layers, 1).initialise(this.arena.view(setup.regions.parameters), configuration.seed);

    const mainScratch = layout.scratch[this.plan.threads];
    if (mainScratch === undefined) throw new RangeError('the layout has no scratch for the main thread');
    const executor: Executor = { kernels, scratch: mainScratch.columns };
    const memory = { arena: this.arena, kernels: this.plan.kernels, control: layout.control, scratch: layout.scratch, setup, modules: planned.inspected.modules };
    const run = this.#pool.join(memory, executor);
    return {
      prepared: { configuration, layout, arena: this.arena, run },
      labelHistogram: labelHistogram(partition, this.arena.view(this.plan.data.trainLabels), this.plan.description.classes),
    };
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await this.#pool.close();
  }
}

/** The training samples that a run's workers have, and those that the server has. */
function deal({ data, description }: SharedPlan, { configuration }: PlannedRun, arena: Arena): { readonly partition: Partition; readonly server: Uint32Array } {
  const labels = arena.view(data.trainLabels);
  const partitioner = PARTITIONS.get(configuration.partition.name);
  const heldOut = holdOut(labels.length, configuration.server?.samples ?? 0, configuration.seed);
  const left = partitioner.partition(
    Uint8Array.from(heldOut.workers, (sample) => labels[sample] as number), description.classes, configuration.workers,
    mergeParameters(partitioner, configuration.partition), new Stream(configuration.seed, 'partition'),
  );
  return { partition: amongAll(left, heldOut), server: heldOut.server };
}

/** The images of a run's backdoor; undefined where no attack plants one. Throws what `chooseImages` throws. */
function imagesOf({ data }: SharedPlan, { configuration: { seed }, layout: { setup, craft } }: PlannedRun, arena: Arena, { indices, offsets }: Partition): BackdoorImages | undefined {
  if (setup.backdoor === undefined) return undefined;
  return chooseImages(setup.backdoor, { own: samplesOfWorkers(craft.byzantine, indices, offsets), trainLabels: arena.view(data.trainLabels), testLabels: arena.view(data.testLabels), seed });
}

/** Kernels that can be asked how much memory they need, before there is an arena. */
function kernelsWithoutArena({ module }: CompiledKernels): Kernels {
  return instantiateKernels(module, Arena.allocate(0).memory);
}
