import type { z } from 'zod';
import type { Shape } from '../aggregators/aggregator.js';
import type { Properties } from '../aggregators/properties.js';
import type { Stream } from '../data/random.js';
import type { Work } from '../kernels/task.js';
import type { Arena } from '../memory/arena.js';
import type { Address, RegionRequests, Regions } from '../memory/regions.js';

/** What a pre-aggregator is given to work on. */
export interface PreaggregatorInput<Parameters, Requests extends RegionRequests> extends Shape {
  /** The row table of the rows that come in: n uint32 addresses. With n and d it makes the input itself a `RowTable`. */
  readonly table: Address;
  readonly rows: readonly Address[];
  /** Which worker each row belongs to. */
  readonly workers: readonly number[];
  readonly parameters: Parameters;
  /** The regions that it asked for in `memory`. What they hold at first is undefined. */
  readonly memory: Regions<Requests>;
  /** Where the rows that go out are written: as many as `rowsOut` says, all apart from the rows that come in. */
  readonly output: readonly Address[];
  /** The row table of the same. */
  readonly outputTable: Address;
  readonly arena: Arena;
  readonly seed: number;
  readonly round: number;
  /** A stream of its own, keyed by (seed, aggregator, place in the chain, round). */
  readonly random: Stream;
}

/**
 * One pre-aggregator: n rows of d float32 to fewer or mixed rows. A file exports one such object and the registry lists it.
 * It may change the number of rows; f stays what it is. It writes to rows of its own and only reads those that come in.
 */
export interface Preaggregator<Given extends object = object, Resolved extends object = object, Requests extends RegionRequests = RegionRequests> {
  readonly name: string;
  readonly formula: string;
  readonly source: string;
  /** The precondition in words and symbols, as `check` enforces it. */
  readonly precondition: string;
  /** What it costs, in n and d. */
  readonly cost: string;
  readonly parameters: z.ZodType<Given>;
  /** Published combinations of parameters by name; the first is the default. */
  readonly presets: Readonly<Record<string, Partial<Given>>>;
  /** Values for the parameters that it can't go without. */
  readonly example?: Given;
  /** What it claims of itself with these parameters; lib/conformance holds it to that. */
  properties(given: Given): Properties;
  /** True when a row that goes out holds parts of several: then no worker has a weight of its own in what the rule makes of it. */
  readonly mixes: boolean;
  /** True when a row that goes out speaks for no worker: `preaggregate` returns undefined. */
  readonly anonymous?: boolean;
  /** Every parameter as a number, defaults that depend on n and f included. */
  resolve(given: Given, shape: Shape): Resolved;
  /** The precondition that (n, f, d) or the parameters break, with the figures and its source; undefined when none. */
  check(shape: Shape, parameters: Resolved): string | undefined;
  /** The part of `check` that `allowUnsafe` can't lift, because nothing is left to compute; undefined when something is. */
  impossible?(shape: Shape, parameters: Resolved): string | undefined;
  /** How many rows go out. At least 1, and no more when rows are removed. */
  rowsOut(shape: Shape, parameters: Resolved): number;
  /** The scratch it needs. Must not grow when rows are removed. */
  memory(shape: Shape, parameters: Resolved): Requests;
  /**
   * Writes the rows that go out. Returns, for each of them, the number of the incoming row whose worker it still speaks for (rules
   * with a memory go by it), or undefined when they speak for no worker any more.
   */
  preaggregate(input: PreaggregatorInput<Resolved, Requests>): Work<readonly number[] | undefined>;
}
