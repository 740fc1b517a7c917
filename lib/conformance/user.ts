import type { RuleProperties } from '../aggregators/properties.js';
import type { AggregatorState } from '../pipeline/aggregate.js';
import { aggregateByUser, type UserRule } from '../pipeline/user-rule.js';
import { kindOf } from '../registry/options.js';
import { ParameterError } from '../registry/problems.js';
import { honestRows } from './rows.js';
import { changedRow, ChangedRowError, type Call, type Outcome, type Size, type Subject } from './subject.js';

/** A rule of the user's own that may claim something: only what it claims can fail, beside what holds for every rule. */
export interface ClaimingUserRule extends UserRule {
  readonly name: string;
  readonly properties?: Partial<RuleProperties>;
}

/**
 * The rule that a module exports: its default export, or its export `aggregate`, as an object with `name` and `aggregate`; a module that
 * exports a function `aggregate` is such an object itself. Throws a ParameterError when it exports none.
 */
export function ruleOfModule(module: Readonly<Record<string, unknown>>, file: string): ClaimingUserRule {
  const found = [module['default'], module['aggregate'], module].find(isRule);
  if (found === undefined) {
    const names = Object.keys(module).map((name) => `${name} (${kindOf(module[name])})`);
    throw new ParameterError([{ path: file, message: `it has to export a rule, an object with a name and a function aggregate, as its default or as "aggregate", and exports ${names.join(', ') || 'nothing'}` }]);
  }
  return { ...found, name: typeof (found.name as unknown) === 'string' ? (found.name as string) : file, aggregate: (input) => found.aggregate(input) };
}

function isRule(candidate: unknown): candidate is Omit<ClaimingUserRule, 'name'> & { readonly name?: string } {
  return typeof candidate === 'object' && candidate !== null && 'aggregate' in candidate && typeof candidate.aggregate === 'function';
}

/** Claims that are true of every rule's parameters; anything else in `properties` is refused. */
const CLAIMS: Readonly<Record<keyof RuleProperties, readonly unknown[] | 'number'>> = {
  order: [true, false],
  translation: [true, false],
  scale: ['any', 'positive', 'none'],
  meanWithoutByzantine: [true, false],
  within: ['honest values', 'honest norm', 'a row', 'all values', 'signs', 'finite'],
  weights: ['none'],
  greatestN: 'number',
};

/** A rule of the user's own as the kit sees it. Throws a ParameterError for claims that it doesn't know. */
export function userSubject(rule: ClaimingUserRule): Subject {
  const claims = rule.properties ?? {};
  const problems = Object.entries(claims).flatMap(([key, value]) => {
    const allowed = Object.hasOwn(CLAIMS, key) ? CLAIMS[key as keyof RuleProperties] : undefined;
    if (allowed === undefined) return [{ path: `properties.${key}`, message: `unknown; allowed: ${Object.keys(CLAIMS).join(', ')}` }];
    if (allowed === 'number' ? typeof value === 'number' : allowed.includes(value)) return [];
    return [{ path: `properties.${key}`, message: `${JSON.stringify(value)} is not allowed: it must be ${allowed === 'number' ? 'a number' : allowed.map((one) => JSON.stringify(one)).join(' or ')}` }];
  });
  if (problems.length > 0) throw new ParameterError(problems);
  return {
    kind: 'rule of your own',
    label: rule.name,
    claims,
    refusal: (size) => refusalOf(rule, size),
    robustness: () => undefined,
    run: (call) => runUserRule(rule, call),
  };
}

/** A RangeError (or a PreconditionError) for honest rows is how a rule refuses an (n, f). */
function refusalOf(rule: ClaimingUserRule, size: Size): string | undefined {
  try {
    runUserRule(rule, { rows: honestRows(size, 1), f: size.f });
  } catch (error) {
    if (error instanceof Error && (error.name === 'RangeError' || error.name === 'PreconditionError')) return error.message;
  }
  return undefined;
}

function runUserRule(rule: ClaimingUserRule, { rows, f, round = 0, memory = {} }: Call): Outcome {
  // A copy: the rule may keep what it likes in it, and a call must not see what a later one left.
  const state: AggregatorState = structuredClone(memory);
  let changed: number | undefined;
  const watched: UserRule = {
    ...rule,
    aggregate(input) {
      const before = input.rows.map((row) => row.slice());
      const result = rule.aggregate(input);
      changed = changedRow(before, input.rows);
      return result;
    },
  };
  const result = aggregateByUser(watched, { rows, n: rows.length, d: (rows[0] as Float32Array).length, f, seed: 0, round, state, allowUnsafe: false, trusted: undefined, score: undefined });
  if (changed !== undefined) throw new ChangedRowError(`it wrote to row ${changed}, which it may only read`);
  return { rows: [result], weights: undefined, memory: state, steps: 0 };
}
