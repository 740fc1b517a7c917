import t from 'tap';
import fc from 'fast-check';
import type { ResolvedRun } from '../../lib/scenario/configuration.js';
import { expand } from '../../lib/scenario/expand.js';
import { configurationHash } from '../../lib/scenario/hash.js';
import { setPath } from '../../lib/scenario/path.js';
import { ScenarioError } from '../../lib/scenario/problems.js';
import { type Kind, REGISTRIES } from '../../lib/scenario/registries.js';
import { AXIS_FIELDS } from '../../lib/scenario/axes.js';
import { RUN_FIELDS } from '../../lib/scenario/schema.js';

const names = (kind: Kind): string[] => [...REGISTRIES[kind].names];
const KEYS = [...Object.keys(RUN_FIELDS), ...Object.keys(AXIS_FIELDS), '$schema', 'manifest', 'count', 'placement', 'beta', 'z', 'f', 'start', 'preset', '__proto__', 'x'];

/** Runs that are sound: names that need no parameters, values within their limits. */
const sound = fc.record(
  {
    workers: fc.integer({ min: 40, max: 60 }),
    byzantine: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.record({ count: fc.integer({ min: 2, max: 9 }), placement: fc.constantFrom('first', 'spread', 'seeded') })),
    dataset: fc.constantFrom('digits', { name: 'mnist' }),
    model: fc.constantFrom('mlp', 'softmax-regression', { name: 'mlp', hidden: [10, 5] }),
    partition: fc.constantFrom('iid', { name: 'dirichlet', alpha: 0.3 }),
    aggregator: fc.constantFrom('mean', 'median', 'krum', { name: 'krum', preset: 'byzfl', p: 3 }, { name: 'bulyan', f: 1 }),
    attack: fc.constantFrom('none', { name: 'alie', z: 1 }, { name: 'alie', z: '1 + t / 10', start: 2 }),
    momentum: fc.oneof(fc.constant('none'), fc.record({ placement: fc.constantFrom('worker', 'server', 'update'), beta: fc.double({ min: 0, max: 1, noNaN: true }) })),
    learningRate: fc.oneof(fc.double({ min: 0, max: 10, noNaN: true }), fc.constant('0.1 / (t + 1)')),
    seed: fc.maxSafeNat(),
    rounds: fc.integer({ min: 3, max: 50 }),
    allowUnsafe: fc.boolean(),
  },
  { requiredKeys: ['workers', 'dataset', 'model', 'aggregator'] },
);

/** Anything, near to a scenario: known keys and names in the wrong places. */
const anything = fc.letrec((tie) => ({
  leaf: fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom(...names('aggregator'), ...names('attack'), '1 / t', 't', 1e308, -1, 0.5, 2 ** 53)),
  value: fc.oneof({ maxDepth: 4 }, tie('leaf'), fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { maxKeys: 6 })),
})).value;

const outcome = (scenario: unknown): ResolvedRun[] | ScenarioError => {
  try {
    return expand(scenario);
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
};

t.test('any JSON value is expanded or refused with a ScenarioError', (t) => {
  fc.assert(fc.property(fc.oneof(fc.jsonValue(), anything), (value) => { outcome(value); }), { numRuns: 2000 });
  t.end();
});

t.test('a sound run with anything in one of its keys is expanded or refused with a ScenarioError', (t) => {
  fc.assert(
    fc.property(sound, fc.constantFrom(...KEYS), anything, (scenario, key, value) => { outcome({ ...scenario, [key]: value }); }),
    { numRuns: 3000 },
  );
  t.end();
});

t.test('any path and text is set or refused with a ScenarioError', (t) => {
  const path = fc.oneof(fc.string(), fc.array(fc.constantFrom(...KEYS, '0', '1', ''), { maxLength: 4 }).map((keys) => keys.join('.')));
  fc.assert(
    fc.property(sound, path, fc.oneof(fc.string(), fc.json()), (scenario, at, text) => {
      try {
        outcome(setPath(scenario, at, text));
      } catch (error) {
        if (!(error instanceof ScenarioError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
  t.end();
});

t.test('a sound run is expanded, always to the same, and nothing handed in is changed', (t) => {
  fc.assert(
    fc.property(sound, (scenario) => {
      const before = JSON.stringify(scenario);
      const runs = expand(scenario);
      t.strictSame(expand(scenario), runs);
      return JSON.stringify(scenario) === before;
    }),
    { numRuns: 300 },
  );
  t.end();
});

t.test('a resolved configuration is a scenario that resolves to itself, with the same hash', (t) => {
  fc.assert(
    fc.property(sound, (scenario) => {
      const { configuration } = expand(scenario)[0]!;
      const again = expand(JSON.parse(JSON.stringify(configuration)))[0]!.configuration;
      t.strictSame(again, configuration);
      return configurationHash(again) === configurationHash(configuration);
    }),
    { numRuns: 300 },
  );
  t.end();
});

t.test('a run of a grid is the run of the scenario in which its values are set', (t) => {
  const grid = { attack: ['none', { name: 'alie', z: 2 }], 'aggregator.f': [1, 2], rounds: [5, 6] };
  fc.assert(
    fc.property(sound, (scenario) => {
      for (const { varied, configuration } of expand({ ...scenario, grid })) {
        const single = Object.entries(varied).reduce<unknown>((changed, [path, value]) => setPath(changed, path, JSON.stringify(value)), scenario);
        t.strictSame(expand(single)[0]!.configuration, configuration);
      }
    }),
    { numRuns: 50 },
  );
  t.end();
});
