import { NoAggregateError } from '../../aggregators/errors.js';
import { scale } from '../../kernels/work.js';
import { byzantineWeight, NO_FORENSICS } from '../../metrics/forensics.js';
import type { Verdict } from '../../policies/policy.js';
import type { AsynchronousRecord, RoundRecord } from '../../run/records.js';
import type { RecordedSchedule, ScheduleSink } from '../../run/recorded-schedule.js';
import { compileLearningRate } from '../../scenario/learning-rate.js';
import { duringRound } from '../../scenario/schedule.js';
import { serverStep } from '../optimizer.js';
import { areFinite, type Divergence, divergenceAfter, evaluateParameters, type Evaluation, isEvaluated, orNoAggregate, type PreparedRun } from '../prepared-run.js';
import { serverAccess } from '../server.js';
import { Stopwatch } from '../stopwatch.js';
import { Deliveries } from './deliveries.js';
import type { AsynchronousLayout } from './layout.js';
import { RealSource } from './real.js';
import { ReplaySource } from './replay.js';
import type { Source } from './source.js';
import { VirtualSource } from './virtual.js';

/** So many arrivals a worker without a step, for as long as the clock's patience, and the run is given up: the policy rejects whatever comes. */
const MOST_ARRIVALS_WITHOUT_STEP = 100;

/** What a run does about schedules: notes its own, on the real clock, or follows one that is recorded. */
export interface ScheduleUse {
  readonly note?: ScheduleSink | undefined;
  readonly replay?: RecordedSchedule | undefined;
}

/**
 * Asynchronous training: workers never wait, rows come in the order of a clock (see `Source`), and the policy makes steps of them. A round is a
 * step. Yields each step's record; returns the divergence that ended it early, or nothing. Throws as `synchronous` does, and a ReplayError for a schedule that
 * is none of this run.
 */
export async function* asynchronous(prepared: PreparedRun, schedule: ScheduleUse = {}): AsyncGenerator<RoundRecord, Divergence | undefined> {
  const { configuration, layout, arena, run } = prepared;
  const { workers: n, rounds, momentum } = configuration;
  const { setup, loop, d } = layout;
  if (loop.mode !== 'asynchronous') throw new TypeError(`the run is planned for the mode ${loop.mode}`);
  const { parameters } = setup.regions;
  const { byzantine } = loop.lies;
  const source = sourceOf(prepared, loop, schedule);
  const { versions } = source;
  const deliveries = new Deliveries(prepared, loop.lies);
  const policy = loop.policy.open(arena);
  const learningRateAt = compileLearningRate(configuration.learningRate);
  const publish = () => scale(d, 1, versions.current, parameters.address);
  const evaluate = async (round: number): Promise<Evaluation> => {
    run.enter('evaluate', round);
    await run.perform(publish());
    return evaluateParameters(prepared, round);
  };

  await run.perform(scale(d, 1, parameters.address, versions.current));
  await source.start?.();

  let watch = new Stopwatch();
  let seconds = { gradient: 0, craft: 0, aggregate: 0 };
  let since = emptyRecord();
  let stepped = 0;
  while (versions.number < rounds) {
    const round = versions.number;
    watch.lap();
    run.enter('gradient', round);
    const delivery = await source.next(round, (worker) => deliveries.isSilent(worker, round));
    if (delivery === undefined) {
      return { round, reason: `in round ${round}, ${source.ending}`, evaluation: await evaluate(round) };
    }
    const { worker } = delivery;
    seconds.gradient += watch.lap();

    run.enter('craft', round);
    const { row, finite, attacked } = await deliveries.send(worker, delivery, round);
    since.arrivals.push(worker);
    since.attacked ||= attacked;
    seconds.craft += watch.lap();

    run.enter('aggregate', round);
    const learningRate = duringRound(round, () => learningRateAt({ t: round, n, f: byzantine.length }));
    const server = layout.server && serverAccess(layout.server, arena, learningRate, publish);
    const arrival = { worker, row, version: delivery.version, parameters: delivery.parameters, now: round, server };
    const outcome = finite ? await orNoAggregate(run.perform(policy.arrive(arrival))) : ({ kind: 'rejected', reason: 'not finite' } as const);
    if (outcome instanceof NoAggregateError) {
      return { round, reason: `in round ${round}, ${outcome.message}`, evaluation: await evaluate(round) };
    }
    const verdict: Verdict = outcome;
    if (verdict.kind !== 'step') {
      if (verdict.kind === 'rejected') since.rejected.push({ worker, reason: verdict.reason });
      seconds.aggregate += watch.lap();
      source.goOn?.(worker);
      if (since.arrivals.length < MOST_ARRIVALS_WITHOUT_STEP * n || source.now - stepped < source.patience) continue;
      const reason = `in round ${round}, ${since.arrivals.length} rows in a row made no step: ${since.rejected.length} of them were rejected`;
      return { round, reason, evaluation: await evaluate(round) };
    }

    await run.perform(
      versions.advance(d, (parameters) =>
        serverStep({ d, parameters, velocity: layout.velocity.address, aggregate: verdict.direction }, momentum, learningRate * verdict.factor)),
    );
    stepped = source.now;
    const finiteParameters = await areFinite(prepared, versions.current);
    source.goOn?.(worker);
    seconds.aggregate += watch.lap();

    const evaluation = isEvaluated(round, configuration) || !finiteParameters ? await evaluate(round) : undefined;
    // The forensics take longer than a gradient, so only an evaluated step has them.
    const measured = evaluation === undefined || !finiteParameters ? NO_FORENSICS : await deliveries.forensics(verdict.direction);
    const { weights, removed = [] } = verdict;
    const evaluated = watch.lap();
    source.pause?.(evaluated);
    const { attacked: anyAttacked, ...record } = since;
    // What breaks once this round is told of breaks in the next.
    run.enter('gradient', round + 1);
    yield {
      round,
      learningRate: learningRate * verdict.factor,
      trainLoss: deliveries.trainLoss(),
      ...evaluation,
      attacked: anyAttacked,
      removed,
      ...(weights === undefined ? {} : { weights: Array.from(weights), byzantineWeight: byzantineWeight(weights, byzantine) }),
      ...measured,
      asynchronous: { time: source.now, ...record, ...source.news(), used: verdict.used },
      seconds: { ...seconds, evaluate: evaluated },
    };
    const divergence = divergenceAfter(round, finiteParameters, evaluation);
    if (divergence !== undefined) return divergence;
    watch = new Stopwatch();
    seconds = { gradient: 0, craft: 0, aggregate: 0 };
    since = emptyRecord();
  }
  return undefined;
}

function sourceOf(prepared: PreparedRun, loop: AsynchronousLayout, { note, replay }: ScheduleUse): Source {
  if (replay !== undefined) return new ReplaySource(prepared, loop, replay);
  return loop.free === undefined ? new VirtualSource(prepared, loop) : new RealSource(prepared, loop, note);
}

/** What has come since the last step. */
interface Since {
  readonly arrivals: number[];
  readonly rejected: AsynchronousRecord['rejected'][number][];
  attacked: boolean;
}

function emptyRecord(): Since {
  return { arrivals: [], rejected: [], attacked: false };
}
