import { types } from 'node:util';
import { Stream } from '../data/random.js';
import type { AggregatorState, Call } from './aggregate.js';
import { NonFiniteRowsError } from './errors.js';
import { kindOf } from './options.js';

/** What a rule of the user's own is given. */
export interface UserRuleInput {
  /** The finite rows, d float32 each. */
  readonly rows: readonly Float32Array[];
  readonly n: number;
  readonly f: number;
  readonly d: number;
  readonly round: number;
  /** A stream keyed by (seed, round). */
  readonly random: Stream;
  /** An object of the rule's own, kept from call to call when the caller keeps it. */
  readonly state: AggregatorState;
}

/** A rule of the user's own. */
export interface UserRule {
  readonly name: string;
  aggregate(input: UserRuleInput): Float32Array;
}

/** Runs it on copies of the finite rows. Throws a TypeError or RangeError when what it returns is no row. */
export function aggregateByUser(rule: UserRule, { rows, n, d, f, seed, round, state }: Call): Float32Array {
  const finite = rows.filter((row) => row.every(Number.isFinite));
  const removed = n - finite.length;
  if (removed > f || finite.length === 0) {
    throw new NonFiniteRowsError(Array.from(rows.keys()).filter((row) => !finite.includes(rows[row] as Float32Array)), n, f);
  }
  const result: unknown = rule.aggregate({
    rows: finite.map((row) => row.slice()),
    n: finite.length,
    f: f - removed,
    d,
    round,
    random: new Stream(seed, 'aggregator', 0, round),
    state,
  });
  if (!types.isFloat32Array(result)) throw new TypeError(`the rule ${nameOf(rule)} has to return a Float32Array, and returned ${kindOf(result)}`);
  if (result.length !== d) throw new RangeError(`the rule ${nameOf(rule)} has to return ${d} coordinates, and returned ${result.length}`);
  return result.slice();
}

function nameOf(rule: UserRule): string {
  return typeof (rule.name as unknown) === 'string' ? `"${rule.name}"` : 'without a name';
}
