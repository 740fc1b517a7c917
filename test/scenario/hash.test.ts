import t from 'tap';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expand } from '../../lib/scenario/expand.js';
import { canonicalJson, configurationHash } from '../../lib/scenario/hash.js';

const BASE = { workers: 51, byzantine: 12, dataset: 'digits', model: { name: 'mlp', hidden: [100] }, aggregator: 'krum' };
const hashOf = (scenario: object): string => configurationHash(expand(scenario)[0]!.configuration);

t.test('the hash is the SHA-256 of the canonical JSON without the name', (t) => {
  const { name: _name, ...rest } = expand(BASE)[0]!.configuration;
  t.equal(hashOf(BASE), createHash('sha256').update(canonicalJson(rest)).digest('hex'));
  t.match(hashOf(BASE), /^[0-9a-f]{64}$/);
  t.end();
});

t.test('it goes by what a scenario says, not by how', (t) => {
  const same = [
    { ...BASE, name: 'other' },
    Object.fromEntries(Object.entries(BASE).reverse()),
    { ...BASE, rounds: 100, attack: 'none' },
    { ...BASE, aggregator: { f: 12, preset: 'blanchard-2017', name: 'krum' } },
    { ...BASE, byzantine: { count: 12 } },
    { ...BASE, weightDecay: -0 },
    { ...BASE, model: 'mlp' },
    { ...BASE, model: { name: 'mlp', initialisation: 'baruch-2019' } },
    { ...BASE, dataset: { name: 'digits', trainSamples: 60_000 } },
  ];
  for (const scenario of same) t.equal(hashOf(scenario), hashOf(BASE), JSON.stringify(scenario));
  const others = [{ ...BASE, seed: 1 }, { ...BASE, aggregator: { name: 'krum', f: 11 } }, { ...BASE, aggregator: { name: 'krum', preset: 'byzfl' } }, { ...BASE, rounds: 101 }];
  t.equal(new Set([BASE, ...others].map(hashOf)).size, others.length + 1);
  t.end();
});

t.test('canonical JSON is JSON of the same value, whatever the order of keys', (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const reversed: unknown = JSON.parse(JSON.stringify(value), (_, item: unknown) =>
        typeof item === 'object' && item !== null && !Array.isArray(item) ? Object.fromEntries(Object.entries(item).reverse()) : item,
      );
      t.strictSame(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      return canonicalJson(reversed) === canonicalJson(value);
    }),
  );
  t.end();
});
