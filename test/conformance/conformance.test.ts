import { readFileSync } from 'node:fs';
import t from 'tap';
import { type Conformity, examine } from '../../lib/conformance/conformance.js';
import { registeredSubjects } from '../../lib/conformance/registered.js';
import { STEP_LIMIT, type Subject } from '../../lib/conformance/subject.js';
import { failureLines, intoMarkdown, textOf } from '../../lib/conformance/table.js';
import { type ClaimingUserRule, ruleOfModule, userSubject } from '../../lib/conformance/user.js';
import type { UserRuleInput } from '../../lib/pipeline/user-rule.js';

const README = readFileSync(new URL('../../../lib/conformance/README.md', import.meta.url), 'utf8');

t.test('every registered rule and pre-aggregator is what it claims to be, and the README shows it', async (t) => {
  const conformities = registeredSubjects().map((subject) => examine(subject));
  for (const conformity of conformities) {
    t.ok(conformity.passed, [conformity.label, ...failureLines([conformity])].join('\n'));
    t.same(conformity.verdicts.filter(({ finding }) => finding === 'FAILS'), []);
  }
  t.equal(intoMarkdown(README, conformities), README, 'npm run conformance -- --markdown lib/conformance/README.md');
  t.throws(() => intoMarkdown('# No place', conformities), /no place for the tables/);
});

const meanOf = ({ rows, n, d }: UserRuleInput): Float32Array => Float32Array.from({ length: d }, (_, k) => rows.reduce((sum, row) => sum + row[k]!, 0) / n);
const MEAN = { order: true, translation: true, scale: 'any', meanWithoutByzantine: true, within: 'all values' } as const;

const examined = (rule: Partial<ClaimingUserRule> & Pick<ClaimingUserRule, 'aggregate'>): Conformity => examine(userSubject({ name: 'mine', ...rule }));
const failed = (conformity: Conformity): string[] => conformity.verdicts.flatMap(({ property, outcome }) => (outcome === 'failed' ? [property] : []));

t.test('a rule of the user\'s own passes with true claims, and is observed without any', async (t) => {
  t.same(failed(examined({ aggregate: meanOf, properties: MEAN })), []);
  const observed = examined({ aggregate: ({ rows }) => rows[0]! });
  t.ok(observed.passed);
  const finding = (property: string): string | undefined => observed.verdicts.find((verdict) => verdict.property === property)?.finding;
  t.same(['order', 'translation', 'positive scale', 'negative scale', 'mean at f = 0'].map(finding), ['no', 'yes', 'yes', 'yes', 'no']);
});

t.test('each false claim fails, either way', async (t) => {
  const first = ({ rows }: UserRuleInput): Float32Array => rows[0]!;
  const ones = ({ d }: UserRuleInput): Float32Array => new Float32Array(d).fill(1);
  const greatest = ({ rows, d }: UserRuleInput): Float32Array => Float32Array.from({ length: d }, (_, k) => Math.max(...rows.map((row) => row[k]!)));
  for (const [aggregate, properties, expected] of [
    [first, { order: true }, 'order'],
    [meanOf, { order: false }, 'order'],
    [ones, { translation: true }, 'translation'],
    [meanOf, { translation: false }, 'translation'],
    [ones, { scale: 'positive' }, 'positive scale'],
    [meanOf, { scale: 'none' }, 'positive scale'],
    [greatest, { scale: 'any' }, 'negative scale'],
    [meanOf, { scale: 'positive' }, 'negative scale'],
    [first, { meanWithoutByzantine: true }, 'mean at f = 0'],
    [meanOf, { meanWithoutByzantine: false }, 'mean at f = 0'],
    [meanOf, { within: 'honest values' }, 'within'],
    [meanOf, { within: 'honest norm' }, 'within'],
    [meanOf, { within: 'a row' }, 'within'],
    [meanOf, { within: 'signs' }, 'within'],
    [(input: UserRuleInput) => meanOf(input).map((value) => 2 * value), { within: 'all values' }, 'within'],
  ] as const) {
    t.ok(failed(examined({ aggregate, properties })).includes(expected), `${JSON.stringify(properties)}, ${expected}`);
  }
});

