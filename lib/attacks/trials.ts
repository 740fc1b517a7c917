import type { Aggregator } from '../aggregators/aggregator.js';
import { NoAggregateError, PreconditionError } from '../aggregators/errors.js';
import type { ServerAccess } from '../aggregators/server-access.js';
import type { Work } from '../kernels/task.js';
import type { Arena, ArenaPlan } from '../memory/arena.js';
import type { Address, Region } from '../memory/regions.js';
import { type Pipeline, type PipelineSpecification, planPipeline } from '../pipeline/pipeline.js';
import type { Preaggregator } from '../preaggregators/preaggregator.js';
import type { PipelineNeed } from './attack.js';

/** What became of a row that all Byzantine workers would report. */
export interface Trial {
  /** What their rows count for together; undefined where that is not defined. */
  readonly weight: number | undefined;
  /** Were they dropped, because the row holds NaN or ±Inf? */
  readonly removed: boolean;
}

/** The defender's pipeline as an attack may try it in one round, as often as it likes: no trial leaves a trace. */
export interface PipelineTrials {
  /**
   * `output` (d float32, none of the rows) = what the pipeline makes of the honest workers' rows and, in every Byzantine worker's place,
   * the candidate. Seed, round and the order of the workers are the real ones. Undefined, and nothing written, when the rule has no
   * aggregate: more rows are not finite than it tolerates, say.
   */
  run(candidate: Address, output: Address): Work<Trial | undefined>;
}

/** The regions that the rule keeps from round to round. */
type State = Readonly<Record<string, Region>>;

/** The round whose pipeline is tried. */
export interface TrialRound {
  readonly arena: Arena;
  /** Every worker's row; the Byzantine workers' are not looked at. */
  readonly rows: readonly Address[];
  /** Which of them are known to be finite. */
  readonly finite?: readonly boolean[];
  readonly byzantine: readonly number[];
  /** Where the defender's rule keeps its state. Without it, the rule is tried as in its first round. */
  readonly state?: State;
  /** What rules that go by data at the server ask; absent when it has none. */
  readonly server?: ServerAccess | undefined;
  readonly seed: number;
  readonly round: number;
}

/**
 * Plans a second pipeline for trials, with memory and state of its own, as `owner/…`: so the defender's are never written. Throws as
 * `planPipeline` does.
 */
export function planTrials(plan: ArenaPlan, owner: string, specification: PipelineSpecification, n: number, d: number): (round: TrialRound) => PipelineTrials {
  const pipeline = planPipeline(plan, owner, specification, n, d);
  return (round) => trialsOf(pipeline, round);
}

function trialsOf(pipeline: Pipeline, { arena, rows, finite = [], byzantine, state, server, seed, round }: TrialRound): PipelineTrials {
  const corrupted = new Set(byzantine);
  const workers = Array.from(rows.keys());
  const known = workers.map((worker) => finite[worker] === true && !corrupted.has(worker));
  return {
    *run(candidate, output) {
      restoreState(arena, state, pipeline.state);
      const tried = rows.map((row, worker) => (corrupted.has(worker) ? candidate : row));
      const result = yield* orUndefined(pipeline.run({ arena, rows: tried, workers, finite: known, output, server, seed, round }));
      if (result === undefined) return undefined;
      const { weights, removed } = result;
      return {
        weight: weights && byzantine.reduce((sum, worker) => sum + (weights[worker] as number), 0),
        removed: removed.some((worker) => corrupted.has(worker)),
      };
    },
  };
}

/** The trial's rule starts from what the defender's will start from. */
function restoreState(arena: Arena, from: State | undefined, to: State): void {
  for (const [name, region] of Object.entries(to)) {
    const defender = from?.[name];
    if (defender === undefined) arena.view(region).fill(0);
    else arena.view(region).set(arena.view(defender));
  }
}

/** The result, or undefined where the run would end as diverged. */
function* orUndefined<Result>(work: Work<Result>): Work<Result | undefined> {
  try {
    return yield* work;
  } catch (error) {
    if (error instanceof NoAggregateError) return undefined;
    throw error;
  }
}

/** The trials that an attack can't do without. Throws a PreconditionError that says how to give them. */
export function trialsFor(attack: string, { pipeline }: { readonly pipeline?: PipelineTrials | undefined }): PipelineTrials {
  if (pipeline !== undefined) return pipeline;
  throw new PreconditionError(`${attack} searches against pre-aggregators and rule, and was given none: craft needs the option pipeline, { preaggregators, aggregator }`);
}

/** Why an attack that goes by what rows count for can't be made against a pipeline; undefined when it can, as far as is known. */
export function withoutWeights(attack: string, need: PipelineNeed | undefined, chain: readonly Preaggregator[], rule: Aggregator): string | undefined {
  if (need !== 'weights') return undefined;
  const mixes = chain.find((preaggregator) => preaggregator.mixes);
  const reason = mixes === undefined ? rule.properties({}).weights === 'none' && `${rule.name} works by coordinate` : `${mixes.name} mixes the rows`;
  return reason === false ? undefined : unweighed(attack, reason);
}

/** What is said when no row has a weight. */
export function unweighed(attack: string, reason: string): string {
  return `${attack} looks for the farthest row that still has weight, and here no row has one: ${reason}; give gamma, or take a rule that chooses rows`;
}
