import type { z } from 'zod';
import type { Stream } from '../data/random.js';
import type { Work } from '../kernels/task.js';
import type { Arena } from '../memory/arena.js';
import type { Address, RegionRequests, Regions } from '../memory/regions.js';
import type { Knowledge } from '../registry/knowledge.js';
import type { AttackerTraining, TrainingNeed } from './attacker-training.js';
import type { Backdoor, ImageShape } from './backdoor.js';
import type { Timing } from './timing.js';
import type { PipelineTrials } from './trials.js';

export interface AttackShape {
  /** All workers. */
  readonly n: number;
  /** Byzantine ones. */
  readonly f: number;
  readonly d: number;
}

export interface AttackInput<Resolved, Requests extends RegionRequests, State extends RegionRequests = RegionRequests> extends AttackShape {
  /** The row table of what the knowledge lets it see, and nothing else. */
  readonly table: Address;
  readonly rows: readonly Address[];
  readonly parameters: Resolved;
  readonly memory: Regions<Requests>;
  /** The regions that the attack asked for in `state`: as it left them in its round before, zero before its first. */
  readonly state: Regions<State>;
  /** What the configured pre-aggregators and rule would make of a row; there when `needsPipeline` says so. */
  readonly pipeline?: PipelineTrials | undefined;
  /** The corrupted workers' data and the model; there when `training` says so. */
  readonly training?: AttackerTraining | undefined;
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

/** What all attacks say of themselves. `Given` are the parameters as a user may write them, `Resolved` what `resolve` makes of them. */
interface AttackDescription<Given extends object, Resolved extends object> {
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
  /** Parameters that mean nothing beside what the others are, each with the reason: `with …: it belongs to …`. Given, they are refused; a preset may bring them. */
  meaningless?(parameters: Given): Readonly<Record<string, string>>;
  /** Every parameter as a number. Throws a ParameterError for an expression that was not evaluated. */
  resolve(given: Given, shape: AttackShape): Resolved;
  /** What makes it impossible for this shape, in words; undefined when nothing. `allowUnsafe` can't lift it. */
  check(shape: AttackShape, parameters: Resolved): string | undefined;
  /** True when `check` says what a user's module says: that, `allowUnsafe` can lift. */
  readonly checkedByUser?: boolean;
  /** What a user should know although it runs: a negative z, a deviation of 0. */
  warn(shape: AttackShape, parameters: Resolved): string | undefined;
  /** What it wants the model to answer to certain images; absent when it wants nothing but harm. Throws a PreconditionError when that doesn't fit the data set. */
  backdoor?(parameters: Resolved, shape: ImageShape): Backdoor;
  /** What tests give it, where its defaults would take long. */
  readonly example?: Given;
}

/** What an attack has to learn of the configured pre-aggregators and rule: their output alone, or also what each row counts for in it. */
export type PipelineNeed = 'output' | 'weights';

/** One attack: what a Byzantine worker reports in place of its row. A file exports one such object and the registry lists it. */
export interface Attack<
  Given extends object = object,
  Resolved extends object = object,
  Requests extends RegionRequests = RegionRequests,
  State extends RegionRequests = RegionRequests,
> extends AttackDescription<Given, Resolved> {
  knowledge(parameters: Resolved): Knowledge;
  /** True when all Byzantine workers report the same row: it is crafted once. */
  shared(parameters: Resolved): boolean;
  /** Whether it runs the configured pre-aggregators and rule itself, and what for; absent or undefined when it doesn't. */
  needsPipeline?(parameters: Resolved): PipelineNeed | undefined;
  /** What it needs to train a model of its own on the corrupted workers' data; absent when it doesn't. */
  training?(parameters: Resolved): TrainingNeed;
  /** What it does to when rows are sent: for the mode `asynchronous` alone. */
  timing?(parameters: Resolved): Timing;
  memory(shape: AttackShape, parameters: Resolved): Requests;
  /** What it keeps from round to round; a checkpoint carries it. */
  state?(shape: AttackShape, parameters: Resolved): State;
  /** What the rows of all Byzantine workers have in common when they are not `shared`: done once a round, and left in `memory`. */
  prepare?(input: AttackInput<Resolved, Requests, State>): Work;
  craft(input: AttackInput<Resolved, Requests, State>): Work;
}

/** What a Byzantine worker learns from in place of its samples. Plain data, which the threads are handed. */
export interface Poison {
  /** Label y is taken for labels[y]. */
  readonly labels: readonly number[];
  /** The share of each batch, its first samples, in which the attack's backdoor is planted: triggered, with the label that it is to get. */
  readonly planted?: number;
}

/** An attack on the corrupted workers' data: each reports its own row, computed as an honest worker would, from poisoned samples. */
export interface DataAttack<Given extends object = object, Resolved extends object = object> extends AttackDescription<Given, Resolved> {
  /** Throws a PreconditionError when the parameters don't fit a data set of so many classes. */
  poison(parameters: Resolved, classes: number): Poison;
}

export type AnyAttack = Attack | DataAttack;

/** Does it act on the corrupted workers' data, and not on what they report? */
export function actsOnData(attack: AnyAttack): attack is DataAttack {
  return 'poison' in attack;
}
