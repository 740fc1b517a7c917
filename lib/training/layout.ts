import type { ServerNeed } from '../aggregators/server-access.js';
import type { DatasetDescription } from '../data/dataset.js';
import type { Kernels } from '../kernels/kernels.js';
import { forensicsPartialsLength } from '../kernels/work.js';
import { SCRATCH, type ArenaPlan } from '../memory/arena.js';
import { planControl, type ControlRegions } from '../memory/phases.js';
import { f32, f64, u32, u8, type Address, type Region } from '../memory/regions.js';
import type { LayerSpecification } from '../models/layer.js';
import { hiddenSize, parameterCount } from '../models/network.js';
import { MODELS } from '../models/registry.js';
import { planPipeline, type Pipeline } from '../pipeline/pipeline.js';
import { mergeParameters } from '../registry/parameters.js';
import { isAsynchronous } from '../scenario/asynchronous.js';
import type { RunConfiguration } from '../scenario/configuration.js';
import { isDownpour } from '../scenario/downpour.js';
import { hogwild } from '../scenario/hogwild-mode.js';
import { type AsynchronousLayout, freeSetup, pendingRequests, planAsynchronous } from './asynchronous/layout.js';
import { type AttackerPlan, planAttacker } from './attacker.js';
import { planBackdoor } from './backdoor.js';
import { planCraft, type CraftPlan } from './craft.js';
import { planDownpour, type DownpourLayout } from './downpour/layout.js';
import { type DenseLayout, planDense } from './hogwild/dense-layout.js';
import { planInspection } from './inspection.js';
import type { Poisoning } from './poison.js';
import { planServer, type ServerPlan } from './server.js';
import type { ThreadScratch } from './thread-task.js';
import { EVALUATION_BATCH } from './evaluation-batch.js';
import { WorkerHost } from './worker.js';
import type { WorkerSetup } from './worker-setup.js';

/** The samples' regions: at the same place for all runs of a grid, since they are loaded once. */
export interface DataRegions {
  readonly trainImages: Region<'u8'>;
  readonly trainLabels: Region<'u8'>;
  readonly testImages: Region<'u8'>;
  readonly testLabels: Region<'u8'>;
}

interface SynchronousLayout {
  readonly mode: 'synchronous';
  readonly pipeline: Pipeline;
  readonly needs: ServerNeed | undefined;
  readonly rowsAtServer: number;
}

/** Where everything that one run changes lies. */
export interface RunLayout {
  readonly control: ControlRegions;
  readonly setup: WorkerSetup;
  /** What turns rows into steps. */
  readonly loop:
    | SynchronousLayout
    | ({ readonly mode: 'asynchronous' } & AsynchronousLayout)
    | ({ readonly mode: 'downpour' } & DownpourLayout)
    | ({ readonly mode: 'hogwild' } & DenseLayout);
  readonly craft: CraftPlan;
  /** Absent when the server has no samples of its own. */
  readonly server: ServerPlan | undefined;
  /** Present when the attacker trains a model of its own. */
  readonly attacker: AttackerPlan | undefined;
  /** The rule's result. */
  readonly aggregate: Region<'f32'>;
  /** The server's velocity; length 0 when the server keeps none. */
  readonly velocity: Region<'f32'>;
  /** Row table of the honest workers. */
  readonly honestTable: Region<'u32'>;
  readonly forensics: Region<'f64'>;
  readonly flags: Region<'f64'>;
  readonly parametersTable: Region<'u32'>;
  /** One for each thread, and the last for the main thread. */
  readonly scratch: readonly ThreadScratch[];
  readonly d: number;
  readonly rowStride: number;
}

export function planData(plan: ArenaPlan, { shape, trainSamples, testSamples }: DatasetDescription): DataRegions {
  const sampleBytes = shape[0] * shape[1] * shape[2];
  return plan.addAll('data', {
    trainImages: u8(trainSamples * sampleBytes),
    trainLabels: u8(trainSamples),
    testImages: u8(testSamples * sampleBytes),
    testLabels: u8(testSamples),
  });
}

