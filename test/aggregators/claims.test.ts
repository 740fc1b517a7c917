import t from 'tap';
import type { Aggregator } from '../../lib/aggregators/aggregator.js';
import { AGGREGATORS } from '../../lib/aggregators/registry.js';
import { variants } from '../../lib/conformance/registered.js';
import { mergeParameters } from '../../lib/registry/parameters.js';
import { catalogue } from '../../lib/index.js';

function at(what: 'bound' | 'robustness', rule: Aggregator, named: object, n: number, f: number): number | undefined {
  const shape = { n, f, d: 1, removed: 0 };
  return rule[what]?.(shape, rule.resolve(mergeParameters(rule, { name: rule.name, ...named }), shape));
}

t.test('who gives a bound or a κ says where it is proven, and gives it for at least one preset', async (t) => {
  for (const rule of AGGREGATORS) {
    for (const [what, source] of [['bound', rule.boundSource], ['robustness', rule.robustnessSource]] as const) {
      t.equal(rule[what] !== undefined, source !== undefined, `${rule.name}, ${what}`);
      if (source === undefined) continue;
      const values = variants(rule).map((named) => at(what, rule, named, 51, 10));
      t.ok(values.some((value) => value !== undefined && value > 0 && Number.isFinite(value)), rule.name);
      t.ok(variants(rule).every((named) => at(what, rule, named, 8, 4) === undefined), `${rule.name}: silent outside its precondition`);
    }
    for (const preset of Object.keys(rule.reproduces ?? {})) t.ok(Object.hasOwn(rule.presets, preset), `${rule.name}: ${preset}`);
  }
});

t.test('Krum\'s bound is the one of the released code too, for the scores that either speaks of', async (t) => {
  for (const name of ['krum', 'multi-krum', 'bulyan']) {
    const rule = AGGREGATORS.get(name);
    for (const [n, f] of [[11, 2], [15, 3], [51, 12], [101, 24], [7, 0]] as const) {
      const released = 1 / Math.sqrt(2 * (n - f + (f * (n + f * (n - f - 2) - 2)) / (n - 2 * f - 2)));
      t.ok(Math.abs(at('bound', rule, {}, n, f)! - released) < 1e-12, `${name}, n = ${n}, f = ${f}`);
      if (name !== 'bulyan') t.ok(Math.abs(at('bound', rule, { preset: 'el-mhamdi-code' }, n, f)! - released) < 1e-12);
      t.equal(at('bound', rule, { preset: 'baruch-2019-code' }, n, f), undefined, 'and no other');
    }
  }
  for (const [n, f] of [[11, 2], [51, 12]] as const) t.equal(at('bound', AGGREGATORS.get('median'), {}, n, f), 1 / Math.sqrt(n - f));
});

t.test('κ at worked sizes', async (t) => {
  const near = (value: number | undefined, expected: number): void => { t.ok(Math.abs(value! - expected) < 1e-12); };
  // n = 9, f = 2: f/(n − 2f) = 2/5.
  near(at('robustness', AGGREGATORS.get('trimmed-mean'), {}, 9, 2), 6 * 0.4 * 1.4);
  near(at('robustness', AGGREGATORS.get('median'), {}, 9, 2), 4 * 1.4 * 1.4);
  near(at('robustness', AGGREGATORS.get('geometric-median'), {}, 9, 2), 4 * 1.4 * 1.4);
  near(at('robustness', AGGREGATORS.get('krum'), { preset: 'byzfl' }, 9, 2), 6 * 1.4);
  for (const [name, named] of [['trimmed-mean', { b: 1 }], ['geometric-median', { preset: 'rfa' }], ['krum', {}]] as const) t.equal(at('robustness', AGGREGATORS.get(name), named, 9, 2), undefined);
});

t.test('the catalogue has the claims of every rule and pre-aggregator by preset, and of nothing else', async (t) => {
  for (const { kind, name, properties, presets, bound, reproduces } of catalogue()) {
    if (kind !== 'aggregator' && kind !== 'preaggregator') {
      t.equal(properties, undefined);
      continue;
    }
    const named = Object.keys(presets);
    t.same(Object.keys(properties!), named.length === 0 ? ['default'] : named, name);
    if (kind === 'aggregator') t.same([bound, reproduces], [AGGREGATORS.get(name).boundSource, AGGREGATORS.get(name).reproduces], name);
  }
});
