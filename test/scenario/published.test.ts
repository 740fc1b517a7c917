import t from 'tap';
import { expand } from '../../lib/scenario/expand.js';
import { loadScenario } from '../../lib/scenario/load.js';
import { publishedAccuracy, publishedBackdoorSuccess, publishedFigures } from '../../lib/scenario/published.js';

t.test("table 1's runs stand beside the paper's figures, whatever their preset and seed", (t) => {
  const figures = publishedFigures('table-1-mnist');
  if (figures === undefined) throw new Error('table-1-mnist has no published figures');
  t.match(figures.source, /NeurIPS 2019, table 1/);
  const found = expand(loadScenario('table-1-mnist')).map(({ configuration }) => ({
    run: `${configuration.aggregator.name} under ${configuration.attack.name}`,
    published: publishedAccuracy(figures, configuration),
  }));
  const expected: Record<string, number | undefined> = {
    'mean under none': 0.961,
    'mean under alie': 0.911,
    'trimmed-mean under alie': 0.883,
    'mean-around-median under alie': 0.883,
    'krum under alie': 0.785,
    'bulyan under alie': 0.879,
  };
  for (const { run, published } of found) t.equal(published, expected[run], run);
  t.ok(Object.keys(expected).every((run) => found.some((item) => item.run === run)), 'every figure is used');
  t.end();
});

t.test("table 1's runs on CIFAR-10 stand beside the paper's figures, and no augmented or shortened ones do", (t) => {
  const figures = publishedFigures('table-1-cifar10');
  if (figures === undefined) throw new Error('table-1-cifar10 has no published figures');
  const published = (change: object): (number | undefined)[] => expand({ ...loadScenario('table-1-cifar10'), ...change }).map(({ configuration }) => publishedAccuracy(figures, configuration));
  t.same(published({}), [0.596, undefined, undefined, undefined, 0.422, 0.327, 0.203, 0.281]);
  for (const dataset of [{ augment: ['flip'] }, { mean: 0.4 }, { batches: [1, 2] }, { trainSamples: 1000 }]) {
    t.ok(published({ dataset: { name: 'cifar-10', ...dataset } }).every((figure) => figure === undefined), JSON.stringify(dataset));
  }
  t.end();
});

t.test("table 2's runs stand beside the paper's figures, accuracy and backdoor", (t) => {
  const expected = {
    'table-2-mnist': [[0.96, 0.369], [0.953, 1], [0.952, 1], [0.953, 0.999]],
    'table-2-cifar10': [[0.591, 0.073], [0.556, 0.807], [0.525, 0.951], [0.519, 0.843]],
  };
  for (const [name, attacked] of Object.entries(expected)) {
    const figures = publishedFigures(name);
    if (figures === undefined) throw new Error(`${name} has no published figures`);
    const published = (change: object) =>
      expand({ ...loadScenario(name), seeds: [1], ...change }).map(({ configuration }) => [publishedAccuracy(figures, configuration), publishedBackdoorSuccess(figures, configuration)]);
    t.same(published({}), [...Array.from({ length: 4 }, () => [undefined, undefined]), ...attacked], name);
    const aggregator = ['mean'];
    t.same(published({ grid: { attack: [{ name: 'alie-backdoor', preset: 'baruch-2019-code' }], aggregator } }), [attacked[0]], "the released code's preset has another pattern");
    for (const attack of [{ name: 'alie-backdoor', z: 1 }, { name: 'alie-backdoor', trigger: 'sample' }, { name: 'alie-backdoor', target: 3 }, 'alie']) {
      t.same(published({ grid: { attack: [attack], aggregator } }), [[undefined, undefined]], JSON.stringify(attack));
    }
  }
  t.end();
});

t.test('scenarios without published figures have none', (t) => {
  for (const name of ['honest', 'no-such', '../table-1-mnist', '', '__proto__']) t.equal(publishedFigures(name), undefined, name);
  t.end();
});

t.test("table 1's figures stand beside no run that is not the paper's", (t) => {
  const figures = publishedFigures('table-1-mnist');
  if (figures === undefined) throw new Error('table-1-mnist has no published figures');
  const { grid: _grid, seeds: _seeds, ...base } = loadScenario('table-1-mnist');
  const published = (change: object): (number | undefined)[] =>
    expand({ ...base, attack: 'alie', aggregator: 'krum', ...change }).map(({ configuration }) => publishedAccuracy(figures, configuration));
  t.same(published({}), [0.785], 'the preset stands for its parameters');
  t.same(published({ attack: { name: 'alie', z: 1.5 }, byzantine: { count: 12, placement: 'spread' }, seeds: [8, 9] }), [0.785, 0.785]);
  const others: object[] = [
    { dataset: 'digits' }, { dataset: 'fashion-mnist' }, { rounds: 2 }, { rounds: 301 }, { workers: 50 }, { byzantine: 11 }, { batchSize: 64 },
    { model: { name: 'mlp', hidden: [50] } }, { model: { name: 'mlp', hidden: [100, 100] } }, { model: 'softmax-regression' },
    { momentum: 'none' }, { momentum: { placement: 'server', beta: 0.9 } }, { momentum: { placement: 'update', beta: 0.9, dampening: 0.9 } },
    { learningRate: 0.2 }, { learningRate: '0.1 * 10000 / (t + 10000)' }, { weightDecay: 1e-4 }, { partition: { name: 'label-shards', labels: 2 } },
    { aggregator: { name: 'krum', f: 5 } }, { aggregator: 'median' }, { attack: 'none' }, { attack: 'sign-flip' }, { attack: { name: 'alie', z: 1 } },
    { attack: { name: 'alie', z: '1 + t / 100' } }, { attack: { name: 'alie', preset: 'byzfl' } }, { attack: { name: 'alie', start: 200 } },
  ];
  for (const change of others) t.same(published(change), [undefined], JSON.stringify(change));
  t.end();
});

t.test('a figure fits when everything that it says is so', (t) => {
  const base = { workers: 4, dataset: 'digits', model: 'mlp', aggregator: 'mean', byzantine: 1, rounds: 300 };
  const published = (where: Record<string, unknown>, change: object, configuration: Record<string, unknown> = {}): number | undefined =>
    publishedAccuracy({ source: '', configuration, figures: [{ where, accuracy: 0.5 }] }, expand({ ...base, ...change })[0]!.configuration);
  const where = { attack: { name: 'alie', z: 1.5, start: null }, rounds: 300 };
  t.equal(published(where, { attack: { name: 'alie', z: 1.5, sign: 1 } }), 0.5);
  t.equal(published(where, { attack: { name: 'alie', z: 1 } }), undefined);
  t.equal(published(where, { attack: { name: 'alie', start: 1 } }), undefined);
  t.equal(published(where, { attack: 'alie', rounds: 299 }), undefined);
  t.equal(published({ attack: 'alie' }, { attack: 'alie' }, { dataset: 'mnist' }), undefined);
  t.equal(published({ attack: 'alie' }, { attack: 'alie' }, { dataset: 'digits', preaggregators: [] }), 0.5);
  t.equal(published({ '__proto__x': {} }, {}), undefined);
  t.end();
});
