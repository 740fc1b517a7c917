import t from 'tap';
import { expand } from '../../lib/scenario/expand.js';
import { ScenarioError } from '../../lib/scenario/problems.js';
import { refusal } from './refusal.js';

const BASE = { workers: 51, byzantine: 12, dataset: 'digits', model: 'mlp', aggregator: 'mean' };

/** What is changed, and the problem that it makes. */
const CASES: readonly (readonly [change: object, path: string, message: RegExp])[] = [
  // Unknown keys, at every level.
  [{ agregator: 'krum' }, 'agregator', /unknown key "agregator"; allowed: name, seed, .*, seeds, grid.*|nearest is "aggregator"/],
  [{ aggregator: { name: 'krum', q: 2 } }, 'aggregator.q', /unknown key "q"; allowed: name, preset, f, c, p$/],
  [{ aggregator: { name: 'mean', start: 2 } }, 'aggregator.start', /unknown key "start"; allowed: name, .*f/],
  [{ attack: { name: 'alie', f: 2 } }, 'attack.f', /unknown key "f"/],
  [{ attack: { name: 'alie', strat: 2 } }, 'attack.strat', /nearest is "start"/],
  [{ model: { name: 'mlp', hiden: [3] } }, 'model.hiden', /nearest is "hidden"/],
  [{ dataset: { name: 'digits', fold: 3 } }, 'dataset.fold', /unknown key/],
  [{ partition: { name: 'iid', alpha: 3 } }, 'partition.alpha', /unknown key/],
  [{ mode: { name: 'synchronous', delay: 3 } }, 'mode.delay', /unknown key/],
  [{ byzantine: { count: 1, where: 'first' } }, 'byzantine.where', /allowed: count, placement/],
  [{ momentum: { placement: 'server', beta: 0.9, nesterov: true } }, 'momentum.nesterov', /allowed: placement, beta, dampening/],
  // Of what a name or kind tells apart, the keys of the one that is meant.
  [{ mode: { name: 'asynchronous', policy: { name: 'kardam', quantil: 1 } } }, 'mode.policy.quantil', /^unknown key "quantil"; allowed: name, preset, quantile, frequency, forgive; the nearest is "quantile"$/],
  [{ mode: { name: 'asynchronous', policy: { name: 'buffered', k: 1 } } }, 'mode.policy.k', /^unknown key "k"; allowed: name, K; the nearest is "K"$/],
  [{ mode: { name: 'asynchronous', policy: { name: 'latest', preset: 'x' } } }, 'mode.policy.preset', /^unknown key "preset"; allowed: name, k$/],
  [{ attack: { name: 'alie-backdoor', trigger: { kind: 'sample', hight: 3 } } }, 'attack.trigger.hight', /^unknown key "hight"; allowed: kind, count$/],
  [{ attack: { name: 'label-flip-backdoor', trigger: { kind: 'pattern', hight: 3 } } }, 'attack.trigger.hight', /^unknown key "hight"; allowed: kind, row, column, height, width, value; the nearest is "height"$/],
  [{ mode: { name: 'hogwild', write: { kind: 'huge', factor: 3 } } }, 'mode.write.factor', /^unknown key "factor"; allowed: kind, value$/],
  // Unknown names.
  [{ mode: { name: 'asynchronous', policy: 'kardan' } }, 'mode.policy', /^"kardan" is unknown; allowed: async-sgd, .*; the nearest is "kardam"$/],
  [{ mode: { name: 'asynchronous', policy: { name: 'kardan' } } }, 'mode.policy.name', /^"kardan" is unknown; allowed: async-sgd, .*; the nearest is "kardam"$/],
  [{ mode: { name: 'asynchronous', policy: { name: 'kardam', preset: 'cod' } } }, 'mode.policy.preset', /^"cod" is unknown; allowed: damaskinos-2018, code; the nearest is "code"$/],
  [{ mode: { name: 'asynchronous', policy: { nam: 'kardam' } } }, 'mode.policy.name', /^is required: "async-sgd", .* or "zeno\+\+"$/],
  [{ attack: { name: 'alie-backdoor', trigger: 'sampel' } }, 'attack.trigger', /^"sampel" is unknown; allowed: pattern, sample; the nearest is "sample"$/],
  [{ attack: { name: 'alie-backdoor', trigger: { kind: 'sampel' } } }, 'attack.trigger.kind', /^"sampel" is unknown; allowed: pattern, sample; the nearest is "sample"$/],
  [{ mode: { name: 'hogwild', write: { kind: 'hug' } } }, 'mode.write.kind', /^"hug" is unknown; allowed: sign-flip, gaussian, huge; the nearest is "huge"$/],
  [{ dataset: 'mnits' }, 'dataset.name', /"mnits" is no data set; allowed: .*; the nearest is "mnist"/],
  [{ partition: 'idd' }, 'partition.name', /no partition.*nearest is "iid"/],
  [{ model: 'mpl' }, 'model.name', /no model.*nearest is "mlp"/],
  [{ aggregator: 'Krumm' }, 'aggregator.name', /no aggregation rule.*nearest is "krum"/],
  [{ attack: { name: 'aile' } }, 'attack.name', /no attack.*nearest is "alie"/],
  [{ mode: 'sync' }, 'mode.name', /no mode.*allowed: synchronous/],
  [{ preaggregators: ['no-such'] }, 'preaggregators.0.name', /no pre-aggregator/],
  [{ aggregator: 'toString' }, 'aggregator.name', /no aggregation rule/],
  [{ aggregator: '__proto__' }, 'aggregator.name', /no aggregation rule/],
  [{ aggregator: '' }, 'aggregator.name', /no aggregation rule/],
  [{ aggregator: { name: 'krum', preset: 'baruch' } }, 'aggregator.preset', /no preset of krum; allowed: blanchard-2017, .*nearest is "baruch-2019-code"/],
  [{ aggregator: { name: 'mean', preset: 'x' } }, 'aggregator.preset', /mean has no presets/],
  [{ dataset: { name: 'digits', preset: 'x' } }, 'dataset.preset', /digits has no presets/],
  [{ kernels: 'relax' }, 'kernels', /"relax" is unknown; allowed: auto, strict, relaxed; the nearest is "relaxed"/],
  [{ byzantine: { count: 1, placement: 'last' } }, 'byzantine.placement', /allowed: first, spread, seeded/],
  [{ momentum: { placement: 'servr', beta: 0.9 } }, 'momentum.placement', /nearest is "server"/],
  [{ momentum: 'nothing' }, 'momentum', /"none" or an object of placement, beta, dampening/],
  // Wrong types.
  [{ workers: '51' }, 'workers', /"51" is not allowed: it must be a number/],
  [{ workers: null }, 'workers', /null is not allowed/],
  [{ workers: 5.5 }, 'workers', /5\.5 is not allowed: it must be a whole number/],
  [{ seed: true }, 'seed', /true is not allowed: it must be a number/],
  [{ name: 3 }, 'name', /a text/],
  [{ dataset: 3 }, 'dataset', /a text or an object/],
  [{ dataset: ['digits'] }, 'dataset', /a text or an object/],
  [{ dataset: {} }, 'dataset.name', /is required/],
  [{ aggregator: { f: 3 } }, 'aggregator.name', /is required/],
  [{ aggregator: { name: 'krum', preset: 3 } }, 'aggregator.preset', /a text/],
  [{ aggregator: null }, 'aggregator', /a text or an object/],
  [{ preaggregators: 'nnm' }, 'preaggregators', /a list/],
  [{ preaggregators: [3] }, 'preaggregators.0', /a text or an object/],
  [{ allowUnsafe: 'yes' }, 'allowUnsafe', /true or false/],
  [{ learningRate: true }, 'learningRate', /a number or a text/],
  [{ momentum: { placement: 'server' } }, 'momentum.beta', /is required/],
  [{ byzantine: 'two' }, 'byzantine', /a number or an object of count, placement/],
  [{ model: { name: 'mlp', hidden: 100 } }, 'model.hidden', /a list/],
  [{ model: { name: 'mlp', hidden: ['a'] } }, 'model.hidden.0', /a number/],
  [{ mode: { name: 'asynchronous', policy: { name: 3 } } }, 'mode.policy.name', /^3 is not allowed: it must be "async-sgd", /],
  [{ attack: { name: 'alie-backdoor', trigger: 3 } }, 'attack.trigger', /^3 is not allowed: it must be "pattern", "sample" or an object whose kind is "pattern" or "sample"$/],
  [{ mode: { name: 'hogwild', write: 'huge' } }, 'mode.write', /^"huge" is not allowed: it must be an object whose kind is "sign-flip", "gaussian" or "huge"$/],
  [{ partition: 'dirichlet' }, 'partition.alpha', /is required: a number/],
  // Impossible values.
  [{ attack: { name: 'alie-backdoor', trigger: { kind: 'pattern', value: 1e300 } } }, 'attack.trigger.value', /^1e\+300 is not allowed: it must be at most 3\.4028234663852886e\+38$/],
  [{ attack: { name: 'label-flip-backdoor', trigger: { kind: 'pattern', value: 1e300 } } }, 'attack.trigger.value', /^1e\+300 is not allowed: it must be at most 3\.4028234663852886e\+38$/],
  [{ attack: { name: 'alie-backdoor', trigger: { kind: 'pattern', value: -1e39 } } }, 'attack.trigger.value', /at least -3\.4028234663852886e\+38$/],
  [{ dataset: { name: 'cifar-10', deviation: 1e39 } }, 'dataset.deviation', /at most 3\.4028234663852886e\+38$/],
  [{ workers: 0 }, 'workers', /at least 1/],
  [{ workers: -3 }, 'workers', /at least 1/],
  [{ workers: 100_001 }, 'workers', /at most 100,000/],
  [{ workers: 1e300 }, 'workers', /.*/],
  [{ byzantine: -1 }, 'byzantine', /at least 0/],
  [{ byzantine: 51 }, 'byzantine', /51 of 51 workers can't be Byzantine.*at most 50/],
  [{ byzantine: { count: 99 } }, 'byzantine', /99 of 51/],
  [{ aggregator: { name: 'mean', f: 52 } }, 'aggregator.f', /at most the number of workers, 51/],
  [{ aggregator: { name: 'mean', f: -1 } }, 'aggregator.f', /at least 0/],
  [{ aggregator: { name: 'mean', f: 0.5 } }, 'aggregator.f', /a whole number/],
  [{ batchSize: 0 }, 'batchSize', /at least 1/],
  [{ batchSize: 1e7 }, 'batchSize', /at most 1,000,000/],
  [{ rounds: 0 }, 'rounds', /at least 1/],
  [{ rounds: 1e10 }, 'rounds', /at most 1,000,000,000/],
  [{ evaluateEvery: 0 }, 'evaluateEvery', /at least 1/],
  [{ learningRate: -0.1 }, 'learningRate', /at least 0/],
  [{ learningRate: Number.NaN }, 'learningRate', /NaN is not a finite number/],
  [{ learningRate: Infinity }, 'learningRate', /Infinity is not a finite number/],
  [{ weightDecay: -1 }, 'weightDecay', /at least 0/],
  [{ momentum: { placement: 'server', beta: 1.1 } }, 'momentum.beta', /at most 1/],
  [{ momentum: { placement: 'server', beta: -0.1 } }, 'momentum.beta', /at least 0/],
  [{ momentum: { placement: 'server', beta: 0.9, dampening: 2 } }, 'momentum.dampening', /at most 1/],
  [{ seed: -1 }, 'seed', /at least 0/],
  [{ seed: 2 ** 53 }, 'seed', /whole number|at most/],
  [{ seed: 0.5 }, 'seed', /a whole number/],
  [{ attack: { name: 'alie', start: 5, stop: 5 } }, 'attack.stop', /5 is not allowed: it must be more than attack\.start, 5/],
  [{ attack: { name: 'alie', stop: 0 } }, 'attack.stop', /more than attack\.start, 0/],
  [{ attack: { name: 'alie', start: -1 } }, 'attack.start', /at least 0/],
  [{ attack: { name: 'alie', start: 1.5 } }, 'attack.start', /a whole number/],
  [{ name: '' }, 'name', /letters, digits/],
  [{ name: '../escape' }, 'name', /letters, digits/],
  [{ name: 'a/b' }, 'name', /letters, digits/],
  [{ name: 'a\u0000b' }, 'name', /letters, digits/],
  [{ name: 'ends. ' }, 'name', /letters, digits/],
  [{ name: 'x'.repeat(101) }, 'name', /at most 100 characters/],
  [{ preaggregators: Array.from({ length: 17 }, () => 'nnm') }, 'preaggregators', /at most 16 long/],
  [{ model: { name: 'mlp', hidden: [0] } }, 'model.hidden.0', /at least 1/],
  [{ partition: { name: 'dirichlet', alpha: 0 } }, 'partition.alpha', /at least/],
  [{ aggregator: { name: 'krum', p: -1 } }, 'aggregator.p', /.*/],
  [{ attack: { name: 'alie', sign: 2 } }, 'attack.sign', /-1 or 1/],
  // Expressions.
  [{ learningRate: '0.1 * x' }, 'learningRate', /the name "x"; allowed/],
  [{ learningRate: '1 / (t - 50)' }, 'learningRate', /must be at least 0/],
  [{ learningRate: '1 / t' }, 'learningRate', /gives Infinity.*t = 0, n = 51, f = 12/],
  [{ learningRate: '0.1 - t / 100' }, 'learningRate', /gives -.*, and it must be at least 0, for t = 11, n = 51/],
  [{ attack: { name: 'alie', z: '1 / (t - 50)' } }, 'attack.z', /gives Infinity.*t = 50/],
  [{ attack: { name: 'alie', z: 'algorithm-4' } }, 'attack.z', /the name "algorithm"/],
];

for (const [change, path, message] of CASES) {
  t.test(`refused: ${JSON.stringify(change).slice(0, 80)}`, (t) => {
    const found = refusal({ ...BASE, ...change });
    t.match(found[path], message, `${path} is named among ${JSON.stringify(found)}`);
    t.end();
  });
}

t.test('refused: what is required and missing', (t) => {
  t.strictSame(Object.keys(refusal({})), ['workers', 'dataset', 'model', 'aggregator']);
  t.end();
});

t.test('refused: what is no object at all', (t) => {
  for (const value of [null, undefined, 3, 'krum', [], true, () => 3, Symbol('s'), 3n, new Date(), new Map()]) {
    t.match(refusal(value)[''], /JSON/, typeof value);
  }
  t.end();
});

t.test('refused: keys that reach a prototype, wherever they are', (t) => {
  for (const key of ['__proto__', 'constructor', 'prototype']) {
    t.match(refusal(JSON.parse(`{ "${key}": 3 }`)), { [key]: /not allowed/ });
    t.match(refusal({ ...BASE, aggregator: JSON.parse(`{ "name": "mean", "${key}": { "f": 3 } }`) as unknown }), { [`aggregator.${key}`]: /not allowed/ });
  }
  t.equal(({} as Record<string, unknown>)['f'], undefined);
  t.end();
});

t.test('refused: values that contain themselves, or are nested too deeply', (t) => {
  const cyclic: Record<string, unknown> = { ...BASE };
  cyclic['model'] = { name: 'mlp', hidden: [cyclic] };
  t.match(refusal(cyclic)[''], /deeper than 32 levels, or contains itself/);
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  t.match(refusal({ ...BASE, model: { name: 'mlp', hidden: deep } })[''], /deeper than 32 levels/);
  let wide: unknown = 1;
  for (let i = 0; i < 30; i++) wide = [wide, wide];
  t.match(refusal({ ...BASE, model: wide })[''], /more than 1,000,000 values/);
  t.end();
});

t.test('a number beyond several limits is told the narrowest, once', (t) => {
  const cases: readonly (readonly [change: object, problem: string])[] = [
    [{ rounds: 1e300 }, 'rounds: 1e+300 is not allowed: it must be at most 1,000,000,000'],
    [{ seed: 1e300 }, 'seed: 1e+300 is not allowed: it must be at most 9,007,199,254,740,991'],
    [{ byzantine: 1e300 }, 'byzantine: 1e+300 is not allowed: it must be at most 100,000'],
    [{ byzantine: { count: 1e300 } }, 'byzantine.count: 1e+300 is not allowed: it must be at most 100,000'],
    [{ model: { name: 'mlp', hidden: [1e300, 3] } }, 'model.hidden.0: 1e+300 is not allowed: it must be at most 1,000,000'],
    [{ batchSize: -1e300 }, 'batchSize: -1e+300 is not allowed: it must be at least 1'],
  ];
  for (const [change, message] of cases) t.throws(() => expand({ ...BASE, ...change }), { name: 'ScenarioError', message }, message);
  t.end();
});

t.test('every problem is told at once, one a line', (t) => {
  t.throws(() => expand({ ...BASE, rounds: 0, batchSize: -1, aggregator: 'krumm', attack: { name: 'alie', zz: 1 } }), ScenarioError);
  try {
    expand({ ...BASE, rounds: 0, batchSize: -1, aggregator: 'krumm', attack: { name: 'alie', zz: 1 } });
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    t.strictSame(error.problems.map(({ path }) => path), ['batchSize', 'rounds', 'aggregator.name', 'attack.zz']);
    t.strictSame(error.message.split('\n'), error.problems.map(({ path, message }) => `${path}: ${message}`));
  }
  t.end();
});

t.test('a name may have letters of any script', (t) => {
  t.equal(expand({ ...BASE, name: 'Grüße 你好 (v1.2)' })[0]?.configuration.name, 'Grüße 你好 (v1.2)');
  t.end();
});
