import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { AGGREGATORS } from '../../lib/aggregators/registry.js';
import { actsOnData } from '../../lib/attacks/attack.js';
import { ATTACKS } from '../../lib/attacks/registry.js';
import { PREAGGREGATORS } from '../../lib/preaggregators/registry.js';
import type { RunConfiguration } from '../../lib/scenario/configuration.js';
import { essence, runAll, small, type Outcome } from './small.js';

/** Parameters without which a rule, pre-aggregator or attack can't be had. */
const NEEDED: Readonly<Record<string, object>> = {
  clipping: { C: 1 },
  // Found by a search, it needs a rule with weights: the other settings have one.
  'lp-coordinate': { gamma: 0.1 },
  // Every evaluation runs the rule.
  'optimal-alie': { evaluations: 5 },
  'optimal-ipm': { evaluations: 5 },
};

/** Something registered, with its defaults and with each of its presets. */
function variants({ name, presets = {}, example }: { name: string; presets?: Readonly<Record<string, object>>; example?: object }): object[] {
  return [{}, ...Object.keys(presets).map((preset) => ({ preset }))].map((preset) => ({ name, ...preset, ...example, ...NEEDED[name] }));
}

/** Every rule with every one of its presets under an attack that leaves all rows in, and with its defaults under one whose rows are removed. */
function everyRule(): RunConfiguration[] {
  return [...AGGREGATORS].flatMap((rule) => variants(rule).flatMap((aggregator, place) => (place === 0 ? ['alie', 'nan'] : ['alie']).map((attack) => small({ aggregator, attack }))));
}

/** Every attack with every one of its presets, under a rule that chooses rows and one that sorts coordinates; all pairs are walked in test/long. */
function everyAttack(): RunConfiguration[] {
  // Attacks on when rows are sent are the asynchronous runs' (asynchronous/asynchronous.test.ts).
  return [...ATTACKS].filter((attack) => actsOnData(attack) || attack.timing === undefined).flatMap(variants).flatMap((attack) => ['krum', 'trimmed-mean'].map((aggregator) => small({ attack, aggregator })));
}

function everyPreaggregator(): RunConfiguration[] {
  return [...PREAGGREGATORS].flatMap(variants).flatMap((preaggregator) =>
    ['alie', 'nan'].map((attack) => small({ preaggregators: [preaggregator], aggregator: 'trimmed-mean', attack })),
  );
}

const OTHER_SETTINGS: readonly object[] = [
  { momentum: { placement: 'worker', beta: 0.9 }, attack: 'alie', aggregator: 'krum' },
  { momentum: { placement: 'worker', beta: 0.9, dampening: 0.9 }, weightDecay: 1e-3 },
  { momentum: { placement: 'server', beta: 0.9 } },
  { momentum: { placement: 'update', beta: 0.9, dampening: 0.5 }, learningRate: '0.1 / (t + 1)' },
  { weightDecay: 0.01 },
  { learningRate: '0.1 * 100 / (t + 100) * n / (n + f)' },
  { partition: { name: 'dirichlet', alpha: 0.1 } },
  { partition: { name: 'label-shards', labels: 2 } },
  { byzantine: { count: 3, placement: 'spread' }, attack: 'gaussian' },
  { byzantine: { count: 3, placement: 'seeded' }, attack: 'sign-flip' },
  { attack: { name: 'alie', start: 1, stop: 2, z: '1 + t' }, aggregator: 'median' },
  { attack: { name: 'lp-coordinate', evaluations: 6 }, aggregator: 'krum' },
  { attack: { name: 'lp-coordinate', p: 'inf', evaluations: 6 }, aggregator: 'multi-krum', byzantine: { count: 2, placement: 'seeded' } },
  { attack: { name: 'optimal-ipm', evaluations: 5 }, aggregator: 'centered-clipping', preaggregators: ['bucketing'] },
  { attack: { name: 'mimic', learned: true, warmup: 2 }, partition: { name: 'label-shards', labels: 2 } },
  { attack: { name: 'fang-trim', knowledge: 'colluding' }, aggregator: 'trimmed-mean' },
  { attack: { name: 'label-flip', start: 1, stop: 2 }, momentum: { placement: 'worker', beta: 0.9 } },
  { attack: { name: 'alie-backdoor', trigger: { kind: 'sample', count: 3 }, epochs: 2, start: 1 }, momentum: { placement: 'worker', beta: 0.9 } },
  { attack: { name: 'model-replacement', images: 150, epochs: 1, momentum: 0, stop: 1 }, aggregator: 'mean' },
  { attack: { name: 'label-flip-backdoor', trigger: 'sample' } },
  { attack: { name: 'targeted-poisoning', samples: 2 } },
  { model: 'softmax-regression', byzantine: 0 },
  { model: { name: 'mlp', hidden: [], initialisation: 'he' } },
  { model: { name: 'mlp', hidden: [30, 20] } },
  { batchSize: 333, rounds: 1 },
];

/** The outcome must be the same for all these numbers of threads. */
const THREADS = [1, 2, 3, 13];

const MATRIX: readonly (readonly [what: string, configurations: readonly RunConfiguration[]])[] = [
  ['every rule', everyRule()],
  ['every attack', everyAttack()],
  ['every pre-aggregator', everyPreaggregator()],
  ['every other setting', OTHER_SETTINGS.map((changes) => small(changes))],
];

