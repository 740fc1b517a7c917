import { adagrad, addScaled, findNonFinite, forensics } from '../../kernels/work.js';
import { addressOf, type Address } from '../../memory/regions.js';
import { evaluationOf } from '../../metrics/evaluation.js';
import { forensicsOf, NO_FORENSICS } from '../../metrics/forensics.js';
import type { AsynchronousRecord, RoundRecord, Traffic } from '../../run/records.js';
import { configuredDownpour } from '../../scenario/downpour.js';
import { compileLearningRate } from '../../scenario/learning-rate.js';
import { duringRound } from '../../scenario/schedule.js';
import { VirtualClock } from '../asynchronous/clock.js';
import { Lies } from '../asynchronous/lies.js';
import { Stopwatch } from '../stopwatch.js';
import type { Divergence, PreparedRun } from '../synchronous.js';
import { EVALUATION_BATCH } from '../worker.js';
import { Replicas } from './replicas.js';

/** So many pushes a worker without a step, and the run is given up: none of them is finite. */
const MOST_PUSHES_WITHOUT_STEP = 100;

/**
 * Downpour SGD (Dean et al. 2012) on the virtual clock: every worker trains a replica of its own, fetches the server's parameters before every n_fetch-th of its steps
 * and pushes the gradients that it has accrued after every n_push-th, both from its first step on. A round is a step of the server: a push, scaled by Adagrad. Nobody
 * protects the server. Yields each step's record; returns the divergence that ended it early, or nothing. Throws as `synchronous` does.
 */
