import { NoAggregateError } from '../../aggregators/errors.js';
import { findNonFinite, forensics, scale } from '../../kernels/work.js';
import { addressOf, type Address } from '../../memory/regions.js';
import { evaluationOf } from '../../metrics/evaluation.js';
import { byzantineWeight, forensicsOf, NO_FORENSICS } from '../../metrics/forensics.js';
import type { Verdict } from '../../policies/policy.js';
import type { AsynchronousRecord, RoundRecord } from '../../run/records.js';
import { configuredPolicy } from '../../scenario/asynchronous.js';
import { compileLearningRate } from '../../scenario/learning-rate.js';
import { duringRound } from '../../scenario/schedule.js';
import { serverStep } from '../optimizer.js';
import { serverAccess } from '../server.js';
import { Stopwatch } from '../stopwatch.js';
import { type Divergence, orNoAggregate, type PreparedRun } from '../synchronous.js';
import { EVALUATION_BATCH } from '../worker.js';
import { VirtualClock } from './clock.js';
import { Lies } from './lies.js';
import { Versions } from './versions.js';

/** So many arrivals a worker without a step, and the run is given up: the policy rejects whatever comes. */
const MOST_ARRIVALS_WITHOUT_STEP = 100;

/**
 * Asynchronous training on the virtual clock: workers never wait, rows arrive in the order of drawn times, and the policy makes steps of them. A round is a
 * step. Yields each step's record; returns the divergence that ended it early, or nothing. Throws as `synchronous` does.
 *
 * A gradient depends on what its worker fetched and on nothing that happens later, so all workers' gradients under way are computed ahead, together and
 * in parallel, as soon as one of them is needed; what anybody sees of them follows the clock.
 */
