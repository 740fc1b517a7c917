import { SPARSE_DATASETS } from '../../data/sparse/registry.js';
import type { SparseDataset, SparseShape, SparseTarget } from '../../data/sparse/sparse-dataset.js';
import { compileKernels, instantiateKernels } from '../../kernels/load.js';
import { Arena, ArenaPlan } from '../../memory/arena.js';
import { u8, type Address } from '../../memory/regions.js';
import { mergeParameters } from '../../registry/parameters.js';
import { hashOfParameters } from '../../run/npy.js';
import type { RoundRecord } from '../../run/records.js';
import { checkRun } from '../../scenario/check.js';
import type { RunConfiguration } from '../../scenario/configuration.js';
import { drive } from '../drive.js';
import type { ManifestedRun, OpenSession, PlannedFigures, Planner } from '../planned-session.js';
import { threadsFor, warnOfThreads, type SessionOptions } from '../session.js';
import { Summary } from '../summary.js';
import { ThreadPool, type CompiledKernels } from '../thread-pool.js';
import { arrange } from './arrange.js';
import { hogwildEpochs, type HogwildEnd } from './epochs.js';
import { factsOfVariant } from './facts.js';
import { planHogwild, planSparseData, type HogwildLayout, type SparseRegions } from './layout.js';
import { parametersInFileOrder, prepareHogwild, type SparseData } from './prepare.js';
import { sparsityOf, type Sparsity } from './sparsity.js';
import { UpdatesTally } from './updates-tally.js';

/** What runs of one session key share, known before anything is allocated or started. */
interface SharedHogwild {
  readonly dataset: SparseDataset;
  readonly given: object;
  readonly shape: SparseShape;
  readonly kernels: CompiledKernels;
  readonly threads: number;
  readonly regions: SparseRegions;
  readonly dataPlan: ArenaPlan;
}

interface HogwildPlan extends SharedHogwild {
  readonly runs: readonly HogwildRun[];
}

/** What is known of a run before it starts, and where everything of it lies. */
interface HogwildRun extends PlannedFigures {
  readonly layout: HogwildLayout;
  readonly columns: readonly Address[];
}

/** Plans HOGWILD! runs that share their data with `first`. Throws a DataError, a KernelsError or an OptionError; for each run by itself an ArenaLimitError. */
export async function hogwildPlanner(first: RunConfiguration, options: SessionOptions): Promise<Planner<HogwildRun>> {
  const shared = await planShared(first, options);
  return {
    threads: shared.threads,
    kernels: shared.kernels.kind,
    trainSamples: shared.shape.train.edges,
    // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to reject
    plan: async (configuration) => planOne(shared, configuration),
    open: (runs, signal) => HogwildSession.open({ ...shared, runs }, options, signal),
  };
}

async function planShared(first: RunConfiguration, options: SessionOptions): Promise<SharedHogwild> {
  const dataset = SPARSE_DATASETS.get(first.dataset.name);
  const given = mergeParameters(dataset, first.dataset);
  const shape = await dataset.describe(given, options.dataFolders);
  const plan = new ArenaPlan();
  const regions = planSparseData(plan, dataset.kind, shape);
  return { dataset, given, shape, kernels: compileKernels(first.kernels), threads: threadsFor(first, options), regions, dataPlan: plan };
}

/** Lays out one run's memory behind the data. Throws an ArenaLimitError. */
function planOne({ dataset, shape, threads, kernels, dataPlan }: SharedHogwild, configuration: RunConfiguration): HogwildRun {
  const plan = new ArenaPlan(dataPlan);
  const layout = planHogwild(plan, dataset.kind, shape, configuration, threads);
  // No aggregation rule runs in these threads, so a line stands for the scratch of its kernels.
  const columns = Array.from({ length: threads + 1 }, (_, thread) => plan.add(`scratch ${thread}/columns`, u8(64)).address);
  plan.check();
  const { d } = layout;
  return { configuration, pinned: { ...configuration, dataset: { ...configuration.dataset, ...shape.found }, kernels: kernels.kind }, d, bytes: plan.bytes, check: checkRun(configuration, d), layout, columns };
}

