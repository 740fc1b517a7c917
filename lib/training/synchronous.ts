import { NoAggregateError } from '../aggregators/errors.js';
import { forensics } from '../kernels/work.js';
import { addressOf, type Address } from '../memory/regions.js';
import { byzantineWeight, forensicsOf, NO_FORENSICS } from '../metrics/forensics.js';
import { mergeParameters } from '../registry/parameters.js';
import type { RoundRecord } from '../run/records.js';
import { compileLearningRate } from '../scenario/learning-rate.js';
import { MODES, type SynchronousParameters } from '../scenario/modes.js';
import { duringRound } from '../scenario/schedule.js';
import { slowest } from './asynchronous/clock.js';
import { attackerTraining } from './attacker.js';
import { backdoorSuccess, samplesOfWorkers } from './backdoor.js';
import { attackIsActive, craft } from './craft.js';
import { serverStep } from './optimizer.js';
import { areFinite, type Divergence, divergenceAfter, evaluateParameters, type Evaluation, isEvaluated, orNoAggregate, type PreparedRun } from './prepared-run.js';
import { serverAccess } from './server.js';
import { Stopwatch } from './stopwatch.js';
import { EVALUATION_BATCH } from './evaluation-batch.js';

/**
 * Synchronous training: every round each worker reports a row, the rule is applied once, the parameters move once. Yields each round's
 * record; returns the divergence that ended it early, or nothing. Throws a ThreadError when a thread is lost, a ScheduleError
 * when an expression gives something that can't be.
 */
export async function* synchronous(prepared: PreparedRun): AsyncGenerator<RoundRecord, Divergence | undefined> {
  const { configuration, layout, arena, run } = prepared;
  const { workers: n, seed, rounds, momentum } = configuration;
  const { setup, loop, d, rowStride } = layout;
  if (loop.mode !== 'synchronous') throw new TypeError(`the run is planned for the mode ${loop.mode}`);
  const { byzantine, honest } = layout.craft;
  const workers = Array.from({ length: n }, (_, worker) => worker);
  const row = (worker: number): Address => addressOf(setup.regions.gradientMatrix, worker * rowStride);
  const losses = arena.view(setup.regions.losses);
  const nonFinite = arena.view(setup.regions.nonFinite);
  const finite = (worker: number): boolean => nonFinite[worker] === 0;
  const server = { d, parameters: setup.regions.parameters.address, velocity: layout.velocity.address, aggregate: layout.aggregate.address };
  const learningRateAt = compileLearningRate(configuration.learningRate);

  const { backdoor } = setup;
  const labels = { trainLabels: arena.view(setup.regions.trainLabels), testLabels: arena.view(setup.regions.testLabels) };

  const evaluate = async (round: number): Promise<Evaluation & { backdoorSuccess?: number }> => {
    const benign = await evaluateParameters(prepared, round);
    if (backdoor === undefined) return benign;
    const [triggered = 0] = arena.view(backdoor.count);
    await run.host('answerTriggered', Math.ceil(triggered / EVALUATION_BATCH));
    return { ...benign, backdoorSuccess: backdoorSuccess(backdoor, arena, labels) };
  };
  const own = samplesOfWorkers(byzantine, arena.view(setup.regions.shardIndices), arena.view(setup.regions.shardOffsets));
  const chosen = backdoor === undefined ? new Uint32Array() : arena.view(backdoor.chosen);

  const { speed, slow = { count: 0, factor: 1 } } = mergeParameters(MODES.get('synchronous'), configuration.mode, { path: 'mode' }) as SynchronousParameters;
  let time = 0;

  for (let round = 0; round < rounds; round++) {
    const watch = new Stopwatch();
    if (speed !== undefined) time += slowest(seed, n, { speed, slow }, round);

    run.enter('gradient', round);
    await run.host('gradient', n);
    const gradient = watch.lap();

    run.enter('craft', round);
    const learningRate = duringRound(round, () => learningRateAt({ t: round, n, f: byzantine.length }));
    const access = layout.server && serverAccess(layout.server, arena, learningRate);
    const attacked = attackIsActive(layout.craft, round);
    const training = layout.attacker && attackerTraining(layout.attacker, arena, { learningRate, parameters: server.parameters, own, chosen, seed, round });
    const reported = attacked ? await run.perform(craft(layout.craft, arena, { row, finite, server: access, training }, round)) : undefined;
    const rows = workers.map((worker) => reported?.get(worker) ?? row(worker));
    const known = workers.map((worker) => reported?.has(worker) !== true && finite(worker));
    const crafted = watch.lap();

    run.enter('aggregate', round);
    const outcome = await orNoAggregate(run.perform(loop.pipeline.run({ arena, rows, workers, finite: known, output: server.aggregate, server: access, seed, round })));
    const aggregate = watch.lap();
    const removed = outcome instanceof NoAggregateError ? outcome.workers : outcome.removed;
    // A removed row's loss says as little as the row.
    const measured = honest.filter((worker) => !removed.includes(worker));
    const trainLoss = measured.reduce((sum, worker) => sum + (losses[worker] as number), 0) / measured.length;
    if (outcome instanceof NoAggregateError) {
      // Nothing to step with: the round is recorded, the parameters stay as they were, and are evaluated as they are.
      const evaluation = await evaluate(round);
      yield {
        round, learningRate, trainLoss, ...evaluation, attacked, removed, ...NO_FORENSICS,
        seconds: { gradient, craft: crafted, aggregate, evaluate: watch.lap() },
      };
      return { round, reason: `in round ${round}, ${outcome.message}` };
    }
    const { weights } = outcome;

    run.enter('update', round);
    arena.view(layout.honestTable).set(measured.map(row));
    const honestRows = { table: layout.honestTable.address, n: measured.length, d };
    const sums = await run.perform(forensics(arena, honestRows, server.aggregate, layout.forensics));
    await run.perform(serverStep(server, momentum, learningRate));
    const finiteParameters = await areFinite(prepared, server.parameters);
    const updated = watch.lap();

    const divergedLoss = measured.length > 0 && !Number.isFinite(trainLoss);
    const due = isEvaluated(round, configuration) || !finiteParameters || divergedLoss;
    const evaluation = due ? await evaluate(round) : undefined;
    yield {
      round,
      learningRate,
      trainLoss,
      ...evaluation,
      attacked,
      removed,
      ...(weights === undefined ? {} : { weights: Array.from(weights), byzantineWeight: byzantineWeight(weights, byzantine) }),
      ...forensicsOf(sums, d),
      ...(speed === undefined ? {} : { asynchronous: { time, arrivals: workers, rejected: [], used: workers.filter((worker) => !removed.includes(worker)).map((worker) => ({ worker, staleness: 0 })) } }),
      seconds: { gradient, craft: crafted, aggregate: aggregate + updated, evaluate: watch.lap() },
    };
    if (finiteParameters && divergedLoss) return { round, reason: `the training loss is not finite in round ${round}` };
    const divergence = divergenceAfter(round, finiteParameters, evaluation);
    if (divergence !== undefined) return divergence;
  }
  return undefined;
}
