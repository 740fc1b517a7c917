import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Stream } from '../../lib/data/random.js';
import { assemble } from '../../lib/models/assemble.js';
import { MODELS } from '../../lib/models/registry.js';
import type { Manifest } from '../../lib/run/records.js';
import { renderReport } from '../../lib/report/report.js';
import { renderTextTable } from '../../lib/report/text-table.js';
import { simulate } from '../../lib/training/simulate.js';
import { NetworkBench } from '../models/bench.js';
import { problemsOf, refusal } from '../scenario/refusal.js';
import { SMALL, small } from './small.js';

const INSPECTED = { ...SMALL, rounds: 40, batchSize: 32, learningRate: 0.3, attack: 'label-flip', server: { inspect: 'activation-clustering' } };

t.test('activations are what the last layer with weights reads', async (t) => {
  const bench = new NetworkBench(MODELS.get('mlp').layers({ hidden: [7] }, { channels: 5, height: 1, width: 1 }, 3), 4);
  bench.network.initialise(bench.parameters, 1);
  t.equal(bench.network.hiddenSize, 7);
  const random = new Stream(1, 'digits');
  const inputs = Float32Array.from({ length: 20 }, () => random.normal());
  const found = bench.activations(inputs, [0, 1, 2, 0]);
  for (let sample = 0; sample < 4; sample++) {
    for (let unit = 0; unit < 7; unit++) {
      let sum = bench.parameters[35 + unit]!;
      for (let k = 0; k < 5; k++) sum += inputs[5 * sample + k]! * bench.parameters[7 * k + unit]!;
      t.ok(Math.abs(found[7 * sample + unit]! - Math.max(0, sum)) < 1e-6, `sample ${sample}, unit ${unit}`);
    }
  }
  const pooled = new NetworkBench(assemble([{ layer: 'convolution', filters: 4, kernel: 3 }, { layer: 'average-pool', size: 3 }, { layer: 'dropout', rate: 0.5 }, { layer: 'dense', units: 2 }, { layer: 'relu' }], { channels: 1, height: 8, width: 8 }, 2, 'model.layers'), 2);
  t.equal(pooled.network.hiddenSize, 16, 'of 4 filters 2 × 2');
});

t.test('an inspection finds what label-flip did, whatever the number of threads, and its report says it', async (t) => {
  const out = t.testdir();
  const result = await simulate(INSPECTED, { threads: 2, out: join(out, 'two') }).result;
  const { inspection } = result;
  const manifest = JSON.parse(readFileSync(join(out, 'two', 'manifest.json'), 'utf8')) as Manifest;
  t.same(manifest.manifest.result.inspection, inspection);
  t.same((await simulate(INSPECTED, { threads: 3 }).result).inspection, inspection);
  t.same(manifest.server, { inspect: { name: 'activation-clustering', components: 10, size: 0.35, silhouette: 0.1 } });

  // Workers 0 and 1 took label y for 9 − y, which no label is left by.
  const histogram = manifest.manifest.labelHistogram;
  const flipped = histogram.slice(0, 2).flat().reduce((sum, count) => sum + count, 0);
  t.match(inspection, { samples: 13 * Math.floor(2000 / 13), poisonedSamples: flipped });
  t.same(inspection!.classes.map(({ poisoned }) => poisoned), Array.from({ length: 10 }, (_, label) => histogram[0]![9 - label]! + histogram[1]![9 - label]!));
  t.same(inspection!.classes.map(({ samples }) => samples), Array.from({ length: 10 }, (_, label) => histogram.reduce((sum, worker, i) => sum + worker[i < 2 ? 9 - label : label]!, 0)));

  const report = { name: 'x', started: '2026-01-01T00:00:00Z', runs: [{ label: '', varied: {}, manifest, result, records: [] }] };
  t.match(renderTextTable(report), /activation-clustering suspects .*; precision .* %, recall .* %/);
  const page = await renderReport(report);
  t.match(page, /What the inspection of the data found/);
  t.match(page, /smaller cluster/);
});

