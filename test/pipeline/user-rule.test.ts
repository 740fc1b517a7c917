import t from 'tap';
import { NonFiniteRowsError } from '../../lib/aggregators/errors.js';
import { aggregate } from '../../lib/pipeline/aggregate.js';
import type { UserRule, UserRuleInput } from '../../lib/pipeline/user-rule.js';
import { normalRows } from '../aggregators/rows.js';

const rows = normalRows(6, 5);

t.test('a rule of the user\'s own gets the finite rows, the numbers without the removed ones, and its state', async (t) => {
  const seen: UserRuleInput[] = [];
  const rule: UserRule = {
    name: 'first',
    state: () => 1,
    aggregate(input) {
      seen.push(input);
      input.state[0]! += 1;
      return input.rows[0] as Float32Array;
    },
  };
  const broken = rows.with(0, new Float32Array(5).fill(NaN));
  const state = {};
  t.same(aggregate(rule, broken, { f: 2, round: 7, state }), rows[1]);
  aggregate(rule, broken, { f: 2, round: 7, state });
  const [input] = seen as [UserRuleInput];
  t.match(input, { n: 5, f: 1, d: 5, round: 7 });
  t.same(input.rows, rows.slice(1));
  t.same(state, { kept: Float64Array.of(2) });
  t.throws(() => aggregate(rule, broken), NonFiniteRowsError);
});

t.test('its randomness is that of seed and round', async (t) => {
  const draw = (options: { seed?: number; round?: number }): Float32Array => aggregate({ name: 'draw', aggregate: ({ random, d }) => Float32Array.from({ length: d }, () => random.uniform()) }, rows, options);
  t.same(draw({ seed: 3, round: 4 }), draw({ seed: 3, round: 4 }));
  t.notSame(draw({ seed: 3, round: 4 }), draw({ seed: 3, round: 5 }));
  t.notSame(draw({ seed: 3, round: 4 }), draw({ seed: 4, round: 4 }));
});

t.test('it can neither change the rows nor keep the result', async (t) => {
  const before = rows.map((row) => row.slice());
  const kept = new Float32Array(5);
  const result = aggregate({ name: 'scribbler', aggregate: (input) => { for (const row of input.rows) row.fill(9); return kept; } }, rows);
  kept.fill(7);
  t.same(rows, before);
  t.same(result, new Float32Array(5));
});

t.test('it may call aggregate itself', async (t) => {
  t.same(aggregate({ name: 'wrapper', aggregate: (input) => aggregate('krum', input.rows, { f: input.f }) }, rows, { f: 1 }), aggregate('krum', rows, { f: 1 }));
});

t.test('what is no row of d float32 is refused', async (t) => {
  const returning = (value: unknown) => () => aggregate({ name: 'mine', aggregate: () => value as Float32Array }, rows);
  t.throws(returning(undefined), /"mine" has to return a Float32Array, and returned undefined/);
  t.throws(returning([1, 2, 3, 4, 5]), /returned a value of type Array/);
  t.throws(returning(Promise.resolve(rows[0])), /returned a value of type Promise/);
  t.throws(returning(new Float32Array(4)), /5 coordinates, and returned 4/);
});
