import t from 'tap';
import { expand, expandEach, isRefused } from '../../lib/scenario/expand.js';
import { setPath } from '../../lib/scenario/path.js';
import { refusal } from './refusal.js';

const BASE = { workers: 51, byzantine: 12, dataset: 'digits', model: { name: 'mlp', hidden: [100] }, aggregator: 'krum' };

t.test('the first path changes slowest, the seeds fastest', (t) => {
  const runs = expand({ ...BASE, seeds: [4, 2], grid: { aggregator: ['mean', 'krum'], batchSize: [8, 16] } });
  t.strictSame(
    runs.map(({ label }) => label),
    [
      'aggregator=mean, batchSize=8, seed=4',
      'aggregator=mean, batchSize=8, seed=2',
      'aggregator=mean, batchSize=16, seed=4',
      'aggregator=mean, batchSize=16, seed=2',
      'aggregator=krum, batchSize=8, seed=4',
      'aggregator=krum, batchSize=8, seed=2',
      'aggregator=krum, batchSize=16, seed=4',
      'aggregator=krum, batchSize=16, seed=2',
    ],
  );
  t.strictSame(runs[2]?.varied, { aggregator: 'mean', batchSize: 16, seed: 4 });
  t.strictSame(
    runs.map(({ configuration: { aggregator, batchSize, seed } }) => [aggregator.name, batchSize, seed]),
    [['mean', 8, 4], ['mean', 8, 2], ['mean', 16, 4], ['mean', 16, 2], ['krum', 8, 4], ['krum', 8, 2], ['krum', 16, 4], ['krum', 16, 2]],
  );
  t.end();
});

t.test('a label shows texts as they are and anything else as compact JSON', (t) => {
  const [run] = expand({ ...BASE, grid: { attack: [{ name: 'alie', z: 1.5 }], learningRate: ['0.1 + t'], allowUnsafe: [true] } });
  t.equal(run?.label, 'attack={"name":"alie","z":1.5}, learningRate=0.1 + t, allowUnsafe=true');
  t.end();
});

t.test('a single seed varies nothing', (t) => {
  const runs = expand({ ...BASE, seed: 3, seeds: [9] });
  t.strictSame(runs.map(({ label, varied, configuration: { seed } }) => ({ label, varied, seed })), [{ label: '', varied: {}, seed: 9 }]);
  t.end();
});

t.test('paths lead into what a bare name or number stands for', (t) => {
  const grid = { 'attack.z': [2], 'byzantine.placement': ['spread'], 'aggregator.f': [3], 'model.hidden.0': [7], 'momentum.beta': [0.5] };
  const [run] = expand({ ...BASE, attack: 'alie', momentum: { placement: 'worker', beta: 0.9 }, grid });
  t.match(run?.configuration, {
    attack: { name: 'alie', z: 2 },
    byzantine: { count: 12, placement: 'spread' },
    aggregator: { name: 'krum', f: 3 },
    model: { name: 'mlp', hidden: [7] },
    momentum: { placement: 'worker', beta: 0.5 },
  });
  t.end();
});

t.test('paths lead into what is left out', (t) => {
  const { configuration } = expand({ ...BASE, byzantine: undefined, grid: { 'byzantine.count': [2], 'partition.name': ['iid'], 'attack.name': ['alie'], 'attack.z': [2] } })[0]!;
  t.match(configuration, { byzantine: { count: 2, placement: 'first' }, partition: { name: 'iid' }, attack: { name: 'alie', z: 2 } });
  t.end();
});

t.test('a path may set part of what a path before it sets as a whole', (t) => {
  const runs = expand({ ...BASE, grid: { aggregator: ['krum', { name: 'median', f: 1 }], 'aggregator.f': [5] } });
  t.strictSame(runs.map(({ configuration: { aggregator } }) => [aggregator.name, aggregator.f]), [['krum', 5], ['median', 5]]);
  t.match(refusal({ ...BASE, grid: { 'aggregator.f': [5], aggregator: ['krum'] } }), { 'grid.aggregator': /write aggregator before aggregator\.f/ });
  t.end();
});

