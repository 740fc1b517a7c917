import t from 'tap';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { scheduleJsonSchema } from '../../lib/run/recorded-schedule.js';
import { expand } from '../../lib/scenario/expand.js';
import { scenarioJsonSchema } from '../../lib/scenario/json-schema.js';
import { SCENARIOS_FOLDER, shippedScenarios } from '../../lib/scenario/load.js';
import { type Kind, REGISTRIES } from '../../lib/scenario/registries.js';

const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(scenarioJsonSchema());
/** Parameters without which a model can't be had. */
const NEEDED: Readonly<Record<string, object>> = { layers: { layers: [{ layer: 'dense', units: 10 }] } };
const BASE = { workers: 51, byzantine: 12, dataset: 'digits', model: 'mlp', aggregator: 'mean' };

t.test('every scenario of the package is valid', (t) => {
  for (const name of shippedScenarios()) {
    const scenario: unknown = JSON.parse(readFileSync(`${SCENARIOS_FOLDER}${name}.json`, 'utf8'));
    t.ok(validate(scenario), `${name}: ${JSON.stringify(validate.errors)}`);
    t.match(scenario, { $schema: '../dist/scenario.schema.json' });
  }
  t.end();
});

t.test('what runs resolve to is valid, as in a manifest', (t) => {
  const grid = { attack: ['none', { name: 'alie', z: '1 + t', start: 3, stop: 5 }, { name: 'alie-backdoor', trigger: { kind: 'pattern', row: 2, value: 2.8 } }, { name: 'label-flip-backdoor', trigger: 'sample', target: 'next' }], momentum: ['none', { placement: 'worker', beta: 0.9 }], aggregator: ['krum', 'bulyan', 'median'] };
  for (const { configuration, label } of expand({ ...BASE, grid })) {
    t.ok(validate({ ...configuration, manifest: { label } }), `${label}: ${JSON.stringify(validate.errors)}`);
  }
  t.end();
});

t.test('every name, every preset and every expression is known', (t) => {
  for (const kind of ['dataset', 'model', 'aggregator', 'attack', 'mode'] as const satisfies Kind[]) {
    for (const { name, parameters, presets = {}, expressions = [] } of REGISTRIES[kind]) {
      const needed = kind === 'model' ? (NEEDED[name] ?? {}) : {};
      // A file of one's own has to be named.
      if (!parameters.safeParse(needed).success && Object.keys(presets).length === 0) continue;
      t.ok(validate({ ...BASE, [kind]: { name, ...needed } }), `${kind} ${name}: ${JSON.stringify(validate.errors)}`);
      for (const preset of Object.keys(presets)) t.ok(validate({ ...BASE, [kind]: { name, preset } }), `${kind} ${name} ${preset}`);
      for (const key of expressions) t.ok(validate({ ...BASE, [kind]: { name, [key]: '0.1 * t' } }), `${kind} ${name} with ${key} as an expression`);
    }
  }
  t.end();
});

t.test('both clocks of asynchronous training, and what a recorded schedule consists of', (t) => {
  const mode = (given: object) => ({ ...BASE, mode: { name: 'asynchronous', ...given } });
  t.ok(validate(mode({ clock: 'real', tolerateCrashes: 3 })), JSON.stringify(validate.errors));
  for (const wrong of [{ clock: 'wall' }, { tolerateCrashes: -1 }, { tolerateCrashes: 1.5 }]) t.notOk(validate(mode(wrong)), JSON.stringify(wrong));
  const [{ configuration }] = expand(mode({ clock: 'real' })) as [ReturnType<typeof expand>[0]];
  const lines = {
    head: { format: 'byzantium-schedule', version: 1, scenario: { ...configuration, kernels: 'strict' } },
    arrival: { worker: 1, version: 0, gradient: 0, time: 0.5 },
    crash: { crash: 1 },
    end: { end: { events: 2, rounds: 1, parametersHash: '0'.repeat(64) } },
  };
  const ajv = new Ajv2020({ allowUnionTypes: true });
  const { $defs = {}, ...whole } = scheduleJsonSchema();
  t.same(Object.keys($defs), Object.keys(lines));
  for (const [kind, schema] of Object.entries($defs)) {
    const check = ajv.compile(schema);
    for (const [other, line] of Object.entries(lines)) t.equal(check(line), other === kind, `${other} as ${kind}`);
  }
  const check = ajv.compile({ ...whole, $defs });
  for (const [kind, line] of Object.entries(lines)) t.ok(check(line), kind);
  t.notOk(check({ worker: 1 }));
  t.end();
});