/** One arena, one pool, one data set, for the runs of a grid, one run at a time. */
class HogwildSession implements OpenSession {
  readonly #plan: HogwildPlan;
  readonly #arena: Arena;
  readonly #data: SparseData;
  readonly #sparsity: Sparsity;
  readonly #pool: ThreadPool;

  private constructor(plan: HogwildPlan, arena: Arena, data: SparseData, sparsity: Sparsity, pool: ThreadPool) {
    this.#plan = plan;
    this.#arena = arena;
    this.#data = data;
    this.#sparsity = sparsity;
    this.#pool = pool;
  }

  static async open(plan: HogwildPlan, options: SessionOptions, signal?: AbortSignal): Promise<HogwildSession> {
    signal?.throwIfAborted();
    const { dataset, shape, regions } = plan;
    const arena = Arena.allocate(Math.max(...plan.runs.map(({ bytes }) => bytes)));
    const target = targetOn(arena, regions, shape);
    await dataset.load(plan.given, options.dataFolders, target);
    signal?.throwIfAborted();
    const arrangement = arrange(target, shape.vertices);
    const sparsity = sparsityOf(target.train, shape.train.edges, arrangement.degrees);
    const data = { kind: dataset.kind, shape, regions, target, arrangement };
    // Last, since nobody would end the threads if anything after them threw.
    return new HogwildSession(plan, arena, data, sparsity, new ThreadPool(plan.threads, options.stallTimeout));
  }

  async execute(index: number, onRound: (record: RoundRecord) => void, signal?: AbortSignal): Promise<ManifestedRun> {
    const planned = this.#plan.runs[index];
    if (planned === undefined) throw new RangeError(`there is no run ${index}`);
    const { configuration, pinned, check, layout, columns } = planned;
    const arena = this.#arena;
    new Uint8Array(arena.buffer, this.#plan.dataPlan.bytes, planned.bytes - this.#plan.dataPlan.bytes).fill(0);
    const { setup, hot } = prepareHogwild(arena, this.#data, layout, configuration);
    const kernels = instantiateKernels(this.#plan.kernels.module, arena.memory);
    const scratch = columns.map((place) => ({ columns: place, network: place }));
    const memory = { arena, kernels: this.#plan.kernels, control: layout.control, scratch, setup: undefined, hogwild: setup };
    const run = this.#pool.join(memory, { kernels, scratch: columns[this.#plan.threads] as Address });
    const summary = new Summary();
    const updates = new UpdatesTally();
    let end: HogwildEnd;
    try {
      end = await drive(
        hogwildEpochs({ configuration, data: this.#data, layout, setup, arena, kernels, run }),
        (record) => {
          summary.add(record);
          updates.add(record);
          onRound(record);
        },
        signal,
      );
    } finally {
      await run.end();
    }
    updates.lose(end.lost);
    const parameters = parametersInFileOrder(arena, this.#data, layout);
    return {
      result: {
        ...summary.result(end.divergence),
        updates: updates.total(),
        parametersHash: hashOfParameters(parameters),
        threads: layout.threads,
        kernels: this.#plan.kernels.kind,
        config: configuration,
      },
      parameters,
      facts: {
        configuration: pinned,
        arenaBytes: planned.bytes,
        resolved: { aggregator: {}, attack: {} },
        data: { trainSamples: this.#data.shape.train.edges, testSamples: this.#data.shape.test.edges },
        byzantineWorkers: setup.byzantine,
        warnings: [...check.warnings, warnOfThreads(layout.threads)].filter((warning) => warning !== undefined),
        labelHistogram: [],
        hogwild: { ...factsOfVariant(layout.parameters.variant), sparsity: this.#sparsity, gathered: hot },
      },
    };
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}

function targetOn(arena: Arena, regions: SparseRegions, { rows }: SparseShape): SparseTarget {
  const part = ({ offsets, vertices, values, labels }: SparseRegions['train']): SparseTarget['train'] => ({
    offsets: arena.view(offsets),
    vertices: arena.view(vertices),
    values: arena.view(values),
    labels: arena.view(labels),
  });
  return { rows, train: part(regions.train), test: part(regions.test), vertexLabels: arena.view(regions.vertexLabels), fixed: arena.view(regions.fixed) };
}
