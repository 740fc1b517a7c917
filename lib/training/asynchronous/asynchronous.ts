import { NoAggregateError } from '../../aggregators/errors.js';
import { findNonFinite, forensics, scale } from '../../kernels/work.js';
import type { Address } from '../../memory/regions.js';
import { evaluationOf } from '../../metrics/evaluation.js';
import { byzantineWeight, forensicsOf, NO_FORENSICS } from '../../metrics/forensics.js';
import type { Verdict } from '../../policies/policy.js';
import type { AsynchronousRecord, RoundRecord } from '../../run/records.js';
import type { RecordedSchedule, ScheduleSink } from '../../run/recorded-schedule.js';
import { compileLearningRate } from '../../scenario/learning-rate.js';
import { duringRound } from '../../scenario/schedule.js';
import { serverStep } from '../optimizer.js';
import { serverAccess } from '../server.js';
import { Stopwatch } from '../stopwatch.js';
import { type Divergence, orNoAggregate, type PreparedRun } from '../synchronous.js';
import { EVALUATION_BATCH } from '../worker.js';
import type { AsynchronousLayout } from './layout.js';
import { Lies } from './lies.js';
import { RealSource } from './real.js';
import { ReplaySource } from './replay.js';
import type { Source } from './source.js';
import { VirtualSource } from './virtual.js';

/** So many arrivals a worker without a step, and the run is given up: the policy rejects whatever comes. */
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
  const { workers: n, rounds, evaluateEvery, momentum } = configuration;
  const { setup, loop, d } = layout;
  if (loop.mode !== 'asynchronous') throw new TypeError(`the run is planned for the mode ${loop.mode}`);
  const { regions } = setup;
  const { byzantine, honest } = loop.lies;
  const source = sourceOf(prepared, loop, schedule);
  const { versions } = source;
  const lies = new Lies(loop.lies, arena);
  const policy = loop.policy.open(arena);
  const learningRateAt = compileLearningRate(configuration.learningRate);

  const evaluations = arena.view(regions.evaluations);
  const samples = regions.testLabels.length;
  const single = { table: layout.parametersTable.address, n: 1, d };

  /** Of each worker: its last row, that row's loss, and how many it has sent. */
  const delivered = new Array<Address | undefined>(n).fill(undefined);
  const deliveredLoss = new Array<number>(n).fill(Number.NaN);
  const sent = new Array<number>(n).fill(0);

  const isFinite = async (row: Address): Promise<boolean> => {
    arena.view(layout.parametersTable).set([row]);
    return (await run.perform(findNonFinite(arena, single, layout.flags))).length === 0;
  };
  const publication = () => scale(d, 1, versions.current, regions.parameters.address);
  const publish = async (): Promise<void> => run.perform(publication());
  const evaluate = async (round: number): Promise<{ accuracy: number; loss: number }> => {
    run.enter('evaluate', round);
    await publish();
    await run.host('evaluate', Math.ceil(samples / EVALUATION_BATCH));
    return evaluationOf(evaluations, samples);
  };

  await run.perform(scale(d, 1, regions.parameters.address, versions.current));
  source.start?.();

  let watch = new Stopwatch();
  let seconds = { gradient: 0, craft: 0, aggregate: 0 };
  let since = emptyRecord();
  while (versions.number < rounds) {
    const round = versions.number;
    watch.lap();
    run.enter('gradient', round);
    const delivery = await source.next(round, (worker) => lies.silent(worker, round));
    if (delivery === undefined) {
      return { round, reason: `in round ${round}, ${source.ending}`, evaluation: await evaluate(round) };
    }
    const { worker, row: own } = delivery;
    seconds.gradient += watch.lap();

    run.enter('craft', round);
    const attacked = lies.active(worker, round);
    const row = attacked ? await run.perform(lies.craft(worker, own, delivered, round, sent[worker] as number)) : own;
    const finite = row === own ? delivery.finite : await isFinite(row);
    delivered[worker] = own;
    deliveredLoss[worker] = delivery.loss;
    sent[worker] = (sent[worker] as number) + 1;
    since.arrivals.push(worker);
    since.attacked ||= attacked;
    seconds.craft += watch.lap();

    run.enter('aggregate', round);
    const learningRate = duringRound(round, () => learningRateAt({ t: round, n, f: byzantine.length }));
    const server = layout.server && serverAccess(layout.server, arena, learningRate, publication);
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
      if (since.arrivals.length < MOST_ARRIVALS_WITHOUT_STEP * n) continue;
      const reason = `in round ${round}, ${since.arrivals.length} rows in a row made no step: ${since.rejected.length} of them were rejected`;
      return { round, reason, evaluation: await evaluate(round) };
    }

    await run.perform(
      versions.advance(d, (parameters) =>
        serverStep({ d, parameters, velocity: layout.velocity.address, aggregate: verdict.direction }, momentum, learningRate * verdict.factor)),
    );
    const divergedParameters = !(await isFinite(versions.current));
    source.goOn?.(worker);
    seconds.aggregate += watch.lap();

    const trainLoss = meanOf(honest.map((one) => deliveredLoss[one] as number).filter((loss) => !Number.isNaN(loss)));
    const due = (round + 1) % evaluateEvery === 0 || round === rounds - 1 || divergedParameters;
    const evaluation = due ? await evaluate(round) : undefined;
    const seen = honest.flatMap((one) => delivered[one] ?? []);
    // The forensics take longer than a gradient, so only an evaluated step has them.
    let measured: ReturnType<typeof forensicsOf> = NO_FORENSICS;
    if (due && !divergedParameters && seen.length > 0) {
      arena.view(layout.honestTable).set(seen);
      measured = forensicsOf(await run.perform(forensics(arena, { table: layout.honestTable.address, n: seen.length, d }, verdict.direction, layout.forensics)), d);
    }
    const { weights } = verdict;
    const evaluated = watch.lap();
    source.pause?.(evaluated);
    const { attacked: anyAttacked, ...record } = since;
    // What breaks once this round is told of breaks in the next.
    run.enter('gradient', round + 1);
    yield {
      round,
      learningRate: learningRate * verdict.factor,
      trainLoss,
      ...evaluation,
      attacked: anyAttacked,
      removed: [],
      ...(weights === undefined ? {} : { weights: Array.from(weights), byzantineWeight: byzantineWeight(weights, byzantine) }),
      ...measured,
      asynchronous: { time: source.now, ...record, ...source.news(), used: verdict.used },
      seconds: { ...seconds, evaluate: evaluated },
    };
    if (divergedParameters) return { round, reason: `the parameters are not finite after round ${round}` };
    if (evaluation !== undefined && !Number.isFinite(evaluation.loss)) return { round, reason: `the test loss is not finite after round ${round}` };
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

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
