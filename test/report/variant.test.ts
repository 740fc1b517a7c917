import t from 'tap';
import { describeVariant, splitVariant } from '../../lib/report/variant.js';

t.test('a variant reads as rule, attack, and the paths of the rest', async (t) => {
  t.equal(describeVariant({ aggregator: { name: 'krum', preset: 'baruch-2019-code' }, attack: { name: 'alie', z: 1.5 } }), 'krum · baruch-2019-code, alie z=1.5');
  t.equal(describeVariant({ attack: 'none', aggregator: 'mean', seed: 3 }), 'mean, no attack, seed=3');
  t.equal(describeVariant({ 'byzantine.count': 12, partition: { name: 'dirichlet', alpha: 0.1 } }), 'byzantine.count=12, partition=dirichlet alpha=0.1');
  t.equal(describeVariant({ preaggregators: [] }), 'preaggregators=none');
  t.equal(describeVariant({ preaggregators: ['nnm', { name: 'bucketing', s: 2 }] }), 'preaggregators=nnm + bucketing s=2');
  t.equal(describeVariant({ momentum: { placement: 'worker', beta: 0.9 } }), 'momentum=placement=worker beta=0.9');
  t.equal(describeVariant({ model: { name: 'mlp', hidden: [100, 50] } }), 'model=mlp hidden=[100,50]');
  t.equal(describeVariant({ aggregator: { module: './my-rule.mjs', strength: 2 } }), './my-rule.mjs strength=2');
  t.equal(describeVariant({}), '');
});

t.test('a path into the rule or the attack keeps the name that all runs share', async (t) => {
  const base = { aggregator: { name: 'krum' }, attack: { name: 'alie' } };
  t.same(splitVariant({ 'aggregator.f': 3, 'attack.z': 0.5 }, base), { rule: 'krum f=3', attack: 'alie z=0.5', setting: '' });
  t.same(splitVariant({ 'attack.name': 'none' }, base), { rule: 'krum', attack: 'no attack', setting: '' });
  t.same(splitVariant({ 'aggregator.memory': 0.5 }, { aggregator: { name: 'module', module: 'my-rule.mjs' } }), { rule: 'my-rule.mjs memory=0.5', attack: '', setting: '' });
});

t.test('values that are no scenario still read as something', async (t) => {
  t.equal(describeVariant({ x: null, y: undefined, z: true }), 'x=null, y=unset, z=true');
});
