import t from 'tap';
import { expand } from '../../lib/scenario/expand.js';
import { setPath } from '../../lib/scenario/path.js';
import { problemsOf } from './refusal.js';

const BASE = { workers: 51, dataset: 'digits', model: { name: 'mlp', hidden: [100, 50] }, aggregator: 'krum', preaggregators: ['nnm'] };

t.test('a value is read as JSON where it is JSON, and else taken as it is', (t) => {
  const set = (text: string): unknown => setPath(BASE, 'attack', text)['attack'];
  t.equal(set('alie'), 'alie');
  t.equal(set('"alie"'), 'alie');
  t.equal(set('3'), 3);
  t.equal(set('true'), true);
  t.equal(set('null'), null);
  t.strictSame(set('{"name":"alie","z":1}'), { name: 'alie', z: 1 });
  t.equal(set('{"name":'), '{"name":');
  t.equal(set(''), '');
  t.equal(setPath(BASE, 'learningRate', '0.1 / (t + 1)')['learningRate'], '0.1 / (t + 1)');
  t.end();
});

t.test('bare values grow into the objects that they stand for', (t) => {
  t.strictSame(setPath(BASE, 'aggregator.f', '3')['aggregator'], { name: 'krum', f: 3 });
  t.strictSame(setPath({ ...BASE, byzantine: 12 }, 'byzantine.placement', 'spread')['byzantine'], { count: 12, placement: 'spread' });
  t.strictSame(setPath(BASE, 'byzantine.count', '3')['byzantine'], { count: 3 });
  t.strictSame(setPath(BASE, 'attack.start', '3')['attack'], { name: 'none', start: 3 });
  t.strictSame(setPath(BASE, 'momentum.beta', '0.9')['momentum'], { beta: 0.9 });
  t.strictSame(setPath(BASE, 'preaggregators.0.s', '2')['preaggregators'], [{ name: 'nnm', s: 2 }]);
  t.strictSame(setPath(BASE, 'model.hidden.1', '7')['model'], { name: 'mlp', hidden: [100, 7] });
  t.end();
});

t.test('so do bare names inside other settings, and in a grid', (t) => {
  const mode = { name: 'asynchronous', policy: 'buffered' };
  t.strictSame(setPath({ ...BASE, mode }, 'mode.policy.K', '12')['mode'], { ...mode, policy: { name: 'buffered', K: 12 } });
  t.strictSame(setPath({ ...BASE, server: { inspect: 'activation-clustering' } }, 'server.inspect.components', '3')['server'], { inspect: { name: 'activation-clustering', components: 3 } });
  t.strictSame(setPath({ ...BASE, attack: { name: 'flood', lie: 'ipm' } }, 'attack.lie.epsilon', '2')['attack'], { name: 'flood', lie: { name: 'ipm', epsilon: 2 } });
  const runs = expand({ ...BASE, byzantine: 12, aggregator: 'median', preaggregators: [], model: 'mlp', mode, grid: { 'mode.policy.K': [30, 40] } });
  t.strictSame(runs.map(({ configuration }) => configuration.mode['policy']), [{ name: 'buffered', K: 30 }, { name: 'buffered', K: 40 }]);
  t.end();
});

t.test('the scenario that was handed in stays as it was', (t) => {
  const scenario = { ...BASE, grid: { attack: ['none', 'alie'] } };
  const before = structuredClone(scenario);
  setPath(scenario, 'model.hidden.1', '7');
  setPath(scenario, 'attack', 'none');
  t.strictSame(scenario, before);
  t.end();
});

t.test('what is set no longer varies', (t) => {
  const scenario = { ...BASE, grid: { attack: ['none', 'alie'], 'aggregator.f': [1, 2] }, seeds: [1, 2] };
  t.match(setPath(scenario, 'attack', 'none'), { attack: 'none', grid: { 'aggregator.f': [1, 2] } });
  t.notOk('attack' in (setPath(scenario, 'attack', 'none')['grid'] as object));
  t.strictSame(setPath(scenario, 'aggregator', 'mean')['grid'], scenario.grid);
  t.notOk('seeds' in setPath(scenario, 'seed', '3'));
  t.strictSame(setPath(scenario, 'seeds', '[3]')['seeds'], [3]);
  t.match(problemsOf(() => setPath(scenario, 'attack.z', '2')), { 'attack.z': /the grid varies attack as a whole; set grid\.attack/ });
  t.end();
});

t.test("the grid's paths are its keys, dots and all", (t) => {
  t.strictSame(setPath(BASE, 'grid.attack.z', '[1, 2]')['grid'], { 'attack.z': [1, 2] });
  t.strictSame(setPath({ ...BASE, grid: { rounds: [1] } }, 'grid.attack', '["none"]')['grid'], { rounds: [1], attack: ['none'] });
  t.end();
});

t.test('refused: paths that no scenario has', (t) => {
  const cases: [path: string, at: string, message: RegExp][] = [
    ['', '', /not a path/],
    ['attack..z', 'attack..z', /not a path/],
    ['roundz', 'roundz', /no key of a run; allowed: .*; the nearest is "rounds"/],
    ['__proto__.x', '__proto__.x', /"__proto__" is not allowed/],
    ['attack.constructor', 'attack.constructor', /"constructor" is not allowed/],
    ['grid.__proto__', 'grid.__proto__', /"__proto__" is not allowed/],
    ['manifest.label', 'manifest.label', /no key of a run/],
    ['rounds.x', 'rounds', /nothing stands here/],
    ['workers.x', 'workers', /51 stands here, so no key inside it can be set/],
    ['model.hidden.2', 'model.hidden.2', /no item of model\.hidden, which has 2/],
    ['model.hidden.x', 'model.hidden.x', /no item/],
    ['model.name.x', 'model.name', /"mlp" stands here/],
    ['model.other.x', 'model.other', /nothing stands here/],
  ];
  for (const [path, at, message] of cases) t.match(problemsOf(() => setPath(BASE, path, '1')), { [at]: message }, path);
  t.end();
});

t.test('refused: values that no scenario can hold', (t) => {
  t.match(problemsOf(() => setPath(BASE, 'rounds', '1e999')), { rounds: /Infinity is not a finite number/ });
  t.match(problemsOf(() => setPath(BASE, 'attack', '{"__proto__": 1}')), { 'attack.__proto__': /not allowed/ });
  t.end();
});