t.test('what no rule may do fails without any claim', async (t) => {
  let calls = 0;
  for (const [what, aggregate, expected] of [
    ['NaN when a row is far', (input: UserRuleInput) => meanOf(input).map((value) => value * 1e30 * 1e30), 'finite'],
    ['writes to its rows', (input: UserRuleInput) => { input.rows[0]![0] = 7; return meanOf(input); }, 'rows unchanged'],
    ['other bits each time', ({ d }: UserRuleInput) => new Float32Array(d).fill(++calls), 'same bits'],
    ['no row', () => [1, 2] as unknown as Float32Array, 'finite'],
    ['throws', () => { throw new TypeError('no'); }, 'finite'],
    ['refuses all', () => { throw new RangeError('n is never right'); }, 'finite'],
  ] as const) {
    t.ok(failed(examined({ aggregate })).includes(expected), what);
  }
  const refusing = examined({ aggregate(input) { if (input.n < 2 * input.f + 7) throw new RangeError('n ≥ 2f + 7 is needed'); return meanOf(input); } });
  t.same([refusing.passed, refusing.refused.map(({ n }) => n)], [true, [1, 4]]);
  t.match(textOf([refusing]), /mine: n ≥ 2f \+ 7 is needed/);
});

t.test('what a built-in rule could do wrong is found', async (t) => {
  const krum = registeredSubjects().find(({ label }) => label === 'krum · byzfl')!;
  const faulty = (changes: Partial<Subject>): Conformity => examine({ ...krum, ...changes });
  t.same(failed(faulty({ robustness: () => 0.01 })), ['κ']);
  t.same(failed(faulty({ run: (call) => ({ ...krum.run(call), weights: undefined }) })), ['weights']);
  t.same(failed(faulty({ run: (call) => ({ ...krum.run(call), weights: new Float64Array(call.rows.length).fill(1 / call.rows.length) }) })), ['weights']);
  t.same(failed(faulty({ claims: { ...krum.claims, weights: 'none' } })), ['weights']);
  // A kernel whose result depends on which chunk comes first.
  t.ok(failed(faulty({ run: (call) => krum.run(call.order === undefined ? call : { ...call, rows: call.rows.map((row) => row.map((value) => value + 1)) }) })).includes('same bits'));
  t.same(examine({ ...krum, claims: { ...krum.claims, greatestN: 20 } }).notTried, [{ n: 51, f: 12 }, { n: 101, f: 24 }]);
  t.ok(registeredSubjects().every((subject) => subject.refusal({ n: 11, f: 2, d: 3 }) !== undefined || subject.run({ rows: Array.from({ length: 11 }, (_, i) => new Float32Array(3).fill(i)), f: 2 }).steps < STEP_LIMIT));
});

t.test('a module exports its rule in one of three ways', async (t) => {
  const rule = { name: 'mine', aggregate: meanOf };
  for (const module of [{ default: rule }, { aggregate: rule }, { name: 'mine', aggregate: meanOf }]) t.equal(ruleOfModule(module, 'mine.mjs').name, 'mine');
  t.equal(ruleOfModule({ aggregate: meanOf }, 'mine.mjs').name, 'mine.mjs');
  t.throws(() => ruleOfModule({ default: 3, other: rule }, 'mine.mjs'), /mine.mjs: it has to export a rule.*default \(a number\), other \(an object\)/);
  t.throws(() => userSubject({ ...rule, properties: { ordre: true } as object }), /properties.ordre: unknown; allowed: order, /);
  t.throws(() => userSubject({ ...rule, properties: { scale: 'all' } as object }), /properties.scale: "all" is not allowed: it must be "any" or "positive" or "none"/);
});
