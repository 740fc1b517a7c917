import t from 'tap';
import { craft } from '../../lib/attacks/craft.js';
import { mean } from '../aggregators/reference.js';
import { difference, normalRows } from '../aggregators/rows.js';
import { CGE, KRUM, length, minus, MULTI_KRUM, withLie } from './pipeline-reference.js';

const [n, f, d] = [11, 2, 60];
const honest = normalRows(n - f, d, 4, 0.2);
const options = { n, f };
const moved = (gamma: number, p: 2 | 'inf', k = 0): number[] => mean(honest).map((value, at) => (p === 'inf' || at === k ? value + gamma : value));

t.test('a given gamma moves one coordinate, or all', async (t) => {
  t.ok(difference(craft({ name: 'lp-coordinate', gamma: 3 }, honest, options), moved(3, 2)) < 1e-6);
  t.ok(difference(craft({ name: 'lp-coordinate', gamma: -0.5, k: 17 }, honest, options), moved(-0.5, 2, 17)) < 1e-6);
  t.ok(difference(craft({ name: 'lp-coordinate', gamma: 0.7, p: 'inf' }, honest, options), moved(0.7, 'inf')) < 1e-6);
});

for (const { rule, picks } of [KRUM, MULTI_KRUM, CGE]) {
  for (const p of [2, 'inf'] as const) {
    t.test(`against ${rule} with p = ${p} the lie has weight, and a little farther none`, async (t) => {
      const lie = craft({ name: 'lp-coordinate', p }, honest, { ...options, pipeline: { aggregator: rule } });
      const gamma = lie[0]! - mean(honest)[0]!;
      t.ok(difference(lie, moved(gamma, p)) < 1e-6);
      t.ok(picks!(withLie(honest, moved(gamma * (1 - 1e-5), p), f), f), String(gamma));
      t.notOk(picks!(withLie(honest, moved(gamma * (1 + 1e-5), p), f), f), String(gamma));
    });
  }
}

t.test('where every row has weight, gamma doubles to the last try', async (t) => {
  const centre = mean(honest);
  const farthest = Math.max(...honest.map((row) => length(minus(row, centre))));
  const lie = craft({ name: 'lp-coordinate', evaluations: 6, k: 3 }, honest, { ...options, pipeline: { aggregator: 'mean' } });
  t.ok(difference(lie, moved(32 * farthest, 2, 3)) < 2e-6);
  const wide = craft({ name: 'lp-coordinate', evaluations: 6, p: 'inf' }, honest, { ...options, pipeline: { aggregator: 'mean' } });
  t.ok(difference(wide, moved((32 * farthest) / Math.sqrt(d), 'inf')) < 2e-6);
});

t.test('beyond float32 a coordinate stays finite, and equal rows leave nothing to move by', async (t) => {
  const far = honest.map((row) => row.map((value) => 1e38 * value));
  for (const p of [2, 'inf'] as const) t.ok(craft({ name: 'lp-coordinate', p, evaluations: 200 }, far, { ...options, pipeline: { aggregator: 'mean' } }).every(Number.isFinite));
  t.ok(craft({ name: 'lp-coordinate', gamma: 3.4e38 }, far, options).every(Number.isFinite));
  const equal = honest.map(() => honest[0]!);
  t.ok(difference(craft('lp-coordinate', equal, { ...options, pipeline: { aggregator: 'krum' } }), honest[0]!) < 1e-6);
});

t.test('without gamma a rule is needed that gives rows weight', async (t) => {
  const against = (pipeline: object) => () => craft('lp-coordinate', honest, { ...options, pipeline: pipeline as never });
  t.throws(() => craft('lp-coordinate', honest, options), { name: 'PreconditionError', message: /needs the option pipeline/ });
  t.throws(against({ aggregator: 'trimmed-mean' }), { name: 'PreconditionError', message: /trimmed-mean works by coordinate; give gamma/ });
  t.throws(against({ aggregator: 'krum', preaggregators: ['nnm'] }), { name: 'PreconditionError', message: /nnm mixes the rows; give gamma/ });
  t.same(craft({ name: 'lp-coordinate', gamma: 1 }, honest, { ...options, pipeline: { aggregator: 'trimmed-mean' } }), craft({ name: 'lp-coordinate', gamma: 1 }, honest, options));
});

t.test('what can not be meant is refused', async (t) => {
  const refused = (given: object, message: RegExp) => t.throws(() => craft({ name: 'lp-coordinate', ...given }, honest, options), { message });
  refused({ gamma: 1, k: d }, /needs k < d.*k = 60, d = 60/);
  refused({ gamma: 1, k: 1, p: 'inf' }, /k = 1 says nothing there/);
  refused({ gamma: 1e39 }, /\|gamma\| ≤/);
  refused({ gamma: 1, p: 3 }, /lp-coordinate\.p/);
});
