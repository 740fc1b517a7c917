import t from 'tap';
import { mergeParameters } from '../../lib/registry/parameters.js';
import { AGGREGATORS } from '../../lib/aggregators/registry.js';

t.test('every rule is registered under its name and says what it is', async (t) => {
  for (const [name, rule] of Array.from(AGGREGATORS, (one) => [one.name, one] as const)) {
    t.equal(rule.name, name);
    for (const text of [rule.formula, rule.source, rule.precondition, rule.cost]) t.ok(text.length > 0, `${name}: ${text}`);
  }
});

t.test('every preset is allowed by the rule\'s own schema, and the first one is what a bare name means', async (t) => {
  for (const rule of AGGREGATORS) {
    const [first] = Object.keys(rule.presets);
    for (const preset of Object.keys(rule.presets)) t.same(mergeParameters(rule, { name: rule.name, preset }), rule.presets[preset]);
    if (first !== undefined) t.same(mergeParameters(rule, { name: rule.name }), rule.presets[first]);
    const shape = { n: 51, f: 5, d: 3, removed: 0 };
    t.same(rule.resolve({}, shape), rule.resolve(mergeParameters(rule, { name: rule.name }), shape), `${rule.name}: the defaults are those of the first preset`);
  }
});
