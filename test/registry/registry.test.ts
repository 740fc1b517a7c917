import t from 'tap';
import { AGGREGATORS } from '../../lib/aggregators/registry.js';
import { registry } from '../../lib/registry/registry.js';
import { REGISTRIES } from '../../lib/scenario/registries.js';

const PLAIN = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'x'];

t.test('every registry finds what it names, in the order of the catalogue, and nothing else', (t) => {
  for (const [kind, registered] of Object.entries(REGISTRIES)) {
    t.same(Array.from(registered, ({ name }) => name), registered.names, kind);
    for (const entry of registered) t.equal(registered.get(entry.name), entry);
    for (const name of PLAIN) {
      t.equal(registered.find(name), undefined);
      t.throws(() => registered.get(name), { name: 'ParameterError' });
    }
  }
  t.end();
});

t.test('an unknown name is refused with what is allowed, and the nearest where one is near', (t) => {
  t.throws(() => AGGREGATORS.get('Krumm', 'aggregator.name'), {
    message: /^aggregator\.name: "Krumm" is no aggregation rule; allowed: mean, median, .*, bulyan, .*; the nearest is "krum"$/,
  });
  t.throws(() => AGGREGATORS.get('__proto__'), { message: /^"__proto__" is no aggregation rule; allowed: .*aksel$/ });
  t.throws(() => registry('thing', []).get('x'), { message: '"x" is no thing; none is allowed here' });
  t.end();
});

t.test('a registry can not be changed', (t) => {
  const one = registry('thing', [{ name: 'a' }]);
  t.throws(() => Object.assign(one, { find: () => ({ name: 'b' }) }), TypeError);
  t.throws(() => (one.names as string[]).push('b'), TypeError);
  t.end();
});

t.test('two of the same name are a mistake', (t) => {
  t.throws(() => registry('thing', [{ name: 'a' }, { name: 'b' }, { name: 'a' }]), /two are called the same among these: a, b, a/);
  t.end();
});
