import type { z } from 'zod';
import type { ServerAccess, ServerNeed } from '../aggregators/server-access.js';
import type { Work } from '../kernels/task.js';
import type { Arena, ArenaPlan } from '../memory/arena.js';
import type { Address } from '../memory/regions.js';
import type { Pipeline } from '../pipeline/pipeline.js';

/** The sizes that preconditions and defaults speak of. */
export interface PolicyShape {
  /** All workers. */
  readonly n: number;
  /** How many of them the server has to tolerate. */
  readonly f: number;
  /** Coordinates of a row. */
  readonly d: number;
}

/** One row that a worker has sent. */
export interface Arrival {
  readonly worker: number;
  /** d float32, all finite. It stays as it is until the same worker's next arrival. */
  readonly row: Address;
  /** Which version of the parameters it was computed with; versions count the server's steps. */
  readonly version: number;
  /** Those parameters, d float32; only now. */
  readonly parameters: Address;
  /** The version of the server's parameters now. Their difference is the row's staleness. */
  readonly now: number;
  /** The server's own samples at the parameters that it has now; undefined when it has none. */
  readonly server?: ServerAccess | undefined;
}

/** What the server does with an arrival. */
export type Verdict =
  /** It is not used and never will be. */
  | { readonly kind: 'rejected'; readonly reason: string }
  /** It is kept for a later step. */
  | { readonly kind: 'kept' }
  /** The parameters move: θ ← θ − learning rate · factor · direction. */
  | {
      readonly kind: 'step';
      /** d float32, valid until the next arrival. */
      readonly direction: Address;
      readonly factor: number;
      /** The rows that made it: a row counts once for each time that it is used. */
      readonly used: readonly Used[];
      /** What each worker's row counted for, where that is defined. */
      readonly weights?: Float64Array | undefined;
      /** The workers whose rows the rule did not get, because they were no longer finite once damped. None by default. */
      readonly removed?: readonly number[] | undefined;
    };

export interface Used {
  readonly worker: number;
  readonly staleness: number;
}

/** What a policy is planned with. */
export interface PolicyContext<Resolved> extends PolicyShape {
  readonly parameters: Resolved;
  readonly seed: number;
  /** float32 from one row to the next. */
  readonly rowStride: number;
  /** Plans the configured pre-aggregators and rule for so many rows. */
  readonly pipeline: (owner: string, rows: number) => Pipeline;
  /** What a row of this staleness counts for. */
  readonly damping: (staleness: number) => number;
  /** False when every row counts for 1, however stale. */
  readonly damped: boolean;
}

/** A policy with its memory, for one run. */
export interface PlannedPolicy {
  /** To be called once, when the run's memory is there and zero. */
  open(arena: Arena): PolicyRun;
}

export interface PolicyRun {
  arrive(arrival: Arrival): Work<Verdict>;
}

/** Whether a finite row stays finite when it is multiplied by this: a damping may be any expression, and make a row greater than float32 goes. */
export function keepsFinite(factor: number): boolean {
  return Math.abs(factor) <= 1;
}

/** How an asynchronous server turns arrivals into steps. A file exports one such object and the registry lists it. */
export interface Policy<Given extends object = object, Resolved extends object = object> {
  readonly name: string;
  readonly formula: string;
  readonly source: string;
  readonly precondition: string;
  readonly parameters: z.ZodType<Given>;
  readonly presets: Readonly<Record<string, Partial<Given>>>;
  /** What it needs itself of a server with samples of its own; what its rule needs is the rule's. */
  readonly needs?: ServerNeed;
  resolve(given: Given, shape: PolicyShape): Resolved;
  /** The precondition that breaks, with the figures and its source; undefined when none. */
  check(shape: PolicyShape, parameters: Resolved): string | undefined;
  /** How many rows reach the pre-aggregators and the rule in a step; undefined when the policy has no use for a rule. */
  rowsAtRule(shape: PolicyShape, parameters: Resolved): number | undefined;
  plan(plan: ArenaPlan, context: PolicyContext<Resolved>): PlannedPolicy;
}