/** Draws up a run's regions behind the data's. `kernels` are asked for the sizes of their scratch, nothing else. */
export function planRun(
  plan: ArenaPlan,
  data: DataRegions,
  description: DatasetDescription,
  configuration: RunConfiguration,
  threads: number,
  kernels: Kernels,
): RunLayout {
  const n = configuration.workers;
  const layers = resolveLayers(configuration, description);
  const d = parameterCount(layers);
  const rowStride = Math.ceil(d / 16) * 16;
  const momentum = configuration.momentum === 'none' ? undefined : configuration.momentum;

  const control = planControl(plan, threads);
  const regions = plan.addAll('run', {
    parameters: f32(d),
    gradientMatrix: f32(n * rowStride),
    fetched: u32(n),
    rows: u32(n),
    ...pendingRequests(isAsynchronous(configuration) || isDownpour(configuration) ? n : 0),
    velocities: f32(momentum?.placement === 'worker' ? n * rowStride : 0),
    shardIndices: u32(description.trainSamples),
    shardOffsets: u32(n + 1),
    losses: f64(n),
    nonFinite: u8(n),
    evaluations: f64(2 * Math.ceil(description.testSamples / EVALUATION_BATCH)),
  });
  const main = plan.addAll('main', {
    aggregate: f32(d),
    velocity: f32(momentum === undefined || momentum.placement === 'worker' ? 0 : d),
    honestTable: u32(n),
    forensics: f64(forensicsPartialsLength(d)),
    flags: f64(1),
    parametersTable: u32(1),
  });
  const loop = planLoop(plan, control, configuration, { d, rowStride, threads });
  const [height, width] = description.shape;
  const craft = planCraft(plan, configuration, { d, rowStride, images: { classes: description.classes, height, width }, pipeline: loop.pipeline });
  const attacker = craft.training && planAttacker(plan, craft.training, layers, d, rowStride);
  const samples = configuration.server?.samples;
  const server = samples === undefined ? undefined : planServer(plan, samples, loop.needs, loop.rowsAtServer, d, rowStride);

  const setup: WorkerSetup = {
    seed: configuration.seed,
    layers,
    batchSize: configuration.batchSize,
    regions: { ...regions, ...data },
    rowStride,
    planeSize: height * width,
    planeWidth: width,
    planes: description.mean.map((mean, channel) => {
      const deviation = description.deviation[channel] as number;
      return { scale: 1 / (255 * deviation), shift: -mean / deviation };
    }),
    augmentation: description.augmentation,
    weightDecay: configuration.weightDecay,
    momentum: momentum?.placement === 'worker' ? { beta: momentum.beta, dampening: momentum.dampening } : undefined,
    server,
    race: loop.mode === 'hogwild' ? loop.race : undefined,
    free: loop.mode === 'asynchronous' ? freeSetup(loop, regions.gradientMatrix, n, d, rowStride) : undefined,
    inspection: configuration.server?.inspect && planInspection(plan, configuration.model.name, description.trainSamples, hiddenSize(kernels, layers)),
    poisoning: poisoningOf(craft, loop.mode === 'synchronous' ? configuration.rounds : Infinity),
    backdoor: craft.backdoor && planBackdoor(plan, craft.backdoor, description, attacker),
  };

  const scratchSizes = { columns: kernels.columnScratch(n), network: WorkerHost.scratchBytes(setup, { kernels }) };
  const scratch = Array.from({ length: threads + 1 }, (_, thread): ThreadScratch => {
    const columns = plan.add(`${SCRATCH}${thread}/columns`, u8(scratchSizes.columns)).address;
    // The main thread only aggregates.
    const network = thread < threads ? plan.add(`${SCRATCH}${thread}/network`, u8(scratchSizes.network)).address : (0 as Address);
    return { columns, network };
  });
  return { control, setup, loop, craft, server, attacker, ...main, scratch, d, rowStride };
}

/** Undefined too where the run ends before the attack would begin. */
function poisoningOf({ byzantine, start, stop, poison }: CraftPlan, rounds: number): Poisoning | undefined {
  return poison === undefined || start >= rounds ? undefined : { workers: byzantine, start, stop: Math.min(stop, rounds), poison };
}

/** What the run's mode needs to make steps. */
function planLoop(plan: ArenaPlan, control: ControlRegions, configuration: RunConfiguration, { d, rowStride, threads }: { readonly d: number; readonly rowStride: number; readonly threads: number }): RunLayout['loop'] {
  if (isAsynchronous(configuration)) return { mode: 'asynchronous', ...planAsynchronous(plan, configuration, d, rowStride, threads) };
  if (isDownpour(configuration)) return { mode: 'downpour', ...planDownpour(plan, configuration, d, rowStride) };
  if (configuration.mode.name === hogwild.name) return { mode: 'hogwild', ...planDense(plan, control, configuration, d, threads) };
  const pipeline = planPipeline(plan, 'aggregation', configuration, configuration.workers, d);
  return { mode: 'synchronous', pipeline, needs: pipeline.needs, rowsAtServer: configuration.workers };
}

/** The layers of a run's model on its data. */
export function resolveLayers(configuration: RunConfiguration, { shape, classes }: DatasetDescription): LayerSpecification[] {
  const [height, width, channels] = shape;
  const model = MODELS.get(configuration.model.name);
  return model.layers(mergeParameters(model, configuration.model), { channels, height, width }, classes);
}
