import t from 'tap';
import { AGGREGATORS } from '../../lib/aggregators/registry.js';
import { preaggregatorSubject, ruleSubject, variants } from '../../lib/conformance/registered.js';
import { honestRows, REPLACEMENTS, withReplaced } from '../../lib/conformance/rows.js';
import type { Subject } from '../../lib/conformance/subject.js';
import { PREAGGREGATORS } from '../../lib/preaggregators/registry.js';
import { mergeParameters } from '../../lib/registry/parameters.js';
import { difference } from '../aggregators/rows.js';
import * as references from './references.js';

/** n ≥ 4f + 3 satisfies every precondition that is known. */
const SIZES = [[7, 1], [11, 2], [16, 3], [9, 0]].map(([n, f]) => ({ n: n!, f: f!, d: 29 }));

/** Rows that leave honest digits to compare: the reference has no removal of rows that are not finite, and 1e20 leaves nothing beside it in a mean. */
const BYZANTINE = ['their own rows', 'far', 'one honest row', 'the honest mean reversed', 'zero'];

/** A mean of a few rows in float32, and Weiszfeld's steps on a point that is kept in float32. */
const TOLERANCE = 1e-5;

const REGISTRIES = [
  { what: 'rule', entries: [...AGGREGATORS].flatMap((rule) => variants(rule).map((named) => ({ rule, named, subject: ruleSubject(rule, named) }))), known: references.RULES },
  {
    what: 'pre-aggregator',
    entries: [...PREAGGREGATORS].flatMap((rule) => variants(rule).map((named) => ({ rule, named, subject: preaggregatorSubject(rule, named) }))),
    known: references.PREAGGREGATORS,
  },
] as const;

for (const { what, entries, known } of REGISTRIES) {
  t.test(`every ${what} and every preset of one is compared with an independent reference`, async (t) => {
    for (const { rule, named, subject } of entries) {
      const reference = known[rule.name];
      if (reference === undefined) {
        t.fail(`${rule.name} has no reference: add it to test/conformance/references.ts`);
        continue;
      }
      let compared = 0;
      for (const size of SIZES.filter((one) => subject.refusal(one) === undefined)) {
        for (const byzantine of BYZANTINE) {
          const { rows } = withReplaced(honestRows(size, 40 + size.n), size.f, 1, REPLACEMENTS[byzantine]!);
          const parameters = rule.resolve(mergeParameters(rule, named), { ...size, removed: 0 });
          const expected = asRows(reference(rows, size, parameters));
          const far = farthest(subject, rows, size.f, expected);
          if (!(far <= TOLERANCE)) t.fail(`${subject.label}, n = ${size.n}, f = ${size.f}, ${byzantine}: off by ${far}`);
          compared += 1;
        }
      }
      t.ok(compared >= 15, `${subject.label}: compared ${compared} times`);
    }
    const registered = new Set<string>(entries.map(({ rule }) => rule.name));
    t.same(Object.keys(known).filter((name) => !registered.has(name)), [], 'and no reference is left of what is gone');
  });
}

function asRows(result: ArrayLike<number> | readonly ArrayLike<number>[]): readonly ArrayLike<number>[] {
  return typeof result[0] === 'number' ? [result as ArrayLike<number>] : (result as readonly ArrayLike<number>[]);
}

function farthest(subject: Subject, rows: readonly Float32Array[], f: number, expected: readonly ArrayLike<number>[]): number {
  const actual = subject.run({ rows, f }).rows;
  return actual.length === expected.length ? Math.max(...actual.map((row, i) => difference(row, expected[i]!))) : Infinity;
}