t.test('poisoned is what was poisoned: nothing before the attack begins, and what a backdoor was planted in', async (t) => {
  const poisoned = async (attack: object, rounds = 4) => (await simulate({ ...INSPECTED, rounds, attack }, { threads: 2 }).result).inspection!.poisonedSamples;
  t.equal(await poisoned({ name: 'label-flip', start: 4 }), 0);
  // 2 workers with 153 samples each in batches of 32: a pass over them takes 5 rounds, and 8 samples of each round's batch are planted.
  const planted = (window: object) => poisoned({ name: 'label-flip-backdoor', share: 0.25, ...window });
  t.equal(await planted({ start: 4 }), 0);
  t.equal(await planted({}), 2 * 4 * 8);
  t.equal(await planted({ start: 1, stop: 3 }), 2 * 2 * 8);
  t.equal(await planted({ stop: 1 }), 2 * 8);
});

t.test('the inspection changes no bit of the run, and a run without one says nothing of it', async (t) => {
  const { server: _, ...plain } = INSPECTED;
  const [inspected, without] = [await simulate({ ...INSPECTED, rounds: 3 }, { threads: 2 }).result, await simulate({ ...plain, rounds: 3 }, { threads: 2 }).result];
  t.equal(inspected.parametersHash, without.parametersHash);
  t.notOk('inspection' in without);
  t.notMatch(renderTextTable({ name: 'x', started: '', runs: [{ label: '', varied: {}, result: without, records: [] }] }), /suspects/);
});

t.test('of a model that diverged the result and the reports say which labels can’t be judged, not that they are above suspicion', async (t) => {
  const out = join(t.testdir(), 'out');
  const result = await simulate({ ...INSPECTED, learningRate: 1e38 }, { threads: 2, out }).result;
  const inspection = result.inspection!;
  t.equal(result.status, 'diverged');
  t.same(inspection.unjudgedClasses, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  t.ok(inspection.nonFiniteSamples! > 0);
  t.equal(inspection.nonFiniteSamples, inspection.classes.reduce((sum, { nonFinite }) => sum + nonFinite!, 0));
  t.notOk('recall' in inspection);
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest;
  t.same(manifest.manifest.result.inspection, inspection);
  const report = { name: 'x', started: '2026-01-01T00:00:00Z', runs: [{ label: '', varied: {}, manifest, result, records: [] }] };
  t.match(renderTextTable(report), new RegExp(`suspects no label that it can judge; .*; it can't judge the labels 0, 1, .*, 9, because activations of ${inspection.nonFiniteSamples!.toLocaleString('en-US')} samples are NaN or infinite`));
  t.match(await renderReport(report), /can’t be judged: \d+ not finite/);
});

t.test('samples that the server holds out are not looked at, and honest data have nothing to find', async (t) => {
  const { inspection } = await simulate({ ...INSPECTED, rounds: 2, attack: 'alie', server: { samples: 300, inspect: { name: 'activation-clustering', size: 0.2 } } }, { threads: 1 }).result;
  t.match(inspection, { samples: 13 * Math.floor(1700 / 13), poisonedSamples: 0 });
  t.notOk('recall' in inspection!);
});

t.test('finished models of every mode that trains dense models can be inspected; samples that nothing at the server would use are refused', async (t) => {
  const { aggregator: _, ...free } = { ...INSPECTED, rounds: 3 };
  const { attack: __, ...unattacked } = free;
  for (const scenario of [{ ...free, mode: 'downpour' }, { ...unattacked, byzantine: 0, mode: 'hogwild' }, { ...free, aggregator: 'mean', mode: { name: 'asynchronous', policy: 'async-sgd' } }]) {
    const { inspection } = await simulate(scenario, { threads: 2 }).result;
    t.equal(inspection?.classes.length, 10);
  }
  for (const mode of ['downpour', 'hogwild']) {
    const samples = { ...unattacked, byzantine: 0, mode, server: { samples: 20 } };
    t.match(refusal(samples), { 'server.samples': new RegExp(`20 samples would be kept.*in the mode ${mode} no rule sees`) });
  }
});

t.test('an inspection that is unknown or of a model without a hidden layer is refused', async (t) => {
  t.match(refusal({ ...SMALL, server: { inspect: 'activation' } }), { 'server.inspect.name': /the nearest is "activation-clustering"/ });
  t.match(refusal({ ...SMALL, server: { inspect: { name: 'activation-clustering', components: 0 } } }), { 'server.inspect.components': /./ });
  t.same(problemsOf(() => small({ server: { inspect: { name: 'activation-clustering', silhouette: 0 } } })), {});
  await t.rejects(simulate({ ...SMALL, model: 'softmax-regression', server: { inspect: 'activation-clustering' } }).result, { name: 'PreconditionError', message: /softmax-regression has no hidden layer/ });
});