export async function* downpour({ configuration, layout, arena, run }: PreparedRun): AsyncGenerator<RoundRecord, Divergence | undefined> {
  const { workers: n, seed, rounds, evaluateEvery } = configuration;
  const { setup, loop, d, rowStride } = layout;
  if (loop.mode !== 'downpour') throw new TypeError(`the run is planned for the mode ${loop.mode}`);
  const { regions } = setup;
  const settings = configuredDownpour(configuration);
  const { byzantine, honest, timing: attackTiming } = loop.lies;
  const clock = new VirtualClock(seed, n, settings, (worker) => (attackTiming?.kind === 'flood' && byzantine.includes(worker) ? attackTiming.factor : 1));
  const replicas = new Replicas(loop, settings, n, d, rowStride);
  const lies = new Lies(loop.lies, arena);
  const learningRateAt = compileLearningRate(configuration.learningRate);

  const [fetched, pending, begun] = [regions.fetched, regions.pending, regions.begun].map((region) => arena.view(region)) as [Uint32Array, Uint32Array, Uint32Array];
  const [losses, evaluations] = [arena.view(regions.losses), arena.view(regions.evaluations)];
  const samples = regions.testLabels.length;
  const parameters = regions.parameters.address;
  const gradient = (worker: number): Address => addressOf(regions.gradientMatrix, worker * rowStride);
  const single = { table: layout.parametersTable.address, n: 1, d };

  /** Of each worker: its last push, the loss of its last batch then, and how many pushes it has sent. */
  const delivered = new Array<Address | undefined>(n).fill(undefined);
  const deliveredLoss = new Array<number>(n).fill(Number.NaN);
  const sent = new Array<number>(n).fill(0);
  /** Workers whose gradient under way has been computed ahead. */
  const computed = new Set<number>();
  let version = 0;
  let since = emptyRecord();

  const begin = async (worker: number): Promise<void> => {
    if (replicas.fetches(worker)) {
      await run.perform(replicas.fetch(worker, parameters, version));
      since.fetches += 1;
    }
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
  const evaluate = async (round: number): Promise<{ accuracy: number; loss: number }> => {
    run.enter('evaluate', round);
    await run.host('evaluate', Math.ceil(samples / EVALUATION_BATCH));
    return evaluationOf(evaluations, samples);
  };

  fetched.set(Array.from({ length: n }, (_, worker) => replicas.parameters(worker)));
  for (let worker = 0; worker < n; worker++) await begin(worker);

  let watch = new Stopwatch();
  let seconds = { gradient: 0, craft: 0, aggregate: 0 };
  while (version < rounds) {
    const round = version;
    const event = clock.next();
    if (event === undefined) return { round, reason: `in round ${round}, nobody is left who sends anything: all workers have crashed or are silent`, evaluation: await evaluate(round) };
    const { worker } = event;
    if (event.kind === 'crash') {
      // What it was computing is lost, and so is the draw of its batch.
      begun[worker] = (begun[worker] as number) + 1;
      computed.delete(worker);
      since.crashed.push(worker);
      continue;
    }
    if (event.kind === 'recovery') {
      replicas.restart(worker);
      await begin(worker);
      continue;
    }
    if (lies.silent(worker, round)) continue;

    watch.lap();
    run.enter('gradient', round);
    if (!computed.has(worker)) await computeAhead(worker);
    computed.delete(worker);
    begun[worker] = (begun[worker] as number) + 1;
    const pushes = await run.perform(replicas.step(worker, gradient(worker)));
    seconds.gradient += watch.lap();
    if (!pushes) {
      await begin(worker);
      continue;
    }

    run.enter('craft', round);
    const own = replicas.push(worker);
    const attacked = lies.active(worker, round);
    const row = attacked ? await run.perform(lies.craft(worker, own, delivered, round, sent[worker] as number)) : own;
    const finite = await isFinite(row);
    delivered[worker] = own;
    deliveredLoss[worker] = losses[worker] as number;
    sent[worker] = (sent[worker] as number) + 1;
    since.arrivals.push(worker);
    since.attacked ||= attacked;
    seconds.craft += watch.lap();

    if (!finite) {
      since.rejected.push({ worker, reason: 'not finite' });
      await begin(worker);
      if (since.arrivals.length < MOST_PUSHES_WITHOUT_STEP * n) continue;
      return { round, reason: `in round ${round}, ${since.arrivals.length} pushes in a row made no step: none of them was finite`, evaluation: await evaluate(round) };
    }

    run.enter('update', round);
    const learningRate = duringRound(round, () => learningRateAt({ t: round, n, f: byzantine.length }));
    const staleness = round - replicas.version(worker);
    await run.perform(settings.optimizer === 'adagrad' ? adagrad(d, learningRate, loop.squares, row, parameters) : addScaled(d, -learningRate, row, parameters));
    version += 1;
    const divergedParameters = !(await isFinite(parameters));
    // It pushes first and fetches then, so it sees its own push.
    await begin(worker);
    seconds.aggregate += watch.lap();

    const due = (round + 1) % evaluateEvery === 0 || round === rounds - 1 || divergedParameters;
    const evaluation = due ? await evaluate(round) : undefined;
    const seen = honest.flatMap((one) => delivered[one] ?? []);
    // The forensics take longer than a gradient, so only an evaluated step has them.
    let measured: ReturnType<typeof forensicsOf> = NO_FORENSICS;
    if (due && !divergedParameters && seen.length > 0) {
      arena.view(layout.honestTable).set(seen);
      measured = forensicsOf(await run.perform(forensics(arena, { table: layout.honestTable.address, n: seen.length, d }, row, layout.forensics)), d);
    }
    const { attacked: anyAttacked, fetches, ...record } = since;
    yield {
      round,
      learningRate,
      trainLoss: meanOf(honest.map((one) => deliveredLoss[one] as number).filter((loss) => !Number.isNaN(loss))),
      ...evaluation,
      attacked: anyAttacked,
      removed: [],
      ...measured,
      asynchronous: { time: clock.now, ...record, used: [{ worker, staleness }], traffic: trafficOf(fetches, record.arrivals.length, d) },
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

/** What has come and gone since the last step. */
interface Since {
  readonly crashed: number[];
  readonly arrivals: number[];
  readonly rejected: AsynchronousRecord['rejected'][number][];
  fetches: number;
  attacked: boolean;
}

function emptyRecord(): Since {
  return { crashed: [], arrivals: [], rejected: [], fetches: 0, attacked: false };
}

/** Each fetch and each push carries d float32. */
function trafficOf(fetches: number, pushes: number, d: number): Traffic {
  return { fetches, pushes, fetchedBytes: 4 * d * fetches, pushedBytes: 4 * d * pushes };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
