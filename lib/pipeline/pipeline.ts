import type { Aggregator } from '../aggregators/aggregator.js';
import { NoAggregateError } from '../aggregators/errors.js';
import { AGGREGATORS } from '../aggregators/registry.js';
import type { ServerAccess, ServerNeed } from '../aggregators/server-access.js';
import { Stream } from '../data/random.js';
import type { Work } from '../kernels/task.js';
import type { Arena, ArenaPlan } from '../memory/arena.js';
import type { Address, Region, RegionRequests, Regions } from '../memory/regions.js';
import { type Chain, planChain, type ResolvedPreaggregator } from '../preaggregators/chain.js';
import type { Preaggregator } from '../preaggregators/preaggregator.js';
import { PREAGGREGATORS } from '../preaggregators/registry.js';
import { refuseBroken, type Stage, stageOf } from '../preaggregators/stages.js';
import type { Named } from '../registry/parameters.js';
import type { Registry } from '../registry/registry.js';

export { NoAggregateError, NonFiniteRowsError, PreconditionError } from '../aggregators/errors.js';

export interface PipelineSpecification {
  readonly preaggregators: readonly Named[];
  /** `f` is what the rule is told to tolerate. */
  readonly aggregator: Named & { readonly f: number };
  /** Runs a rule outside its precondition, where that leaves something to compute. */
  readonly allowUnsafe: boolean;
}

export interface PipelineInput {
  readonly arena: Arena;
  /** n rows of d float32. They are only read. */
  readonly rows: readonly Address[];
  /** Which worker each row belongs to. */
  readonly workers: readonly number[];
  /** Which of the rows are known to be finite; the others are searched. None by default. */
  readonly finite?: readonly boolean[] | undefined;
  /** d float32; none of the rows. */
  readonly output: Address;
  /** For a rule that needs one (`Pipeline.needs`). */
  readonly server?: ServerAccess | undefined;
  readonly seed: number;
  readonly round: number;
}

export interface PipelineResult {
  /** What each of the n rows counted for, 0 for a removed one. Undefined where that is not defined: by coordinate, or over mixed rows. */
  readonly weights: Float64Array | undefined;
  /** The workers whose rows were dropped because they hold NaN or ±Inf. */
  readonly removed: readonly number[];
}

/** The numbers behind names and defaults, for the manifest: those of a round in which no row is removed. */
export interface ResolvedPipeline extends Readonly<Record<string, unknown>> {
  readonly preaggregators: readonly ResolvedPreaggregator[];
  readonly aggregator: { readonly name: string; readonly n: number; readonly f: number; readonly parameters: object; readonly needs?: ServerNeed };
  /** The worker whose row the rule takes for honest, where there is one. */
  readonly trustedWorker: number | undefined;
  /** The limit on (standard deviation / norm) of the honest rows that the rule's source proves, where it does. */
  readonly bound: number | undefined;
  /** The preconditions that break and run all the same, because `allowUnsafe` says so. */
  readonly unsafe: readonly string[];
}

/** Where names are looked up. */
export interface PipelineRegistries {
  readonly aggregators: Registry<Aggregator>;
  readonly preaggregators: Registry<Preaggregator>;
}

/**
 * Plans the chain "drop rows that are not finite → pre-aggregators → rule" for n rows of d float32 and adds its regions to the
 * plan as `owner/…`. Throws a ParameterError for unknown names, presets and parameters, a PreconditionError for a precondition that
 * breaks unless `allowUnsafe`, a RangeError when f is no whole number from 0 to n.
 */
export function planPipeline(
  plan: ArenaPlan, owner: string, specification: PipelineSpecification, n: number, d: number,
  registries: PipelineRegistries = { aggregators: AGGREGATORS, preaggregators: PREAGGREGATORS },
): Pipeline {
  const { aggregator: named, preaggregators, allowUnsafe } = specification;
  const { f } = named;
  if (!Number.isInteger(f) || f < 0 || f > n) throw new RangeError(`f has to be a whole number from 0 to n = ${n}, and is ${f}`);
  const chain = planChain(plan, owner, { preaggregators, f, allowUnsafe }, n, d, registries.preaggregators);
  const stage = stageOf(registries.aggregators, named, chain.shape, ['f']);
  refuseBroken(stage, allowUnsafe);
  const { rule, parameters } = stage;
  return new Pipeline({
    n,
    chain,
    stage,
    memory: plan.addAll(`${owner}/${rule.name}`, rule.memory(chain.shape, parameters)),
    state: plan.addAll(`${owner}/${rule.name}/state`, rule.state?.(chain.shape, parameters) ?? {}),
  });
}

interface Planned {
  readonly n: number;
  readonly chain: Chain;
  readonly stage: Stage<Aggregator>;
  readonly memory: Regions<RegionRequests>;
  readonly state: Regions<RegionRequests>;
}

/** A planned chain with its rule at the end; made by `planPipeline`. Holds no memory: its regions are wherever the plan put them. */
export class Pipeline {
  readonly #planned: Planned;

  constructor(planned: Planned) {
    this.#planned = planned;
  }

  /**
   * Aggregates n rows. b ≤ f rows that hold NaN or ±Inf are dropped, and the chain goes on with (n − b, f − b).
   * Throws a NonFiniteRowsError when there are more, a NoAggregateError when the rule finds none, a RangeError when the number of rows is not n.
   */
  *run(input: PipelineInput): Work<PipelineResult> {
    const { n, chain, stage: { rule, given }, memory, state } = this.#planned;
    const { arena, output, server, seed, round } = input;
    const rows = yield* chain.run(input);
    const parameters = rule.resolve(given, rows);
    const random = new Stream(seed, 'aggregator', 0, round);
    const weights = yield* knowingRemoved(rows.removedWorkers, rule.aggregate({ ...rows, parameters, memory, state, server, output, arena, seed, round, random }));
    return { weights: overAllRows(n, weights, rows.origins), removed: rows.removedWorkers };
  }

  /** What every name and default comes to when no row is removed. */
  resolved(): ResolvedPipeline {
    const { chain, stage: { rule, parameters, broken, shape } } = this.#planned;
    const { n, f } = shape;
    return {
      preaggregators: chain.resolved(),
      aggregator: { name: rule.name, n, f, parameters, ...(rule.needs === undefined ? {} : { needs: rule.needs }) },
      trustedWorker: chain.anonymous ? undefined : rule.trusts?.(parameters),
      bound: rule.bound?.(shape, parameters),
      unsafe: [...chain.unsafe, ...(broken === undefined ? [] : [broken])],
    };
  }

  /** What the rule needs of a server with samples of its own. */
  get needs(): ServerNeed | undefined {
    return this.#planned.stage.rule.needs;
  }

  /** The regions that a rule with a memory keeps from round to round. A new run starts with zeros in them. */
  get state(): Readonly<Record<string, Region>> {
    return this.#planned.state;
  }
}

/** The rule's work; its error knows nothing of rows that were dropped before. */
function* knowingRemoved<Result>(removedWorkers: readonly number[], work: Work<Result>): Work<Result> {
  try {
    return yield* work;
  } catch (error) {
    throw error instanceof NoAggregateError ? new NoAggregateError(error.message, removedWorkers) : error;
  }
}

function overAllRows(n: number, weights: Float64Array | undefined, origins: readonly number[] | undefined): Float64Array | undefined {
  if (weights === undefined || origins === undefined) return undefined;
  const all = new Float64Array(n);
  for (const [row, origin] of origins.entries()) all[origin] = weights[row] as number;
  return all;
}