t.test('paths with commas between vary together', (t) => {
  const grid = { 'aggregator, batchSize': [['mean', 8], [{ name: 'krum' }, 16]], rounds: [1, 2] };
  const runs = expand({ ...BASE, grid });
  t.strictSame(runs.map(({ configuration: { aggregator, batchSize, rounds } }) => [aggregator.name, batchSize, rounds]), [['mean', 8, 1], ['mean', 8, 2], ['krum', 16, 1], ['krum', 16, 2]]);
  t.equal(runs[3]!.label, 'aggregator={"name":"krum"}, batchSize=16, rounds=2');
  t.strictSame(runs[0]!.varied, { aggregator: 'mean', batchSize: 8, rounds: 1 });
  const refused = (changes: object, message: RegExp) => t.match(Object.values(refusal({ ...BASE, grid: changes })).join('; '), message);
  refused({ 'aggregator, batchSize': [['mean']] }, /\["mean"\] is not allowed: each value is a list of 2, one for each of aggregator, batchSize/);
  refused({ 'aggregator, batchSize': ['mean'] }, /"mean" is not allowed: each value is a list of 2/);
  refused({ 'aggregator, batchSize': [['mean', 8]], batchSize: [8] }, /varies batchSize already/);
  refused({ 'rounds, rounds': [[1, 2]] }, /varies rounds already/);
  refused({ 'attack.z, attack': [[1, 'alie']] }, /write attack before attack\.z/);
  refused({ 'aggregator, agregator': [['mean', 8]] }, /nearest is "aggregator"/);
  t.throws(() => setPath({ ...BASE, grid }, 'aggregator.f', '3'), { message: /the grid varies aggregator, batchSize together; set grid\.aggregator, batchSize/ });
  t.strictSame(setPath({ ...BASE, grid }, 'rounds', '7')['grid'], { 'aggregator, batchSize': grid['aggregator, batchSize'] });
  t.end();
});

t.test('the grid may bring what is required', (t) => {
  const rest = { ...BASE, aggregator: undefined };
  t.equal(expand({ ...rest, grid: { aggregator: ['mean', 'median'] } }).length, 2);
  t.end();
});

t.test('refused: paths that no run has', (t) => {
  const cases: [string, RegExp][] = [
    ['agregator', /nearest is "aggregator"/],
    ['name', /no key of a run/],
    ['seeds', /nearest is "seed"/],
    ['grid', /no key of a run/],
    ['manifest', /no key of a run/],
    ['$schema', /no key of a run/],
    ['', /not a path/],
    ['attack.', /not a path/],
    ['.z', /not a path/],
    ['attack..z', /not a path/],
    ['attack.__proto__', /not allowed/],
    ['constructor', /not allowed/],
    ['attack.prototype.z', /not allowed/],
  ];
  for (const [path, message] of cases) {
    // `join` leaves an empty path out.
    t.match(refusal({ ...BASE, grid: { [path]: [1] } }), { [path === '' ? 'grid.' : `grid.${path}`]: message }, path);
  }
  t.match(refusal({ ...BASE, grid: { 'attack.zz': [1] } }), { 'attack.zz': /unknown key "zz".*allowed: name/ });
  t.match(refusal({ ...BASE, grid: { 'learningRate.x': [1] } }), { learningRate: /no key inside it/ });
  t.match(refusal({ ...BASE, grid: { 'byzantine.cuont': [1] } }), { 'byzantine.cuont': /nearest is "count"/ });
  t.match(refusal({ ...BASE, grid: { 'model.hidden.1': [1] } }), { 'model.hidden.1': /no item/ });
  t.match(refusal({ ...BASE, grid: { 'model.hidden.-1': [1] } }), { 'model.hidden.-1': /no item/ });
  t.match(refusal({ ...BASE, grid: { 'preaggregators.0': ['nnm'] } }), { 'preaggregators.0': /no item/ });
  t.end();
});

