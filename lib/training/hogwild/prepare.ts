import type { SparseKind, SparseShape, SparseTarget } from '../../data/sparse/sparse-dataset.js';
import { Stream } from '../../data/random.js';
import { DISCIPLINES, writeJob, type HogwildJob } from '../../kernels/hogwild-job.js';
import type { Arena } from '../../memory/arena.js';
import { endedAddress } from '../../memory/phases.js';
import type { Address } from '../../memory/regions.js';
import type { RunConfiguration } from '../../scenario/configuration.js';
import type { HogwildVariant } from '../../scenario/hogwild-mode.js';
import { byzantineWorkers } from '../byzantine.js';
import type { Arrangement } from './arrange.js';
import { DEFAULT_WINDOW, NOISE_LENGTH, type HogwildLayout, type SparseRegions } from './layout.js';
import type { HogwildSetup } from './setup.js';

/** What a run's memory is filled from. */
export interface SparseData {
  readonly kind: SparseKind;
  readonly shape: SparseShape;
  readonly regions: SparseRegions;
  readonly target: SparseTarget;
  readonly arrangement: Arrangement;
}

const DISCIPLINE: Readonly<Record<HogwildVariant, number>> = {
  'lock-free': DISCIPLINES.free,
  serial: DISCIPLINES.free,
  lock: DISCIPLINES.lock,
  'round-robin': DISCIPLINES.roundRobin,
  'coordinate-locks': DISCIPLINES.vertexLocks,
  gathered: DISCIPLINES.gathered,
};

/** Fills a run's memory, which is zero, and returns what the threads have to know. `hot`: vertices that are gathered. */
export function prepareHogwild(arena: Arena, data: SparseData, layout: HogwildLayout, configuration: RunConfiguration): { setup: HogwildSetup; hot: number } {
  const { kind, shape, regions, arrangement } = data;
  const { parameters: mode, shared, own, width, stride, threads } = layout;
  const hot = mode.variant === 'gathered' ? hotVertices(arrangement.degrees, shape.train.edges, mode.window ?? DEFAULT_WINDOW) : 0;

  initialise(arena, data, layout, configuration.seed);
  const decays = arena.view(shared.decays);
  arrangement.degrees.forEach((degree, vertex) => (decays[vertex] = degree === 0 ? 0 : layout.regularization / degree));
  if (shared.splits.length > 0) splitEdges(arena.view(shared.splits), data.target, hot);
  const noise = arena.view(shared.noise);
  const stream = new Stream(configuration.seed, 'attack');
  for (let k = 0; k < noise.length; k++) noise[k] = stream.normal();

  const none = 0 as Address;
  own.forEach((memory, thread) => {
    const job: HogwildJob = {
      parameters: shared.parameters.address,
      order: shared.order.address,
      offsets: kind === 'classification' ? regions.train.offsets.address : none,
      vertices: regions.train.vertices.address,
      values: regions.train.values.address,
      labels: regions.train.labels.address,
      decays: shared.decays.address,
      fixed: regions.fixed.address,
      width,
      stride,
      discipline: DISCIPLINE[mode.variant],
      lock: shared.lock.address,
      locks: shared.locks.address,
      ended: endedAddress(layout.control),
      replica: memory.replica.address,
      base: memory.base.address,
      hot,
      splits: shared.splits.address,
      window: mode.window ?? DEFAULT_WINDOW,
      progress: shared.progress.address,
      thread,
      threads,
      statistics: memory.statistics.address,
      workspace: memory.workspace.address,
      counting: 0,
      noise: shared.noise.address,
      noiseMask: NOISE_LENGTH - 1,
    };
    writeJob(arena, memory.job, job);
    writeJob(arena, memory.countingJob, { ...job, parameters: shared.counters.address, statistics: memory.countingStatistics.address, counting: 1 });
  });

  const evaluated = kind === 'graph' ? [regions.train] : [regions.test];
  const setup: HogwildSetup = {
    kind,
    workers: configuration.workers,
    block: layout.block,
    byzantine: byzantineWorkers(configuration),
    write: mode.write,
    jobs: own.map(({ job }) => job.address),
    countingJobs: own.map(({ countingJob }) => countingJob.address),
    evaluation: {
      parameters: shared.parameters.address,
      width,
      stride,
      parts: evaluated.map(({ offsets, vertices, values, labels }) => ({
        offsets: offsets.address,
        edgeVertices: vertices.address,
        values: values.address,
        labels: labels.address,
        edges: kind === 'classification' ? labels.length : values.length,
      })),
      vertexLabels: regions.vertexLabels.address,
      fixed: regions.fixed.address,
      vertices: kind === 'graph' ? shape.vertices : 0,
      results: shared.results,
    },
  };
  return { setup, hot };
}

/** The parameters as the data's file numbers them, without what pads the blocks: of a matrix L row by row, then R. */
export function parametersInFileOrder(arena: Arena, { arrangement }: SparseData, { shared, width, stride }: HogwildLayout): Float32Array {
  const memory = arena.view(shared.parameters);
  const parameters = new Float32Array(arrangement.rank.length * width);
  arrangement.rank.forEach((place, vertex) => { parameters.set(memory.subarray(place * stride, place * stride + width), vertex * width); });
  return parameters;
}

/**
 * Vertices that come once or more in a window on average: gathering spares their cache lines the way between cores. Gathering others would
 * only delay them. They are the first ones, as vertices are numbered by degree.
 */
function hotVertices(degrees: Uint32Array, edges: number, window: number): number {
  const cold = degrees.findIndex((degree) => degree * window < edges);
  return cold === -1 ? degrees.length : cold;
}

function splitEdges(splits: Uint32Array, { train: { offsets, vertices } }: SparseTarget, hot: number): void {
  for (let edge = 0; edge < splits.length; edge++) {
    let split = offsets[edge] as number;
    const end = offsets[edge + 1] as number;
    while (split < end && (vertices[split] as number) < hot) split += 1;
    splits[edge] = split;
  }
}

/** A separator begins at 0, known vertices of a graph at their corner and the others in the middle, factors at random so that their products have deviation ¼. */
function initialise(arena: Arena, { kind, shape, target, arrangement }: SparseData, { shared, width, stride }: HogwildLayout, seed: number): void {
  const parameters = arena.view(shared.parameters);
  if (kind === 'classification') return;
  if (kind === 'matrix') {
    const stream = new Stream(seed, 'initialisation');
    const scale = 0.5 / Math.sqrt(Math.sqrt(width));
    for (const place of arrangement.rank) {
      for (let k = 0; k < width; k++) parameters[place * stride + k] = scale * stream.normal();
    }
    return;
  }
  for (let vertex = 0; vertex < shape.vertices; vertex++) {
    for (let k = 0; k < width; k++) {
      parameters[vertex * stride + k] = target.fixed[vertex] === 1 ? Number(target.vertexLabels[vertex] === k) : 1 / width;
    }
  }
}
