import t from 'tap';
import { AGGREGATORS } from '../../lib/aggregators/registry.js';
import { ATTACKS } from '../../lib/attacks/registry.js';
import { mergeParameters } from '../../lib/registry/parameters.js';
import { configurationOf, faultOf, type Pair, train } from './pairs.js';

/** Every rule without an attack and under one, every attack against at least one rule; test/long has all pairs. */
function samplePairs(): Pair[] {
  const rules = AGGREGATORS.names;
  const attacks = ATTACKS.names.filter((attack) => attack !== 'none');
  const longest = Math.max(rules.length, attacks.length);
  return [
    ...rules.map((rule) => ({ rule, attack: 'none' })),
    // Five apart, so that attacks of one family don't meet rules of one family.
    ...Array.from({ length: longest }, (_, index) => ({ rule: rules[index % rules.length]!, attack: attacks[(5 * index) % attacks.length]! })),
  ];
}

t.test('every rule learns without an attack, and trains to the end under one', { timeout: 200_000 }, async (t) => {
  for (const { pair, outcome } of await train(samplePairs(), 2)) {
    const { rule, attack, refused } = pair;
    if (outcome === undefined) {
      t.comment(`${rule} under ${attack} is refused: ${refused ?? ''}`);
      continue;
    }
    t.equal(faultOf(pair, outcome), undefined, `${rule} under ${attack}`);
    const { name, f: _, ...parameters } = configurationOf(pair).aggregator;
    const entry = AGGREGATORS.get(rule);
    const defined = entry.properties(mergeParameters(entry, { name, ...parameters })).weights !== 'none';
    t.ok(outcome.records.every(({ weights, byzantineWeight }) => (weights !== undefined) === defined && (byzantineWeight !== undefined) === defined), `${rule}: weights in every round's record, or in none`);
    if (!defined) continue;
    // NaN where a rule listens to nobody.
    t.ok(outcome.records.every(({ byzantineWeight = NaN }) => Number.isNaN(byzantineWeight) || (byzantineWeight >= 0 && byzantineWeight <= 1 + 1e-12)), `${rule}: a share`);
  }
});
