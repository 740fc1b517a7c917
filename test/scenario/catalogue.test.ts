import t from 'tap';
import { catalogue, expand } from '../../lib/index.js';
import { CATALOGUE_KINDS } from '../../lib/scenario/catalogue.js';
import { REGISTRIES } from '../../lib/scenario/registries.js';

t.test('the catalogue holds every kind, and says of each entry what it is and where it is from', (t) => {
  const entries = catalogue();
  for (const { kind, name, formula, description, source } of entries) {
    t.ok(CATALOGUE_KINDS.includes(kind));
    t.ok((formula ?? description ?? '').length > 0 && source.length > 0, `${kind} ${name}`);
  }
  t.equal(new Set(entries.map(({ kind, name }) => `${kind} ${name}`)).size, entries.length);
  t.end();
});

t.test('nothing that a scenario can name is missing from it', (t) => {
  t.same(catalogue().map(({ kind, name }) => `${kind} ${name}`).sort(), Object.entries(REGISTRIES).flatMap(([kind, { names }]) => names.map((name) => `${kind} ${name}`)).sort());
  t.match(catalogue().find(({ name }) => name === 'kardam'), { kind: 'policy', formula: /quantile/, source: /Damaskinos/, precondition: 'n ≥ 3f + 1', presets: { 'damaskinos-2018': {}, code: {} } });
  t.end();
});

t.test('what is done to a catalogue changes nothing but it', (t) => {
  const krum = catalogue().find(({ name }) => name === 'krum');
  if (krum === undefined) throw new Error('no krum');
  const before = structuredClone(krum);
  const [first = ''] = Object.keys(krum.presets);
  Object.assign(krum.presets[first] ?? {}, { c: 'spoilt', p: -1 });
  Object.assign(krum.presets, { mine: {} });
  Object.assign(krum.parameters[0]?.schema ?? {}, { type: 'spoilt' });
  t.strictSame(catalogue().find(({ name }) => name === 'krum'), before);
  t.doesNotThrow(() => expand({ workers: 9, byzantine: 2, dataset: 'digits', model: 'mlp', aggregator: 'krum' }));
  t.end();
});