t.test('what is named inside other settings is described like all that is named', (t) => {
  const asynchronous = (policy: unknown) => ({ ...BASE, mode: { name: 'asynchronous', policy } });
  const flood = (lie: unknown) => ({ ...BASE, attack: { name: 'flood', lie } });
  const inspected = (inspect: unknown) => ({ ...BASE, server: { inspect } });
  for (const right of [asynchronous('kardam'), asynchronous({ name: 'kardam', preset: 'code' }), flood('ipm'), flood({ name: 'alie', z: 2 }), inspected('activation-clustering')]) {
    t.ok(validate(right), JSON.stringify(validate.errors));
  }
  for (const wrong of [asynchronous('kardan'), asynchronous({ name: 'kardam', preset: 'x' }), flood('imp'), flood({ name: 'alie', y: 2 }), inspected('clustering')]) {
    t.notOk(validate(wrong), JSON.stringify(wrong));
  }
  t.end();
});

t.test('a list of layers needs no name', (t) => {
  t.ok(validate({ ...BASE, model: { layers: [{ layer: 'dense', units: 10 }] } }), JSON.stringify(validate.errors));
  t.notOk(validate({ ...BASE, model: { layers: [{ layer: 'dense', unit: 10 }] } }));
  t.end();
});

t.test('what expand refuses for a value alone is not valid', (t) => {
  const changes: object[] = [
    { rounds: 0 }, { rounds: '3' }, { roundz: 3 }, { aggregator: 'krumm' }, { aggregator: { name: 'krum', q: 1 } }, { aggregator: { name: 'krum', preset: 'x' } },
    { aggregator: { name: 'mean', start: 1 } }, { attack: { name: 'alie', f: 3 } }, { attack: { name: 'alie-backdoor', trigger: { kind: 'patch' } } }, { attack: { name: 'label-flip-backdoor', target: -1 } }, { byzantine: -1 }, { byzantine: { placement: 'first' } }, { momentum: 'server' },
    { partition: 'dirichlet' }, { kernels: 'fast' }, { seed: -1 }, { seeds: [] }, { seeds: [1, 1.5] }, { grid: { rounds: [] } }, { name: '../x' }, { workers: undefined },
  ];
  for (const change of changes) {
    const scenario: unknown = JSON.parse(JSON.stringify({ ...BASE, ...change }));
    t.notOk(validate(scenario), JSON.stringify(change));
    t.throws(() => expand(scenario), JSON.stringify(change));
  }
  t.end();
});

t.test('the grid may bring what is required', (t) => {
  t.ok(validate({ ...BASE, aggregator: undefined, grid: { aggregator: ['mean', 'krum'] } }));
  t.end();
});

t.test('editors find a description, and the default, at every key', (t) => {
  const { properties = {} } = scenarioJsonSchema();
  for (const [key, property] of Object.entries(properties)) t.match(property, { description: /./ }, key);
  const defaults = { seed: 0, byzantine: 0, partition: 'iid', batchSize: 32, rounds: 100, evaluateEvery: 10, learningRate: 0.1, momentum: 'none', weightDecay: 0, preaggregators: [], attack: 'none', mode: 'synchronous', kernels: 'auto', allowUnsafe: false };
  for (const [key, value] of Object.entries(defaults)) t.strictSame((properties[key] as { default?: unknown }).default, value, key);
  t.end();
});