t.test('refused: lists that are empty, repeat themselves, or are no lists', (t) => {
  t.match(refusal({ ...BASE, grid: { rounds: [] } }), { 'grid.rounds': /at least 1 long/ });
  t.match(refusal({ ...BASE, grid: { rounds: 5 } }), { 'grid.rounds': /a list/ });
  t.match(refusal({ ...BASE, grid: [] }), { grid: /an object/ });
  t.match(refusal({ ...BASE, grid: { attack: [{ name: 'alie', z: 1 }, { z: 1, name: 'alie' }] } }), { 'grid.attack': /twice/ });
  t.match(refusal({ ...BASE, seeds: [] }), { seeds: /at least 1 long/ });
  t.match(refusal({ ...BASE, seeds: 3 }), { seeds: /a list/ });
  t.match(refusal({ ...BASE, seeds: [1, 1] }), { seeds: /twice/ });
  t.match(refusal({ ...BASE, seeds: [1, -1] }), { 'seeds.1': /at least 0/ });
  t.match(refusal({ ...BASE, seeds: [1, 2], grid: { seed: [3] } }), { seeds: /varies seed already/ });
  t.end();
});

t.test('refused: more than 10,000 runs', (t) => {
  const values = (length: number): number[] => Array.from({ length }, (_, i) => i + 1);
  t.match(refusal({ ...BASE, grid: { rounds: values(101), batchSize: values(100) } }), { grid: /10,100 runs \(101 of rounds × 100 of batchSize\)/ });
  t.equal(expand({ ...BASE, aggregator: 'mean', seeds: values(100), grid: { rounds: values(100) } }).length, 10_000);
  t.end();
});

t.test('a problem that not every run has names the first that has it, and how many more', (t) => {
  const found = refusal({ ...BASE, grid: { aggregator: ['mean', 'krum', { name: 'krum', q: 2 }], byzantine: [12, 25, 24] } });
  t.match(found['aggregator'], /n = 51, f = 25.*\(in the run aggregator=krum, byzantine=25\)$/);
  t.match(found['aggregator.q'], /\(in the run aggregator=\{"name":"krum","q":2\}, byzantine=12 and 2 more runs\)$/);
  t.match(refusal({ ...BASE, rounds: 0, grid: { batchSize: [8, 16] } }), { rounds: /at least 1$/ }, 'what every run has is no run’s own');
  t.end();
});

t.test('after twenty problems the rest of the grid is not checked, which is said', (t) => {
  const found = refusal({ ...BASE, grid: { batchSize: Array.from({ length: 30 }, (_, i) => -i) } });
  t.match(found[''], /10 of the grid's 30 runs were not checked/);
  const all = refusal({ ...BASE, grid: { batchSize: Array.from({ length: 20 }, (_, i) => -i) } });
  t.notOk('' in all, 'all were');
  t.end();
});

t.test('each run by itself: what is wrong with one does not hide the others', (t) => {
  const runs = expandEach({ ...BASE, grid: { aggregator: ['mean', 'krumm', 'median'] } });
  t.strictSame(runs.map(({ label }) => label), ['aggregator=mean', 'aggregator=krumm', 'aggregator=median']);
  t.strictSame(runs.map(isRefused), [false, true, false]);
  t.match(runs[1], { problems: [{ path: 'aggregator.name', message: /nearest is "krum"/ }] });
  t.strictSame(expandEach({ ...BASE, seeds: [1, 2] }), expand({ ...BASE, seeds: [1, 2] }));
  t.end();
});

t.test('a problem of many runs is told once', (t) => {
  t.strictSame(Object.keys(refusal({ ...BASE, rounds: 0, seeds: [1, 2, 3], grid: { batchSize: [8, 16] } })), ['rounds']);
  t.end();
});