export async function* asynchronous({ configuration, layout, arena, run }: PreparedRun): AsyncGenerator<RoundRecord, Divergence | undefined> {
  const { workers: n, seed, rounds, evaluateEvery, momentum } = configuration;
  const { setup, loop, d, rowStride } = layout;
  if (loop.mode !== 'asynchronous') throw new TypeError(`the run is planned for the mode ${loop.mode}`);
  const { regions } = setup;
  const timing = configuredPolicy(configuration);
  const { byzantine, honest, timing: attackTiming } = loop.lies;
  const clock = new VirtualClock(seed, n, timing, (worker) => (attackTiming?.kind === 'flood' && byzantine.includes(worker) ? attackTiming.factor : 1));
  const versions = new Versions(loop.versions, rowStride, n);
  const lies = new Lies(loop.lies, arena);
  const policy = loop.policy.open(arena);
  const learningRateAt = compileLearningRate(configuration.learningRate);

  const [fetched, rows, pending, begun] = [regions.fetched, regions.rows, regions.pending, regions.begun].map((region) => arena.view(region)) as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  const [losses, evaluations, nonFinite] = [arena.view(regions.losses), arena.view(regions.evaluations), arena.view(regions.nonFinite)];
  const samples = regions.testLabels.length;
  const places = (worker: number): [Address, Address] => [addressOf(regions.gradientMatrix, worker * rowStride), addressOf(loop.otherRows, worker * rowStride)];
  const single = { table: layout.parametersTable.address, n: 1, d };

  /** Of each worker: the version that it computes with, its last row, that row's loss, and how many it has sent. */
  const version = new Array<number>(n).fill(0);
  const delivered = new Array<Address | undefined>(n).fill(undefined);
  const deliveredLoss = new Array<number>(n).fill(Number.NaN);
  const sent = new Array<number>(n).fill(0);
  /** Workers whose gradient under way has been computed ahead. */
  const computed = new Set<number>();

  const begin = (worker: number): void => {
    fetched[worker] = versions.fetch(worker);
    version[worker] = versions.number;
    const [first, second] = places(worker);
    rows[worker] = delivered[worker] === first ? second : first;
    clock.begin(worker, begun[worker] as number);
  };
  const computeAhead = async (also: number): Promise<void> => {
    const workers = [...clock.computing(), also].filter((worker) => !computed.has(worker)).sort((a, b) => a - b);
    pending.set(workers);
    await run.host('pendingGradient', workers.length);
    for (const worker of workers) computed.add(worker);
  };
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
  for (let worker = 0; worker < n; worker++) begin(worker);

  let watch = new Stopwatch();
  let seconds = { gradient: 0, craft: 0, aggregate: 0 };
  let since = emptyRecord();
  while (versions.number < rounds) {
    const round = versions.number;
    const event = clock.next();
    if (event === undefined) {
      await publish();
      return { round, reason: `in round ${round}, nobody is left who sends anything: all workers have crashed or are silent` };
    }
    const { worker } = event;
    if (event.kind === 'crash') {
      versions.release(worker);
      // What it was computing is lost, and so is the draw of its batch.
      begun[worker] = (begun[worker] as number) + 1;
      computed.delete(worker);
      continue;
    }
    if (event.kind === 'recovery') {
      begin(worker);
      continue;
    }
    if (lies.silent(worker, round)) {
      versions.release(worker);
      continue;
    }

    watch.lap();
    if (!computed.has(worker)) {
      run.enter('gradient', round);
      await computeAhead(worker);
    }
    computed.delete(worker);
    seconds.gradient += watch.lap();

    run.enter('craft', round);
    const own = rows[worker] as Address;
    const attacked = lies.active(worker, round);
    const row = attacked ? await run.perform(lies.craft(worker, own, delivered, round, sent[worker] as number)) : own;
    const finite = row === own ? nonFinite[worker] === 0 : await isFinite(row);
    delivered[worker] = own;
    deliveredLoss[worker] = losses[worker] as number;
    sent[worker] = (sent[worker] as number) + 1;
    since.arrivals.push(worker);
    since.attacked ||= attacked;
    seconds.craft += watch.lap();

    run.enter('aggregate', round);
    const learningRate = duringRound(round, () => learningRateAt({ t: round, n, f: byzantine.length }));
    const server = layout.server && serverAccess(layout.server, arena, learningRate, publication);
    const arrival = { worker, row, version: version[worker] as number, parameters: fetched[worker] as Address, now: round, server };
    const outcome = finite ? await orNoAggregate(run.perform(policy.arrive(arrival))) : ({ kind: 'rejected', reason: 'not finite' } as const);
    if (outcome instanceof NoAggregateError) {
      await publish();
      return { round, reason: `in round ${round}, ${outcome.message}` };
    }
    const verdict: Verdict = outcome;
    begun[worker] = (begun[worker] as number) + 1;
    if (verdict.kind !== 'step') {
      if (verdict.kind === 'rejected') since.rejected.push({ worker, reason: verdict.reason });
      seconds.aggregate += watch.lap();
      begin(worker);
      if (since.arrivals.length < MOST_ARRIVALS_WITHOUT_STEP * n) continue;
      await publish();
      return { round, reason: `in round ${round}, ${since.arrivals.length} rows in a row made no step: ${since.rejected.length} of them were rejected` };
    }

    await run.perform(
      versions.advance(d, (parameters) =>
        serverStep({ d, parameters, velocity: layout.velocity.address, aggregate: verdict.direction }, momentum, learningRate * verdict.factor)),
    );
    const divergedParameters = !(await isFinite(versions.current));
    begin(worker);
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
    const { attacked: anyAttacked, ...record } = since;
    yield {
      round,
      learningRate: learningRate * verdict.factor,
      trainLoss,
      ...evaluation,
      attacked: anyAttacked,
      removed: [],
      ...(weights === undefined ? {} : { weights: Array.from(weights), byzantineWeight: byzantineWeight(weights, byzantine) }),
      ...measured,
      asynchronous: { time: clock.now, ...record, used: verdict.used },
      seconds: { ...seconds, evaluate: watch.lap() },
    };
    if (divergedParameters) return { round, reason: `the parameters are not finite after round ${round}` };
    if (evaluation !== undefined && !Number.isFinite(evaluation.loss)) return { round, reason: `the test loss is not finite after round ${round}` };
    watch = new Stopwatch();
    seconds = { gradient: 0, craft: 0, aggregate: 0 };
    since = emptyRecord();
  }
  return undefined;
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
