import type { z } from 'zod';
import type { Stream } from '../data/random.js';
import type { Work } from '../kernels/task.js';
import type { Arena } from '../memory/arena.js';
import type { Address, RegionRequests, Regions } from '../memory/regions.js';
import type { RuleProperties } from './properties.js';
import type { ServerAccess, ServerNeed } from './server-access.js';

/** The sizes that preconditions and defaults speak of. */
export interface Shape {
  /** Rows that reach the rule. */
  readonly n: number;
  /** How many of them it has to tolerate. */
  readonly f: number;
  /** Coordinates of a row. */
  readonly d: number;
  /** Rows dropped before as not finite. They count as the farthest ones: n and f are already without them. */
  readonly removed: number;
}

/** What a rule is given to work on. */
export interface RuleInput<Parameters, Requests extends RegionRequests, State extends RegionRequests = RegionRequests> extends Shape {
  /** The row table: n uint32 addresses of the rows. Rows are only read. With n and d it makes the input itself a `RowTable`. */
  readonly table: Address;
  /** The rows' addresses, as the table has them. */
  readonly rows: readonly Address[];
  /** Which worker each row belongs to; the rows' own numbers when a pre-aggregator mixed the workers. */
  readonly workers: readonly number[];
  readonly parameters: Parameters;
  /** The regions that the rule asked for in `memory`. What they hold at first is undefined. */
  readonly memory: Regions<Requests>;
  /** The regions that the rule asked for in `state`: as it left them in the round before, zero before the first. */
  readonly state: Regions<State>;
  /** There when the rule declares that it `needs` it. */
  readonly server: ServerAccess | undefined;
  /** Where the result goes: d float32. Never one of the rows. */
  readonly output: Address;
  readonly arena: Arena;
  readonly seed: number;
  readonly round: number;
  /** A stream of its own, keyed by (seed, aggregator, round). */
  readonly random: Stream;
}

/**
 * One aggregation rule: n rows of d float32 to one row. A file exports one such object and the registry lists it.
 *
 * `Given` are the parameters as a user may write them, all optional; `Resolved` what `resolve` makes of them for a shape.
 */
export interface Aggregator<
  Given extends object = object,
  Resolved extends object = object,
  Requests extends RegionRequests = RegionRequests,
  State extends RegionRequests = RegionRequests,
> {
  readonly name: string;
  readonly formula: string;
  readonly source: string;
  /** The precondition in words and symbols, as `check` enforces it. */
  readonly precondition: string;
  /** What it costs, in n and d. */
  readonly cost: string;
  /** What it needs of a server with samples of its own; nothing unless given. The run's memory, its checks and the catalogue follow from it. */
  readonly needs?: ServerNeed;
  /** What a user may write beside the name; unknown keys are refused. */
  readonly parameters: z.ZodType<Given>;
  /** Published combinations of parameters by name; the first is the default. */
  readonly presets: Readonly<Record<string, Partial<Given>>>;
  /** Whose rule a preset computes, by the preset's name. */
  readonly reproduces?: Readonly<Record<string, string>>;
  /** Values for the parameters that it can't go without. */
  readonly example?: Given;
  /** What it claims of itself with these parameters; lib/conformance holds it to that. */
  properties(given: Given): RuleProperties;
  /** Every parameter as a number, defaults that depend on n and f included. */
  resolve(given: Given, shape: Shape): Resolved;
  /** The precondition that (n, f, d) or the parameters break, with the figures and its source; undefined when none. */
  check(shape: Shape, parameters: Resolved): string | undefined;
  /** The part of `check` that `allowUnsafe` can't lift, because nothing is left to compute; undefined when something is. */
  impossible?(shape: Shape, parameters: Resolved): string | undefined;
  /** The worker whose row it takes for honest, for a rule that is only as good as that one is. */
  trusts?(parameters: Resolved): number;
  /** The limit on (standard deviation / norm) of the honest rows under which the source proves the rule; undefined outside the precondition. */
  bound?(shape: Shape, parameters: Resolved): number | undefined;
  /** That limit as a formula, and where it is proven. */
  readonly boundSource?: string;
  /**
   * κ, where it is proven for these parameters: ‖F − μ‖² ≤ κ · (1/(n−f)) Σ ‖x_i − μ‖² for any n − f rows x_i with mean μ, whatever the
   * other f are ((f, κ)-robustness, Allouah et al. 2023). Undefined outside the precondition.
   */
  robustness?(shape: Shape, parameters: Resolved): number | undefined;
  /** κ as a formula, and where it is proven. */
  readonly robustnessSource?: string;
  /** The scratch it needs. Must not grow when rows are removed. */
  memory(shape: Shape, parameters: Resolved): Requests;
  /** What it keeps from round to round; a checkpoint carries it. Must not grow when rows are removed. */
  state?(shape: Shape, parameters: Resolved): State;
  /**
   * Writes the aggregate to `output`. Returns each row's weight in it (a selected row of m counts 1/m, an ignored one 0)
   * where that is defined: by row, not by coordinate.
   */
  aggregate(input: RuleInput<Resolved, Requests, State>): Work<Float64Array | undefined>;
}
