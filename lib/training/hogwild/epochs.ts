import { Stream } from '../../data/random.js';
import type { Kernels } from '../../kernels/kernels.js';
import type { Arena } from '../../memory/arena.js';
import type { EpochUpdates, RoundRecord, RunUpdates } from '../../run/records.js';
import type { RunConfiguration } from '../../scenario/configuration.js';
import { compileLearningRate } from '../../scenario/learning-rate.js';
import { duringRound } from '../../scenario/schedule.js';
import type { Divergence } from '../prepared-run.js';
import type { PoolPhases } from '../pool-phases.js';
import { Backoff } from './backoff.js';
import type { HogwildLayout } from './layout.js';
import type { SparseData } from './prepare.js';
import { EVALUATION_BLOCK, SHARING, type HogwildSetup } from './setup.js';

/** A run with its memory filled. */
export interface PreparedHogwild {
  readonly configuration: RunConfiguration;
  readonly data: SparseData;
  readonly layout: HogwildLayout;
  readonly setup: HogwildSetup;
  readonly arena: Arena;
  readonly kernels: Pick<Kernels, 'hasNonFinite'>;
  readonly run: PoolPhases;
}

/** How a run ended: early when it diverged, and what the counting experiment found when there was one. */
export interface HogwildEnd {
  readonly divergence?: Divergence;
  readonly lost?: NonNullable<RunUpdates['lost']>;
}

/** Blocks in a phase of the variants whose threads can't claim blocks: so often the main thread hears of them. */
const BLOCKS_IN_A_PHASE = 512;

/**
 * HOGWILD!: every epoch visits all edges once in a new random order, one update an edge, by the threads at once. The step of epoch t is
 * learningRate · β^t. Yields each epoch's record. Throws a ThreadError when a thread is lost, a ScheduleError when the learning rate's expression
 * gives something that can't be.
 */
export async function* hogwildEpochs(prepared: PreparedHogwild): AsyncGenerator<RoundRecord, HogwildEnd> {
  const { configuration, layout, setup, arena, kernels, run } = prepared;
  const { rounds, evaluateEvery, workers: n, seed } = configuration;
  const order = arena.view(layout.shared.order);
  const learningRateAt = compileLearningRate(configuration.learningRate);
  const backoff = new Backoff(layout.parameters.backoff);
  const f = setup.byzantine.length;

  for (let epoch = 0; epoch < rounds; epoch++) {
    const learningRate = backoff.at(epoch) * duringRound(epoch, () => learningRateAt({ t: epoch, n, f }));
    shuffle(order, new Stream(seed, 'hogwild', 0, epoch));
    clearStatistics(prepared);

    run.enter('epoch', epoch);
    const start = performance.now();
    await visit(prepared, 'hogwildUpdate', learningRate);
    const seconds = (performance.now() - start) / 1000;
    const { updates, trainLoss } = epochUpdates(prepared, seconds);

    const finite = kernels.hasNonFinite(layout.shared.parameters.address, 0, layout.shared.parameters.length) === 0;
    const diverged = !finite || !Number.isFinite(trainLoss);
    const evaluated = performance.now();
    const evaluation = diverged || (epoch + 1) % evaluateEvery === 0 || epoch === rounds - 1 ? await evaluate(prepared, epoch) : undefined;
    yield {
      round: epoch,
      learningRate,
      trainLoss,
      ...evaluation,
      attacked: setup.write !== undefined,
      removed: [],
      ...NO_ROWS,
      seconds: { gradient: seconds, craft: 0, aggregate: 0, evaluate: (performance.now() - evaluated) / 1000 },
      updates,
    };
    const reason = !finite ? `the parameters are not finite after epoch ${epoch}` : diverged ? `the training loss is not finite in epoch ${epoch}` : undefined;
    if (reason !== undefined) return { divergence: { round: epoch, reason } };
    if (evaluation !== undefined && !Number.isFinite(evaluation.loss)) return { divergence: { round: epoch, reason: `the test loss is not finite after epoch ${epoch}` } };
  }
  return layout.parameters.countLost ? { lost: await countLost(prepared) } : {};
}

/** There are no rows, so none is far from the others. */
export const NO_ROWS = { distance: Number.NaN, cosine: Number.NaN, withinDeviation: [Number.NaN, Number.NaN, Number.NaN], deviationToNorm: Number.NaN } as const;

