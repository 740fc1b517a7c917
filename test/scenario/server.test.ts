import t from 'tap';
import { catalogue } from '../../lib/scenario/catalogue.js';
import { checkRun } from '../../lib/scenario/check.js';
import { expand } from '../../lib/scenario/expand.js';
import { configurationHash } from '../../lib/scenario/hash.js';
import { scenarioJsonSchema } from '../../lib/scenario/json-schema.js';
import { refusal } from './refusal.js';

const BASE = { dataset: 'digits', model: 'mlp', workers: 9, byzantine: 2, aggregator: 'krum' };

t.test('a rule that needs data at the server is refused without, with a suggestion', async (t) => {
  t.same(refusal({ ...BASE, aggregator: 'fltrust' }), {
    'server.samples': 'is required: fltrust needs a gradient on samples at the server, which are held out of the training set; give "server": { "samples": 100 }, say',
  });
  t.match(refusal({ ...BASE, aggregator: 'zeno', server: {} }), { 'server.samples': /^is required: zeno needs the loss on samples at the server/ });
  t.same(refusal({ ...BASE, aggregator: 'zeno', server: { samples: 1 } }), {});
});

t.test('samples for a rule that needs none are warned of, and kept', async (t) => {
  const [run] = expand({ ...BASE, server: { samples: 50 } });
  t.same(run!.configuration.server, { samples: 50 });
  t.same(checkRun(run!.configuration).warnings, ['server.samples: 50 training samples are kept from the workers and nothing uses them: krum needs no data at the server']);
  const [needed] = expand({ ...BASE, aggregator: 'fltrust', server: { samples: 50 } });
  t.same(checkRun(needed!.configuration).warnings, []);
});

t.test('a scenario without a server is what it was', async (t) => {
  const [plain, empty] = [BASE, { ...BASE, server: {} }].map((scenario) => expand(scenario)[0]!.configuration);
  t.notOk('server' in plain!);
  t.equal(configurationHash(empty!), configurationHash(plain!));
});

t.test('impossible values are refused, and the grid may vary the samples', async (t) => {
  t.match(refusal({ ...BASE, server: { samples: 0 } }), { 'server.samples': /at least 1/ });
  t.match(refusal({ ...BASE, server: { sample: 10 } }), { 'server.sample': /unknown key "sample"; allowed: samples/ });
  t.match(refusal({ ...BASE, server: 10 }), { server: /not allowed/ });
  t.same(expand({ ...BASE, aggregator: 'zeno', grid: { 'server.samples': [10, 20] } }).map(({ configuration }) => configuration.server), [{ samples: 10 }, { samples: 20 }]);
});

t.test('the catalogue and the JSON schema tell what a rule needs and how it is given', async (t) => {
  const needs = catalogue().flatMap(({ name, needs }) => (needs === undefined ? [] : [[name, needs]]));
  t.same(needs, [
    ['fltrust', 'a gradient on samples at the server: server.samples in a scenario, the option "trusted" of aggregate()'],
    ['zeno', 'the loss on samples at the server: server.samples in a scenario, the option "score" of aggregate()'],
    ['zeno++', 'a gradient on samples at the server: server.samples in a scenario'],
  ]);
  const text = JSON.stringify(scenarioJsonSchema());
  t.match(text, /Needs the loss on samples at the server/);
  t.match(text, /"samples":\{/);
});
