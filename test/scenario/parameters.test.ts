import t from 'tap';
import { AGGREGATORS } from '../../lib/aggregators/registry.js';
import { ATTACKS } from '../../lib/attacks/registry.js';
import type { Named } from '../../lib/registry/parameters.js';
import { scheduledParameters } from '../../lib/scenario/parameters.js';
import { BESIDE } from '../../lib/scenario/registries.js';
import { problemsOf } from './refusal.js';

const alie = ATTACKS.get('alie');
const krumParameters = (named: Omit<Named, 'name'>): object => scheduledParameters(AGGREGATORS.get('krum'), { name: 'krum', ...named }, { beside: BESIDE.aggregator })();
const alieParameters = (named: Omit<Named, 'name'>): object => scheduledParameters(alie, { name: 'alie', ...named }, { beside: BESIDE.attack })();

t.test('the first preset applies unless another is named, and what is given overrides it', (t) => {
  t.strictSame(krumParameters({}), { c: 2, p: 2 });
  t.strictSame(krumParameters({ preset: 'baruch-2019-code' }), { c: 0, p: 1 });
  t.strictSame(krumParameters({ preset: 'baruch-2019-code', p: 4 }), { c: 0, p: 4 });
  t.end();
});

t.test('what stands beside the parameters is left out', (t) => {
  t.strictSame(krumParameters({ f: 3 }), { c: 2, p: 2 });
  t.match(alieParameters({ start: 3, stop: 5, z: 1 }), { z: 1, start: undefined, stop: undefined });
  t.match(problemsOf(() => krumParameters({ start: 3 })), { 'krum.start': /unknown key "start"/ });
  t.match(problemsOf(() => alieParameters({ f: 3 })), { 'alie.f': /unknown key "f"/ });
  t.end();
});

t.test('refused: unknown presets and impossible values', (t) => {
  t.match(problemsOf(() => krumParameters({ preset: 'x' })), { 'krum.preset': /"x" is no preset of krum; allowed: blanchard-2017/ });
  t.match(problemsOf(() => krumParameters({ p: Number.NaN })), { 'krum.p': /NaN/ });
  t.end();
});

t.test('an expression has its value of the round, and is checked in every round', (t) => {
  const at = scheduledParameters(alie, { name: 'alie', z: 't / 2 + f' });
  t.match(at({ t: 3, n: 51, f: 12 }), { z: 13.5, sign: -1 });
  t.match(at({ t: 4, n: 51, f: 12 }), { z: 14 });
  t.match(problemsOf(() => at()), { 'alie.z': /an expression needs the values of t, n, f/ });
  const diverging = scheduledParameters(alie, { name: 'alie', z: '1 / t' });
  t.match(problemsOf(() => diverging({ t: 0, n: 51, f: 12 })), { 'alie.z': /gives Infinity/ });
  t.end();
});

t.test('a word that the schema lists is no expression', (t) => {
  t.match(alieParameters({ preset: 'baruch-2019' }), { z: 'algorithm-3' });
  t.end();
});