/** One visit to every edge, shared out as the variant has it. */
async function visit({ data, layout, arena, configuration, run }: PreparedHogwild, operation: 'hogwildUpdate' | 'hogwildCount', step: number): Promise<void> {
  const { block, threads, shared, parameters } = layout;
  const { edges } = data.shape.train;
  const workerOf = (first: number): number => Math.floor(first / block) % configuration.workers;
  if (parameters.variant !== 'serial' && parameters.variant !== 'round-robin') {
    await run.host(operation, Math.ceil(edges / block), [0, edges, SHARING.blocks, step], (chunk) => chunk % configuration.workers);
    return;
  }
  const alone = parameters.variant === 'serial';
  const lock = arena.view(shared.lock);
  for (let first = 0; first < edges; first += block * BLOCKS_IN_A_PHASE) {
    // Threads are between phases, so the turn may be set; turns are numbered by position.
    lock[0] = alone ? 0 : first;
    const end = Math.min(first + block * BLOCKS_IN_A_PHASE, edges);
    await run.host(operation, alone ? 1 : threads, [first, end, alone ? SHARING.alone : SHARING.turns, step], alone ? () => workerOf(first) : undefined);
  }
}

/** Adds up what the threads noted. Throws an Error when an update is missing: a fault of this program. */
function epochUpdates({ data, layout, setup, arena }: PreparedHogwild, seconds: number): { updates: EpochUpdates; trainLoss: number } {
  const statistics = layout.own.map((own) => arena.view(own.statistics));
  const sum = (index: number): number => statistics.reduce((total, values) => total + (values[index] as number), 0);
  const progress = arena.view(layout.shared.progress);
  const count = layout.own.reduce((total, _, thread) => total + (progress[16 * thread] as number), 0);
  if (count !== data.shape.train.edges) throw new Error(`an epoch of ${data.shape.train.edges} updates ended with ${count}`);
  const measured = sum(2);
  return {
    updates: {
      count,
      perSecond: count / seconds,
      ...(measured === 0 ? {} : { staleness: { mean: sum(3) / measured, greatest: Math.max(...statistics.map((values) => values[4] as number)), measured } }),
    },
    // Overwriting workers compute no loss.
    trainLoss: sum(0) === 0 && setup.write !== undefined ? 0 : sum(1) / sum(0),
  };
}

/** Loss, and where something is classified the share of right answers. */
async function evaluate({ data, layout, setup, arena, run }: PreparedHogwild, epoch: number): Promise<{ accuracy?: number; loss: number }> {
  const { kind, shape, target } = data;
  const edges = kind === 'graph' ? shape.train.edges : shape.test.edges;
  const chunks = Math.ceil(Math.max(edges, setup.evaluation.vertices) / EVALUATION_BLOCK);
  run.enter('evaluate', epoch);
  await run.host('hogwildEvaluate', chunks, [0]);
  const results = arena.view(layout.shared.results);
  let lossSum = 0;
  let correct = 0;
  for (let chunk = 0; chunk < chunks; chunk++) {
    lossSum += results[2 * chunk] as number;
    correct += results[2 * chunk + 1] as number;
  }
  const loss = lossSum / edges;
  if (kind === 'classification') return { accuracy: correct / edges, loss };
  if (kind === 'matrix') return { loss: Math.sqrt(loss) };
  const free = target.fixed.reduce((count, fixed) => count + 1 - fixed, 0);
  return { ...(free === 0 ? {} : { accuracy: correct / free }), loss };
}

/** The counting experiment: one more visit, whose updates add 1 to counters. float32 counts exactly up to 2²⁴ at one place. */
async function countLost(prepared: PreparedHogwild): Promise<NonNullable<RunUpdates['lost']>> {
  const { data, layout, arena, run } = prepared;
  for (const { replica, base } of layout.own) {
    arena.view(replica).fill(0);
    arena.view(base).fill(0);
  }
  clearStatistics(prepared);
  run.enter('count', prepared.configuration.rounds - 1);
  await visit(prepared, 'hogwildCount', 0);
  const { entries } = data.shape.train;
  const expected = entries * layout.width;
  let found = 0;
  for (const counter of arena.view(layout.shared.counters)) found += counter;
  return { expected, found, share: (expected - found) / expected };
}

function clearStatistics({ layout, arena }: PreparedHogwild): void {
  arena.view(layout.shared.progress).fill(0);
  for (const { statistics, countingStatistics } of layout.own) {
    arena.view(statistics).fill(0);
    arena.view(countingStatistics).fill(0);
  }
}

function shuffle(order: Uint32Array, stream: Stream): void {
  for (let edge = 0; edge < order.length; edge++) order[edge] = edge;
  stream.shuffle(order);
}
