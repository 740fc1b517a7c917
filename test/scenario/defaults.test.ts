import t from 'tap';
import { expand } from '../../lib/scenario/expand.js';

const LEAST = { workers: 7, dataset: 'digits', model: 'mlp', aggregator: 'mean' };

t.test('what a scenario leaves out gets the documented default', (t) => {
  const [run] = expand(LEAST);
  t.strictSame(run, {
    label: '',
    varied: {},
    configuration: {
      name: 'scenario',
      seed: 0,
      workers: 7,
      byzantine: { count: 0, placement: 'first' },
      dataset: { name: 'digits', trainSamples: 60_000, testSamples: 10_000 },
      partition: { name: 'iid' },
      model: { name: 'mlp', hidden: [100], initialisation: 'baruch-2019' },
      batchSize: 32,
      rounds: 100,
      evaluateEvery: 10,
      learningRate: 0.1,
      momentum: 'none',
      weightDecay: 0,
      preaggregators: [],
      aggregator: { name: 'mean', f: 0 },
      attack: { name: 'none' },
      mode: { name: 'synchronous' },
      kernels: 'auto',
      allowUnsafe: false,
    },
  });
  t.end();
});

t.test('everything written is kept', (t) => {
  const scenario = {
    name: 'all of it',
    seed: Number.MAX_SAFE_INTEGER,
    workers: 51,
    byzantine: { count: 12, placement: 'seeded' },
    dataset: { name: 'mnist', trainSamples: 100, testSamples: 'all' },
    partition: { name: 'dirichlet', alpha: 0.5 },
    model: { name: 'mlp', hidden: [20, 30], initialisation: 'he' },
    batchSize: 128,
    rounds: 300,
    evaluateEvery: 5,
    learningRate: '0.1 * 10000 / (t + 10000)',
    momentum: { placement: 'server', beta: 0.9, dampening: 0.1 },
    weightDecay: 1e-4,
    preaggregators: [],
    aggregator: { name: 'krum', preset: 'baruch-2019-code', p: 2, f: 11 },
    attack: { name: 'alie', preset: 'byzfl', z: '1 + t / 300', start: 10, stop: 20 },
    mode: { name: 'synchronous' },
    kernels: 'strict',
    allowUnsafe: true,
  };
  t.strictSame(expand(scenario)[0]?.configuration, scenario);
  t.end();
});

t.test('a count of Byzantine workers stands for the first ones', (t) => {
  t.strictSame(expand({ ...LEAST, byzantine: 3 })[0]?.configuration.byzantine, { count: 3, placement: 'first' });
  t.strictSame(expand({ ...LEAST, byzantine: { count: 3 } })[0]?.configuration.byzantine, { count: 3, placement: 'first' });
  t.end();
});

t.test('the rule is told the Byzantine count unless it is told another', (t) => {
  t.equal(expand({ ...LEAST, byzantine: 3 })[0]?.configuration.aggregator.f, 3);
  t.equal(expand({ ...LEAST, byzantine: { count: 3 }, aggregator: { name: 'median', f: 2 } })[0]?.configuration.aggregator.f, 2);
  t.equal(expand({ ...LEAST, byzantine: 3, aggregator: { name: 'median', f: 0 } })[0]?.configuration.aggregator.f, 0);
  t.end();
});

t.test('the first preset is the default, and is written out', (t) => {
  t.equal(expand({ ...LEAST, aggregator: 'krum' })[0]?.configuration.aggregator.preset, 'blanchard-2017');
  t.equal(expand({ ...LEAST, byzantine: 2, attack: 'alie' })[0]?.configuration.attack.preset, 'baruch-2019-experiments');
  t.end();
});

t.test('what does not depend on n and f is written out, for whatever has no presets', (t) => {
  const named = (change: object) => expand({ ...LEAST, byzantine: 2, ...change })[0]!.configuration;
  t.strictSame(named({ dataset: 'mnist' }).dataset, { name: 'mnist', trainSamples: 'all', testSamples: 'all' });
  t.strictSame(named({ model: 'softmax-regression' }).model, { name: 'softmax-regression', initialisation: 'baruch-2019' });
  t.strictSame(named({ attack: 'ipm' }).attack, { name: 'ipm', epsilon: 0.5 });
  t.strictSame(named({ attack: { name: 'sign-flip', scale: 't', start: 2 } }).attack, { name: 'sign-flip', scale: 't', of: 'own', start: 2 });
  t.strictSame(named({ aggregator: 'trimmed-mean' }).aggregator, { name: 'trimmed-mean', f: 2 }, 'what is trimmed follows f');
  t.end();
});

t.test('momentum has a dampening of 0 unless given', (t) => {
  const momentum = { placement: 'update', beta: 0.9 };
  t.strictSame(expand({ ...LEAST, momentum })[0]?.configuration.momentum, { ...momentum, dampening: 0 });
  t.end();
});

t.test('$schema, a description and a manifest are left out, so that a manifest can be handed back', (t) => {
  const [run] = expand({ ...LEAST, $schema: './scenario.schema.json', description: 'What it shows', manifest: { result: { status: 'completed' } } });
  t.strictSame(run?.configuration, expand(LEAST)[0]?.configuration);
  t.end();
});

t.test('a key whose value is undefined counts as left out', (t) => {
  t.strictSame(expand({ ...LEAST, rounds: undefined }), expand(LEAST));
  t.end();
});
