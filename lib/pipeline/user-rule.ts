import { types } from 'node:util';
import { NonFiniteRowsError, PreconditionError } from '../aggregators/errors.js';
import { Stream } from '../data/random.js';
import { askModule, type ModuleExports } from '../modules/exports.js';
import { kindOf } from '../registry/options.js';
import type { AggregatorState, Call } from './aggregate.js';

/** What a rule of the user's own is given. */
export interface UserRuleInput {
  /** The finite rows, d float32 each. Only to be read: in a run they are the gradient matrix itself. */
  readonly rows: readonly Float32Array[];
  readonly n: number;
  readonly f: number;
  readonly d: number;
  readonly round: number;
  /** A stream keyed by (seed, round). */
  readonly random: Stream;
  /** As long as the rule's `state` says, zero at first, kept from round to round. Without one it is empty and frozen. */
  readonly state: Float64Array;
  /** The rule's own, and what a scenario gives in their place. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What `check` and `state` are asked about. */
export interface UserRuleShape {
  readonly n: number;
  readonly f: number;
  readonly d: number;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** A rule of the user's own: an object for `aggregate()`, or what a module exports that a scenario names. */
export interface UserRule {
  readonly name?: string;
  /** Its parameters with their defaults. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** The precondition that breaks, in words; nothing when none does. */
  check?(shape: UserRuleShape): string | undefined;
  /** How many float64 it keeps from round to round; none unless given. */
  state?(shape: UserRuleShape): number;
  aggregate(input: UserRuleInput): Float32Array;
}

/** Runs it on copies of the finite rows. Throws a TypeError or RangeError when what it returns is no row. */
export function aggregateByUser(rule: UserRule, { rows, n, d, f, seed, round, state, allowUnsafe }: Call): Float32Array {
  const finite = rows.filter((row) => row.every(Number.isFinite));
  const removed = n - finite.length;
  if (removed > f || finite.length === 0) {
    throw new NonFiniteRowsError(Array.from(rows.keys()).filter((row) => !finite.includes(rows[row] as Float32Array)), n, f);
  }
  const about = `the rule ${nameOf(rule)}`;
  const astray = Object.keys(rule.parameters ?? {}).find((key) => Object.hasOwn(rule, key));
  if (astray !== undefined) throw new TypeError(`${about} takes its parameters in "parameters", and "${astray}" stands beside it: { ...rule, parameters: { ...rule.parameters, ${astray}: … } }`);
  const facts = askModule({ kind: 'aggregator', given: {}, beside: [], shapes: [{ n, f, d }] }, rule as object as ModuleExports, about);
  if (facts.broken !== undefined && !allowUnsafe) throw new PreconditionError(facts.broken);
  const kept = readState(state, facts.state);
  const result: unknown = rule.aggregate({
    rows: finite.map((row) => row.slice()),
    n: finite.length,
    f: f - removed,
    d,
    round,
    // As in a run, so that a rule draws the same numbers in both.
    random: new Stream(new Stream(seed, 'aggregator', 0, round).uint32(), 'module'),
    state: kept,
    parameters: facts.parameters,
  });
  if (kept.length > 0) state['kept'] = kept;
  if (!types.isFloat32Array(result)) throw new TypeError(`the rule ${nameOf(rule)} has to return a Float32Array, and returned ${kindOf(result)}`);
  if (result.length !== d) throw new RangeError(`the rule ${nameOf(rule)} has to return ${d} coordinates, and returned ${result.length}`);
  return result.slice();
}

/** A copy of what the calls before left, or zeros. */
function readState(state: AggregatorState, length: number): Float64Array {
  if (length === 0) return Object.freeze(new Float64Array(0));
  const before = state['kept'];
  if (before === undefined) return new Float64Array(length);
  if (before instanceof Float64Array && before.length === length) return before.slice();
  throw new TypeError(`state.kept is not of this rule and these rows: ${length} float64 are needed; start with an empty object`);
}

function nameOf(rule: UserRule): string {
  return typeof (rule.name as unknown) === 'string' ? `"${rule.name}"` : 'without a name';
}
