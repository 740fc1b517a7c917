import t from 'tap';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expand } from '../../lib/scenario/expand.js';
import { scenarioJsonSchema } from '../../lib/scenario/json-schema.js';
import { refusal } from './refusal.js';

const BASE = { workers: 4, mode: 'hogwild', dataset: 'sparse-svm', model: 'linear-svm' };

t.test('hogwild needs no rule, and its resolved run, handed back, is the same run', (t) => {
  const [run] = expand(BASE);
  t.match(run?.configuration, { aggregator: { name: 'none', f: 0 }, attack: { name: 'none' }, batchSize: 1, server: undefined, mode: { name: 'hogwild', variant: 'lock-free', backoff: 0.9, countLost: true } });
  t.strictSame(expand({ ...run!.configuration, manifest: {} }), [run]);
  const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(scenarioJsonSchema());
  t.ok(validate(BASE), JSON.stringify(validate.errors));
  t.ok(validate(run!.configuration), JSON.stringify(validate.errors));
  t.notOk(validate({ ...BASE, mode: 'synchronous' }), 'a rule is still required where there is one');
  t.end();
});

t.test('hogwild: what has no meaning in it is refused, not ignored', (t) => {
  const unused = { aggregator: 'krum', attack: 'alie', preaggregators: ['nnm'], momentum: { placement: 'server', beta: 0.9 }, weightDecay: 0.1, partition: { name: 'dirichlet', alpha: 1 }, batchSize: 32, server: { samples: 100 } };
  for (const [key, value] of Object.entries(unused)) t.match(refusal({ ...BASE, [key]: value })[key], /has no meaning in the mode hogwild: .*leave .* out/);
  t.end();
});

t.test('a mode refuses what it can’t train, and what doesn’t fit together', (t) => {
  const cases: [object, string, RegExp][] = [
    [{ dataset: 'digits' }, 'model', /linear-svm can't learn from digits; models that can: mlp, softmax-regression/],
    [{ model: 'mlp' }, 'model', /mlp can't learn from sparse-svm; models that can: linear-svm$/],
    [{ dataset: 'digits', model: 'mlp', mode: { name: 'hogwild', variant: 'round-robin' } }, 'mode.variant', /"round-robin" is for sparse models; mlp on digits is dense, where lock-free, serial, lock are allowed/],
    [{ dataset: 'digits', model: 'mlp', aggregator: 'krum' }, 'aggregator', /has no meaning in the mode hogwild/],
    [{ mode: 'synchronous', aggregator: 'mean' }, 'dataset.name', /"sparse-svm" can't be trained in the mode synchronous; allowed: digits/],
    [{ mode: 'asynchronous', aggregator: 'mean' }, 'dataset.name', /"sparse-svm" can't be trained in the mode asynchronous; allowed: digits/],
    [{ model: 'multiway-cut' }, 'model', /multiway-cut can't learn from sparse-svm/],
    [{ byzantine: 1 }, 'mode.write', /is required: 1 workers are Byzantine/],
    [{ mode: { name: 'hogwild', write: { kind: 'huge' } } }, 'mode.write', /no worker is Byzantine/],
    [{ mode: { name: 'hogwild', window: 3 } }, 'mode.window', /only the variant gathered has a window/],
    [{ mode: { name: 'hogwild', variant: 'lockfree' } }, 'mode.variant', /nearest is "lock-free"/],
    [{ mode: { name: 'hogwild', backoff: 1.5 } }, 'mode.backoff', /at most 1/],
    [{ dataset: 'libsvm' }, 'dataset.train', /is required/],
  ];
  for (const [change, path, message] of cases) t.match(refusal({ ...BASE, ...change })[path], message, JSON.stringify(refusal({ ...BASE, ...change })));
  t.end();
});
