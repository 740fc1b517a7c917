import type { Shape } from '../aggregators/aggregator.js';
import type { RuleProperties } from '../aggregators/properties.js';
import type { ChunkOrder } from '../pipeline/workspace.js';

/** A rule, a pre-aggregator or a rule of the user's own with its parameters, as the kit sees it: rows to rows, and what it claims. */
export interface Subject {
  readonly kind: 'aggregation rule' | 'pre-aggregator' | 'rule of your own';
  /** The name, and the preset where there is one. */
  readonly label: string;
  /** What is left out is not claimed: then it is observed, and can't fail. */
  readonly claims: Partial<RuleProperties>;
  /** The precondition that a shape breaks, with its inequality; undefined when it runs. */
  refusal(shape: Size): string | undefined;
  /** κ, where it is proven. */
  robustness(shape: Size): number | undefined;
  /** Throws what the rule throws, a StepLimitError when it takes too many steps, a ChangedRowError when it writes to its rows. */
  run(call: Call): Outcome;
}

export type Size = Pick<Shape, 'n' | 'f' | 'd'>;

/** What a rule keeps from round to round, by region. */
export type Memory = Readonly<Record<string, unknown>>;

export interface Call {
  readonly rows: readonly Float32Array[];
  readonly f: number;
  readonly round?: number;
  /** As the call before left it; empty at first. */
  readonly memory?: Memory;
  /** In which order a task's chunks are done. */
  readonly order?: ChunkOrder;
}

export interface Outcome {
  /** One row for a rule, those that go out for a pre-aggregator. */
  readonly rows: readonly Float32Array[];
  /** By row, where the rule defines them. */
  readonly weights: Float64Array | undefined;
  readonly memory: Memory;
  /** Tasks that were yielded. */
  readonly steps: number;
}

/**
 * Tasks that a call may take. The exact geometric median takes at most a few thousand, 1,000 steps of up to four tasks; pauses of a
 * long selection are tasks as well, one a row or one a step of the selection.
 */
export const STEP_LIMIT = 100_000;

/** A call yielded more tasks than STEP_LIMIT. */
export class StepLimitError extends Error {
  override name = 'StepLimitError';
}

/** A rule wrote to the rows that it was given to read. */
export class ChangedRowError extends Error {
  override name = 'ChangedRowError';
}

/** The first row that is no longer, bit by bit, what it was; undefined when all are. */
export function changedRow(before: readonly Float32Array[], after: readonly Float32Array[]): number | undefined {
  const row = before.findIndex((values, index) => !sameBits(values, after[index] as Float32Array));
  return row === -1 ? undefined : row;
}

export function sameBits(one: Float32Array, other: Float32Array): boolean {
  const [left, right] = [one, other].map((row) => new Uint32Array(row.buffer, row.byteOffset, row.length)) as [Uint32Array, Uint32Array];
  return left.length === right.length && left.every((bits, k) => bits === right[k]);
}
