import { NoAggregateError } from '../aggregators/errors.js';
import { findNonFinite } from '../kernels/work.js';
import type { Arena } from '../memory/arena.js';
import type { Address } from '../memory/regions.js';
import { evaluationOf } from '../metrics/evaluation.js';
import type { RunConfiguration } from '../scenario/configuration.js';
import type { RunLayout } from './layout.js';
import type { PoolPhases } from './pool-phases.js';
import { EVALUATION_BATCH } from './evaluation-batch.js';

/** A run with its memory filled: parameters initialised, velocities zero, shards dealt. What follows is what every training loop does with it. */
export interface PreparedRun {
  readonly configuration: RunConfiguration;
  readonly layout: RunLayout;
  readonly arena: Arena;
  readonly run: PoolPhases;
}

/** The loss or the parameters are no longer finite, or nobody sends anything: how a run ends that has diverged. */
export interface Divergence {
  readonly round: number;
  readonly reason: string;
  /** Of the parameters as they were left, where no record of a round says it. */
  readonly evaluation?: Evaluation;
}

/** Test accuracy in [0, 1] and mean cross-entropy. */
export interface Evaluation {
  readonly accuracy: number;
  readonly loss: number;
}

/** Is it time to evaluate after this round, the last one included? */
export function isEvaluated(round: number, { evaluateEvery, rounds }: Pick<RunConfiguration, 'evaluateEvery' | 'rounds'>): boolean {
  return (round + 1) % evaluateEvery === 0 || round === rounds - 1;
}

/** Of the parameters that workers start from, over the whole test set. */
export async function evaluateParameters({ layout, arena, run }: PreparedRun, round: number): Promise<Evaluation> {
  const { evaluations, testLabels } = layout.setup.regions;
  run.enter('evaluate', round);
  await run.host('evaluate', Math.ceil(testLabels.length / EVALUATION_BATCH));
  return evaluationOf(arena.view(evaluations), testLabels.length);
}

/** Are all of d float32 finite? */
export async function areFinite({ layout, arena, run }: PreparedRun, vector: Address): Promise<boolean> {
  arena.view(layout.parametersTable).set([vector]);
  const found = await run.perform(findNonFinite(arena, { table: layout.parametersTable.address, n: 1, d: layout.d }, layout.flags));
  return found.length === 0;
}

/** Why training can't go on after this round; undefined when it can. */
export function divergenceAfter(round: number, finiteParameters: boolean, evaluation: Evaluation | undefined): Divergence | undefined {
  if (!finiteParameters) return { round, reason: `the parameters are not finite after round ${round}` };
  if (evaluation !== undefined && !Number.isFinite(evaluation.loss)) return { round, reason: `the test loss is not finite after round ${round}` };
  return undefined;
}

/** The result, or the error that means the run has diverged. */
export async function orNoAggregate<T>(result: Promise<T>): Promise<T | NoAggregateError> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof NoAggregateError) return error;
    throw error;
  }
}
