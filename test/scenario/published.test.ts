import t from 'tap';
import { expand } from '../../lib/scenario/expand.js';
import { loadScenario } from '../../lib/scenario/load.js';
import { publishedAccuracy, publishedFigures } from '../../lib/scenario/published.js';

t.test("table 1's runs stand beside the paper's figures, whatever their preset and seed", (t) => {
  const figures = publishedFigures('table-1-mnist');
  if (figures === undefined) throw new Error('table-1-mnist has no published figures');
  t.match(figures.source, /NeurIPS 2019, table 1/);
  const found = expand(loadScenario('table-1-mnist')).map(({ varied, configuration: { attack, aggregator } }) => ({
    run: `${aggregator.name} under ${attack.name}`,
    published: publishedAccuracy(figures, varied),
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

t.test('scenarios without published figures have none', (t) => {
  for (const name of ['honest', 'no-such', '../table-1-mnist', '', '__proto__']) t.equal(publishedFigures(name), undefined, name);
  t.end();
});

t.test('a figure fits when everything that it says is so', (t) => {
  const figures = { source: '', figures: [{ where: { attack: { name: 'alie', z: 1.5 }, rounds: 300 }, accuracy: 0.5 }] };
  t.equal(publishedAccuracy(figures, { attack: { name: 'alie', z: 1.5, ddof: 1 }, rounds: 300, seed: 4 }), 0.5);
  t.equal(publishedAccuracy(figures, { attack: { name: 'alie', z: 1 }, rounds: 300 }), undefined);
  t.equal(publishedAccuracy(figures, { attack: 'alie', rounds: 300 }), undefined);
  t.equal(publishedAccuracy(figures, { attack: { name: 'alie', z: 1.5 } }), undefined);
  t.equal(publishedAccuracy(figures, { attack: null, rounds: 300 }), undefined);
  t.end();
});
