import t from 'tap';
import { mergeParameters } from '../../lib/registry/parameters.js';
import { ATTACKS } from '../../lib/attacks/registry.js';

t.test('every attack is registered under its name and says what it is', async (t) => {
  for (const [name, attack] of Array.from(ATTACKS, (one) => [one.name, one] as const)) {
    t.equal(attack.name, name);
    for (const text of [attack.formula, attack.source, attack.precondition]) t.ok(text.length > 0, `${name}: ${text}`);
  }
});

t.test('presets are allowed by the schema, and the first one is what a bare name means', async (t) => {
  for (const attack of ATTACKS) {
    for (const preset of Object.keys(attack.presets)) t.same(mergeParameters(attack, { name: attack.name, preset }), attack.presets[preset]);
    const shape = { n: 51, f: 12, d: 3 };
    t.same(attack.resolve({}, shape), attack.resolve(mergeParameters(attack, { name: attack.name }), shape), `${attack.name}: the defaults are those of the first preset`);
  }
});

t.test('factors take numbers and expressions, and refuse an expression that was not evaluated', async (t) => {
  for (const attack of ATTACKS) {
    for (const factor of attack.expressions) {
      t.same(mergeParameters(attack, { name: attack.name, [factor]: 0.5 }), { ...mergeParameters(attack, { name: attack.name }), [factor]: 0.5 });
      const given = mergeParameters(attack, { name: attack.name, [factor]: 't / n' });
      t.throws(() => attack.resolve(given, { n: 51, f: 12, d: 3 }), { name: 'ParameterError', message: `${attack.name}.${factor}: here a number is needed, and not the expression "t / n"` });
    }
  }
});
