import { adagrad, addScaled } from '../../kernels/work.js';
import { NO_FORENSICS } from '../../metrics/forensics.js';
import type { AsynchronousRecord, RoundRecord, Traffic } from '../../run/records.js';
import { configuredDownpour } from '../../scenario/downpour.js';
import { compileLearningRate } from '../../scenario/learning-rate.js';
import { duringRound } from '../../scenario/schedule.js';
import { GradientsAhead } from '../asynchronous/ahead.js';
import { VirtualClock } from '../asynchronous/clock.js';
import { Deliveries } from '../asynchronous/deliveries.js';
import { NOBODY_SENDS } from '../asynchronous/source.js';
import { areFinite, type Divergence, divergenceAfter, evaluateParameters, isEvaluated, type PreparedRun } from '../prepared-run.js';
import { Stopwatch } from '../stopwatch.js';
import { Replicas } from './replicas.js';

/** So many pushes a worker without a step, and the run is given up: none of them is finite. */
const MOST_PUSHES_WITHOUT_STEP = 100;

/**
 * Downpour SGD (Dean et al. 2012) on the virtual clock: every worker trains a replica of its own, fetches the server's parameters before every n_fetch-th of its steps
 * and pushes the gradients that it has accrued after every n_push-th, both from its first step on. A round is a step of the server: a push, scaled by Adagrad. Nobody
 * protects the server. Yields each step's record; returns the divergence that ended it early, or nothing. Throws as `synchronous` does.
 */
export async function* downpour(prepared: PreparedRun): AsyncGenerator<RoundRecord, Divergence | undefined> {
  const { configuration, layout, run } = prepared;
  const { workers: n, seed, rounds } = configuration;
  const { setup, loop, d, rowStride } = layout;
  if (loop.mode !== 'downpour') throw new TypeError(`the run is planned for the mode ${loop.mode}`);
  const parameters = setup.regions.parameters.address;
  const settings = configuredDownpour(configuration);
  const { byzantine, timing: attackTiming } = loop.lies;
  const clock = new VirtualClock(seed, n, settings, (worker) => (attackTiming?.kind === 'flood' && byzantine.includes(worker) ? attackTiming.factor : 1));
  const replicas = new Replicas(loop, settings, n, d, rowStride);
  const ahead = new GradientsAhead(prepared);
  const deliveries = new Deliveries(prepared, loop.lies);
  const learningRateAt = compileLearningRate(configuration.learningRate);

  /** How many gradients each worker has begun before the one under way. */
  const begun = new Array<number>(n).fill(0);
  let version = 0;
  let since = emptyRecord();

  const begin = async (worker: number): Promise<void> => {
    if (replicas.fetches(worker)) {
      await run.perform(replicas.fetch(worker, parameters, version));
      since.fetches += 1;
    }
    ahead.begin(worker, begun[worker] as number, replicas.parameters(worker));
    clock.begin(worker, begun[worker] as number);
  };

  for (let worker = 0; worker < n; worker++) await begin(worker);

  let watch = new Stopwatch();
  let seconds = { gradient: 0, craft: 0, aggregate: 0 };
  while (version < rounds) {
    const round = version;
    const event = clock.next();
    if (event === undefined) return { round, reason: `in round ${round}, ${NOBODY_SENDS}`, evaluation: await evaluateParameters(prepared, round) };
    const { worker } = event;
    if (event.kind === 'crash') {
      // What it was computing is lost, and so is the draw of its batch.
      begun[worker] = (begun[worker] as number) + 1;
      since.crashed.push(worker);
      continue;
    }
    if (event.kind === 'recovery') {
      replicas.restart(worker);
      await begin(worker);
      continue;
    }
    if (deliveries.isSilent(worker, round)) continue;

    watch.lap();
    run.enter('gradient', round);
    const gradient = await ahead.deliver(worker, clock.computing(), round);
    begun[worker] = (begun[worker] as number) + 1;
    const pushes = await run.perform(replicas.step(worker, gradient.row));
    seconds.gradient += watch.lap();
    if (!pushes) {
      await begin(worker);
      continue;
    }

    run.enter('craft', round);
    const { row, finite, attacked } = await deliveries.send(worker, { row: replicas.push(worker), loss: gradient.loss }, round);
    since.arrivals.push(worker);
    since.attacked ||= attacked;
    seconds.craft += watch.lap();

    if (!finite) {
      since.rejected.push({ worker, reason: 'not finite' });
      await begin(worker);
      if (since.arrivals.length < MOST_PUSHES_WITHOUT_STEP * n) continue;
      const reason = `in round ${round}, ${since.arrivals.length} pushes in a row made no step: none of them was finite`;
      return { round, reason, evaluation: await evaluateParameters(prepared, round) };
    }

    run.enter('update', round);
    const learningRate = duringRound(round, () => learningRateAt({ t: round, n, f: byzantine.length }));
    const staleness = round - replicas.version(worker);
    await run.perform(settings.optimizer === 'adagrad' ? adagrad(d, learningRate, loop.squares, row, parameters) : addScaled(d, -learningRate, row, parameters));
    version += 1;
    const finiteParameters = await areFinite(prepared, parameters);
    // It pushes first and fetches then, so it sees its own push.
    await begin(worker);
    seconds.aggregate += watch.lap();

    const evaluation = isEvaluated(round, configuration) || !finiteParameters ? await evaluateParameters(prepared, round) : undefined;
    // The forensics take longer than a gradient, so only an evaluated step has them.
    const measured = evaluation === undefined || !finiteParameters ? NO_FORENSICS : await deliveries.forensics(row);
    const { attacked: anyAttacked, fetches, ...record } = since;
    yield {
      round,
      learningRate,
      trainLoss: deliveries.trainLoss(),
      ...evaluation,
      attacked: anyAttacked,
      removed: [],
      ...measured,
      asynchronous: { time: clock.now, ...record, used: [{ worker, staleness }], traffic: trafficOf(fetches, record.arrivals.length, d) },
      seconds: { ...seconds, evaluate: watch.lap() },
    };
    const divergence = divergenceAfter(round, finiteParameters, evaluation);
    if (divergence !== undefined) return divergence;
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
