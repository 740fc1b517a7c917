import type { EpochUpdates, RoundRecord, RunUpdates } from '../../run/records.js';
import { compileLearningRate } from '../../scenario/learning-rate.js';
import { duringRound } from '../../scenario/schedule.js';
import { areFinite, type Divergence, divergenceAfter, evaluateParameters, isEvaluated, type PreparedRun } from '../prepared-run.js';
import { Backoff } from './backoff.js';
import type { DenseLayout } from './dense-layout.js';
import { STATISTICS } from './dense-setup.js';
import { NO_ROWS } from './epochs.js';

/** Workers that one thread takes in a phase of the serial variant: so often the main thread hears of it. */
const WORKERS_IN_A_PHASE = 16;

/**
 * HOGWILD! on a dense model: in a round every worker makes one update, x ← x − step · the gradient of its batch, read from and written to the
 * shared parameters without a lock, by the threads at once. The step of round t is learningRate · β^e, e the whole passes over the training
 * samples before it. Yields each round's record; returns the divergence that ended it early, or nothing. Throws as `synchronous` does.
 */
export async function* denseHogwild(prepared: PreparedRun): AsyncGenerator<RoundRecord, Divergence | undefined> {
  const { configuration, layout, arena, run } = prepared;
  const { workers: n, rounds, batchSize } = configuration;
  const { parameters, race } = denseLayoutOf(prepared);
  const { regions } = layout.setup;
  const [losses, nonFinite] = [arena.view(regions.losses), arena.view(regions.nonFinite)];
  const byzantine = new Set(race.byzantine);
  const honest = Array.from({ length: n }, (_, worker) => worker).filter((worker) => !byzantine.has(worker));
  const learningRateAt = compileLearningRate(configuration.learningRate);
  const backoff = new Backoff(parameters.backoff);

  for (let round = 0; round < rounds; round++) {
    const epoch = Math.floor((round * n * batchSize) / regions.trainLabels.length);
    const learningRate = backoff.at(epoch) * duringRound(round, () => learningRateAt({ t: round, n, f: byzantine.size }));
    run.enter('gradient', round);
    const start = performance.now();
    await visit(prepared, 'denseUpdate', learningRate);
    const seconds = (performance.now() - start) / 1000;

    const trainLoss = honest.reduce((sum, worker) => sum + (losses[worker] as number), 0) / honest.length;
    const finite = (await areFinite(prepared, regions.parameters.address)) && honest.every((worker) => nonFinite[worker] === 0);
    const diverged = !finite || !Number.isFinite(trainLoss);
    const evaluated = performance.now();
    const evaluation = diverged || isEvaluated(round, configuration) ? await evaluateParameters(prepared, round) : undefined;
    yield {
      round,
      learningRate,
      trainLoss,
      ...evaluation,
      attacked: race.write !== undefined,
      removed: [],
      ...NO_ROWS,
      seconds: { gradient: seconds, craft: 0, aggregate: 0, evaluate: (performance.now() - evaluated) / 1000 },
      updates: updatesOf(arena.view(race.statistics), seconds),
    };
    if (finite && diverged) return { round, reason: `the training loss is not finite in round ${round}` };
    const divergence = divergenceAfter(round, finite, evaluation);
    if (divergence !== undefined) return divergence;
  }
  return undefined;
}

/** The counting experiment: one more round, whose updates add 1 to counters. */
export async function countLostUpdates(prepared: PreparedRun): Promise<NonNullable<RunUpdates['lost']>> {
  const { configuration, arena, run } = prepared;
  const { race } = denseLayoutOf(prepared);
  arena.view(race.ones).fill(1);
  run.enter('count', configuration.rounds - 1);
  await visit(prepared, 'denseCount', 0);
  const expected = configuration.workers * race.d;
  const found = arena.view(race.counters).reduce((sum, count) => sum + count, 0);
  return { expected, found, share: (expected - found) / expected };
}

/** One update of each worker: by the threads as they come free, or by one of them in the order of the workers. */
async function visit(prepared: PreparedRun, operation: 'denseUpdate' | 'denseCount', step: number): Promise<void> {
  const { configuration: { workers }, run, arena } = prepared;
  const { parameters, race } = denseLayoutOf(prepared);
  arena.view(race.progress).fill(0);
  arena.view(race.statistics).fill(0);
  if (parameters.variant !== 'serial') return run.host(operation, workers, [0, 1, step], (chunk) => chunk);
  for (let first = 0; first < workers; first += WORKERS_IN_A_PHASE) {
    await run.host(operation, 1, [first, Math.min(WORKERS_IN_A_PHASE, workers - first), step], () => first);
  }
}

/** What the threads noted of a round that took so long. */
function updatesOf(statistics: Float64Array, seconds: number): EpochUpdates {
  let [count, sum, greatest] = [0, 0, 0];
  for (let at = 0; at < statistics.length; at += STATISTICS) {
    count += statistics[at] as number;
    sum += statistics[at + 1] as number;
    greatest = Math.max(greatest, statistics[at + 2] as number);
  }
  const alone = statistics.length === STATISTICS;
  return { count, perSecond: count / seconds, ...(alone || count === 0 ? {} : { staleness: { mean: sum / count, greatest, measured: count } }) };
}

function denseLayoutOf({ layout: { loop } }: PreparedRun): DenseLayout {
  if (loop.mode !== 'hogwild') throw new TypeError(`the run is planned for the mode ${loop.mode}`);
  return loop;
}
