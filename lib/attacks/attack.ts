import type { z } from 'zod';
import type { Work } from '../kernels/task.js';
import type { Arena } from '../memory/arena.js';
import type { Address, RegionRequests, Regions } from '../memory/regions.js';
import type { Stream } from '../data/random.js';
import type { Timing } from './timing.js';

/**
 * What an attack sees, and so what it is handed: `own` one corrupted worker's honest row; `colluding` all corrupted workers' own
 * honest rows; `omniscient` the honest workers' rows, the rule and the data.
 */
export type Knowledge = 'own' | 'colluding' | 'omniscient';

export interface AttackShape {
  /** All workers. */
  readonly n: number;
  /** Byzantine ones. */
  readonly f: number;
  readonly d: number;
}

export interface AttackInput<Resolved, Requests extends RegionRequests> extends AttackShape {
  /** The row table of what the knowledge lets it see, and nothing else. */
  readonly table: Address;
  readonly rows: readonly Address[];
  readonly parameters: Resolved;
  readonly memory: Regions<Requests>;
  /** Where the Byzantine row goes: d float32. Never one of `rows`. */
  readonly output: Address;
  /** The worker that lies; when `shared`, the first of them. */
  readonly worker: number;
  readonly arena: Arena;
  /** A stream of its own, keyed by (seed, attack, worker, round). */
  readonly random: Stream;
  readonly round: number;
}

/** How many rows an attack is handed. */
export function rowsSeen(knowledge: Knowledge, { n, f }: AttackShape): number {
  return { own: 1, colluding: f, omniscient: n - f }[knowledge];
}

/** One attack: what a Byzantine worker reports in place of its row. A file exports one such object and the registry lists it. */
export interface Attack<Given extends object = object, Resolved extends object = object, Requests extends RegionRequests = RegionRequests> {
  readonly name: string;
  readonly formula: string;
  readonly source: string;
  /** What it needs, in words and symbols, as `check` enforces it. */
  readonly precondition: string;
  readonly parameters: z.ZodType<Given>;
  /** Published combinations of parameters by name; the first is the default. */
  readonly presets: Readonly<Record<string, Partial<Given>>>;
  /** Parameters that may be expressions over `t`, `n`, `f`; `given` carries their value of the round. Words that a schema lists are none. */
  readonly expressions: readonly string[];
  /** Every parameter as a number. Throws a ParameterError for an expression that was not evaluated. */
  resolve(given: Given, shape: AttackShape): Resolved;
  knowledge(parameters: Resolved): Knowledge;
  /** True when all Byzantine workers report the same row: it is crafted once. */
  shared(parameters: Resolved): boolean;
  /** What makes it impossible for this shape, in words; undefined when nothing. */
  check(shape: AttackShape, parameters: Resolved): string | undefined;
  /** What a user should know although it runs: a negative z, a deviation of 0. */
  warn(shape: AttackShape, parameters: Resolved): string | undefined;
  /** What it does to when rows are sent: for the mode `asynchronous` alone. */
  timing?(parameters: Resolved): Timing;
  memory(shape: AttackShape, parameters: Resolved): Requests;
  craft(input: AttackInput<Resolved, Requests>): Work;
}
