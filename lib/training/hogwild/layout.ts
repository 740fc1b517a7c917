import type { SparseKind, SparseShape } from '../../data/sparse/sparse-dataset.js';
import { jobRequest } from '../../kernels/hogwild-job.js';
import type { ArenaPlan } from '../../memory/arena.js';
import { planControl, type ControlRegions } from '../../memory/phases.js';
import { f32, f64, i32, u32, u8, type Region } from '../../memory/regions.js';
import { SPARSE_MODELS } from '../../models/sparse-models.js';
import { mergeParameters } from '../../registry/parameters.js';
import type { RunConfiguration } from '../../scenario/configuration.js';
import type { HogwildParameters } from '../../scenario/hogwild-mode.js';
import { hogwild } from '../../scenario/hogwild-mode.js';
import { EVALUATION_BLOCK } from './setup.js';

/** The data's regions: at the same place for all runs of a grid, since they are loaded once. */
export interface SparseRegions {
  readonly train: SparsePartRegions;
  readonly test: SparsePartRegions;
  readonly vertexLabels: Region<'f32'>;
  readonly fixed: Region<'u8'>;
}

export interface SparsePartRegions {
  readonly offsets: Region<'u32'>;
  readonly vertices: Region<'u32'>;
  readonly values: Region<'f32'>;
  readonly labels: Region<'f32'>;
}

/** Where everything that one run changes lies. */
export interface HogwildLayout {
  readonly parameters: HogwildParameters;
  readonly control: ControlRegions;
  /** Values in a vertex's block, and float32 from one block to the next. */
  readonly width: number;
  readonly stride: number;
  /** The regulariser's weight. */
  readonly regularization: number;
  /** Edges in a block of an epoch. */
  readonly block: number;
  /** Threads that update: one in the variant serial. */
  readonly threads: number;
  readonly shared: SharedRegions;
  readonly own: readonly ThreadRegions[];
  /** Parameters of the model, without what pads the blocks. */
  readonly d: number;
}

export type SharedRegions = ReturnType<typeof planShared>;
export type ThreadRegions = ReturnType<typeof planThread>;

/** Normal deviates that Byzantine workers take theirs from. */
export const NOISE_LENGTH = 65_536;

export const DEFAULT_WINDOW = 256;

/** So many blocks a worker at least, so that Byzantine ones write throughout an epoch and no thread waits long for another's last. */
const BLOCKS_PER_WORKER = 16;
const LARGEST_BLOCK = 1024;
/** Words of a cache line: what one thread writes often has lines of its own. */
const LINE = 16;

export function planSparseData(plan: ArenaPlan, kind: SparseKind, { train, test, vertices }: SparseShape): SparseRegions {
  const part = (name: string, { edges, entries }: SparseShape['train']): SparsePartRegions =>
    plan.addAll(`data/${name}`, {
      offsets: u32(kind === 'classification' ? edges + 1 : 0),
      vertices: u32(entries),
      values: f32(kind === 'classification' ? entries : edges),
      labels: f32(kind === 'classification' ? edges : 0),
    });
  const graph = kind === 'graph' ? vertices : 0;
  return { train: part('train', train), test: part('test', test), ...plan.addAll('data', { vertexLabels: f32(graph), fixed: u8(graph) }) };
}

/** Draws up a run's regions behind the data's. */
export function planHogwild(plan: ArenaPlan, kind: SparseKind, shape: SparseShape, configuration: RunConfiguration, threads: number): HogwildLayout {
  const parameters = mergeParameters(hogwild, configuration.mode);
  const model = SPARSE_MODELS.get(configuration.model.name);
  const given = mergeParameters(model, configuration.model);
  const width = model.width(given, shape.classes);
  const stride = width === 1 ? 1 : Math.ceil(width / LINE) * LINE;
  const control = planControl(plan, threads);
  return {
    parameters,
    control,
    width,
    stride,
    regularization: model.regularization(given),
    block: Math.max(1, Math.min(LARGEST_BLOCK, Math.ceil(shape.train.edges / (BLOCKS_PER_WORKER * configuration.workers)))),
    threads: parameters.variant === 'serial' ? 1 : threads,
    shared: planShared(plan, kind, shape, stride, threads, parameters),
    own: Array.from({ length: threads }, (_, thread) => planThread(plan, thread, shape, stride, parameters)),
    d: shape.vertices * width,
  };
}

function planShared(plan: ArenaPlan, kind: SparseKind, { vertices, train, test }: SparseShape, stride: number, threads: number, { variant, write, countLost }: HogwildParameters) {
  const evaluated = Math.max(test.edges, kind === 'graph' ? Math.max(train.edges, vertices) : 0);
  return plan.addAll('hogwild', {
    parameters: f32(vertices * stride),
    counters: f32(countLost ? vertices * stride : 0),
    order: u32(train.edges),
    decays: f32(vertices),
    lock: i32(LINE),
    locks: i32(variant === 'coordinate-locks' ? vertices : 0),
    splits: u32(variant === 'gathered' && kind === 'classification' ? train.edges : 0),
    progress: u32(LINE * threads),
    noise: f32(write?.kind === 'gaussian' ? NOISE_LENGTH : 0),
    results: f64(2 * Math.ceil(evaluated / EVALUATION_BLOCK)),
  });
}

function planThread(plan: ArenaPlan, thread: number, { vertices }: SparseShape, stride: number, { variant }: HogwildParameters) {
  // Which vertices are gathered is known once the data is: all of them may be.
  const replica = variant === 'gathered' ? vertices * stride : 0;
  return plan.addAll(`hogwild ${thread}`, {
    job: jobRequest(),
    countingJob: jobRequest(),
    statistics: f64(8),
    countingStatistics: f64(8),
    replica: f32(replica),
    base: f32(replica),
    workspace: f32(2 * stride),
  });
}