t.test('the same bits with 1, 2, 3 and as many threads as workers', { timeout: 200_000 }, async (t) => {
  // One pool for each number of threads: threads are slow to start, runs are short.
  const configurations = MATRIX.flatMap(([, list]) => list);
  const outcomes: Outcome[][] = [];
  for (const threads of THREADS) outcomes.push(await runAll(configurations, threads));
  t.same(outcomes.map(([outcome]) => outcome?.result.threads), THREADS);

  let next = 0;
  for (const [what, list] of MATRIX) {
    const first = next;
    next += list.length;
    t.test(what, async (t) => {
      list.forEach(({ aggregator, attack }, index) => {
        const [one, ...others] = outcomes.map((ofThreads) => JSON.stringify(essence(ofThreads[first + index]!)));
        t.ok(others.every((other) => other === one), `${JSON.stringify(aggregator)} ${JSON.stringify(attack)}`);
      });
    });
  }
});

t.test('a large model gives the same bits with 1, 2 and as many threads as workers', async (t) => {
  // 238,510 parameters: the server's steps go to the threads too.
  const model = { name: 'mlp', hidden: [300] };
  const configuration = small({ model, momentum: { placement: 'server', beta: 0.9 }, workers: 5, byzantine: 1, rounds: 2, aggregator: 'median' });
  const hashes = [];
  for (const threads of [1, 2, 5]) hashes.push((await runAll([configuration], threads)).map(({ result }) => result.parametersHash));
  t.same(hashes[1], hashes[0]);
  t.same(hashes[2], hashes[0]);
});

/** Writes a CIFAR-10 of a few samples; returns the folder to look in. */
async function fewImages(folder: string): Promise<string> {
  const place = join(folder, 'cifar-10-batches-bin');
  await mkdir(place);
  const records = (samples: number, salt: number): Buffer =>
    Buffer.from(Array.from({ length: samples * 3073 }, (_, at) => (at % 3073 === 0 ? (at / 3073) % 10 : (Math.imul(at + salt, 2_654_435_761) >>> 13) & 255)));
  await writeFile(join(place, 'data_batch_1.bin'), records(60, 1));
  await writeFile(join(place, 'test_batch.bin'), records(20, 2));
  return folder;
}

t.test('a convolutional model with dropout on augmented images gives the same bits with 1, 2 and 3 threads, and every random part matters', async (t) => {
  const data = await fewImages(t.testdir());
  const layers = [
    { layer: 'convolution', filters: 4, kernel: 5, stride: 2, padding: 2 }, { layer: 'group-norm', groups: 2 }, { layer: 'relu' }, { layer: 'max-pool', size: 2 },
    { layer: 'residual', layers: [{ layer: 'dropout', rate: 0.2 }, { layer: 'convolution', filters: 4, kernel: 3, padding: 1 }] },
    { layer: 'average-pool', size: 2 }, { layer: 'dropout', rate: 0.5 }, { layer: 'dense', units: 10 },
  ];
  const setting = { model: { layers }, dataset: { name: 'cifar-10', augment: ['crop', 'flip'] }, workers: 5, byzantine: 1, aggregator: 'median', attack: 'alie', batchSize: 6 };
  const configuration = small(setting);
  const outcomes = [];
  for (const threads of [1, 2, 3]) outcomes.push(...(await runAll([configuration], threads, [data])));
  t.same(outcomes.map(({ result }) => result.threads), [1, 2, 3]);
  t.same(essence(outcomes[1]!), essence(outcomes[0]!));
  t.same(essence(outcomes[2]!), essence(outcomes[0]!));

  const less = [
    small({ ...setting, dataset: 'cifar-10' }),
    small({ ...setting, dataset: { name: 'cifar-10', augment: ['flip'] } }),
    small({ ...setting, model: { layers: layers.filter(({ layer }) => layer !== 'dropout') } }),
  ];
  const hashes = new Set([outcomes[0]!.result.parametersHash]);
  for (const other of less) hashes.add((await runAll([other], 1, [data]))[0]!.result.parametersHash);
  t.equal(hashes.size, 4);
});

t.test('another seed gives other parameters, whatever the partition', async (t) => {
  for (const partition of ['iid', { name: 'dirichlet', alpha: 1 }, { name: 'label-shards', labels: 3 }]) {
    const outcomes = await runAll([0, 1, 2, 2 ** 32, 2 ** 53 - 1].map((seed) => small({ seed, partition, rounds: 1 })), 1);
    t.equal(new Set(outcomes.map(({ result }) => result.parametersHash)).size, 5, JSON.stringify(partition));
  }
});

t.test('a run does not depend on the run before it on the same memory', async (t) => {
  const before = small({ model: { name: 'mlp', hidden: [60] }, momentum: { placement: 'worker', beta: 0.9 }, aggregator: 'bulyan', attack: 'nan', seed: 9 });
  const run = small({ momentum: { placement: 'worker', beta: 0.5 }, aggregator: 'krum', attack: 'alie' });
  const [alone] = await runAll([run], 2);
  const [, behind] = await runAll([before, run], 2);
  t.same(essence(behind!), essence(alone!));
});

t.test('the name says nothing about the result', async (t) => {
  const [one, other] = await runAll([small(), small({ name: 'another' })], 1);
  t.equal(one!.result.parametersHash, other!.result.parametersHash);
});
