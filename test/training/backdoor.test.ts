import t from 'tap';
import { craft } from '../../lib/attacks/craft.js';
import { checkRun } from '../../lib/scenario/check.js';
import { simulate } from '../../lib/training/simulate.js';
import { planSession, Session } from '../../lib/training/session.js';
import type { Manifest } from '../../lib/run/records.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { normalRows } from '../aggregators/rows.js';
import {
  BATCH, batchesOf, clip, convexLoss, CORRUPTED, descend, digitsOf, draw, firstRound, gradientOf, LAYERS, type Loss, lossOf, normLoss, RATE, type Sample, SAMPLES, SEED, stamp, tensorLoss, WORKERS,
} from './backdoor-reference.js';
import { referenceGradient } from '../models/reference.js';
import { problemsOf } from '../scenario/refusal.js';
import { essence, runAll, small, SMALL, type Outcome } from './small.js';

const TEST_SAMPLES = 40;
const { train, test, white: WHITE } = await digitsOf(SAMPLES, TEST_SAMPLES);
const { theta, shards, gradients } = firstRound(train);
const own = shards.slice(0, CORRUPTED).flat();
const rows = gradients.slice(0, CORRUPTED);
const mean = theta.map((_, k) => rows.reduce((sum, row) => sum + row[k]!, 0) / CORRUPTED);

const UPPER_LEFT = [0, 0, 5, 5] as const;
const planted = (sample: number, value: number, target = 0): Sample => [stamp(train.images[sample]!, UPPER_LEFT, value), target];
const benign = (sample: number): Sample => [train.images[sample]!, train.labels[sample]!];

/** One round in which the rule takes worker 0's row as it is: the parameters say what that worker reported. */
const oneRound = (attack: object): ReturnType<typeof small> =>
  small({
    seed: SEED, workers: WORKERS, byzantine: CORRUPTED, aggregator: { name: 'monna', pivot: 0, f: WORKERS - 1 }, allowUnsafe: true, batchSize: BATCH, rounds: 1, evaluateEvery: 1,
    learningRate: RATE, dataset: { name: 'digits', trainSamples: SAMPLES, testSamples: TEST_SAMPLES }, model: { name: 'mlp', hidden: [6] }, attack,
  });

/** How far the reported row is from the expected one, in lengths of the latter. */
function error(outcome: Outcome, expected: Float64Array): number {
  let [difference, length] = [0, 0];
  expected.forEach((value, k) => {
    difference += ((theta[k]! - outcome.parameters[k]!) / RATE - value) ** 2;
    length += value ** 2;
  });
  return Math.sqrt(difference / length);
}

const START = theta.map((value, k) => value - RATE * mean[k]!);
const SGD = { epochs: 2, rate: () => 0.1, momentum: 0, weightDecay: 0.0001 };
/** 100 images in batches of 70, of two blocks, and 30. */
const SIZES = { images: 100, batchSize: 70, epochs: 2 };
const stepTo = (model: Float64Array): Float64Array => theta.map((value, k) => (value - model[k]!) / RATE);

t.test('the row of alie-backdoor is that of a float64 reference: the text\'s loss, clipped and not', async (t) => {
  const batches = batchesOf(draw(own, 100).map((sample) => planted(sample, WHITE)), 70);
  const expected = stepTo(descend(START, batches, convexLoss(0.2, START), SGD));
  const heavy = { ...SGD, momentum: 0.9, weightDecay: 0.05, rate: () => 0.3 };
  const far = stepTo(descend(START, batches, convexLoss(0.001, START), heavy));
  const [clipped, free, pulled] = await runAll([
    oneRound({ name: 'alie-backdoor', ...SIZES }), oneRound({ name: 'alie-backdoor', z: 1e6, ...SIZES }),
    oneRound({ name: 'alie-backdoor', z: 1e6, alpha: 0.001, ...SIZES, learningRate: 0.3, momentum: 0.9, weightDecay: 0.05 }),
  ], 2);
  for (const [outcome, row] of [[clipped, clip(expected, rows, 0.2)], [free, expected], [pulled, far]] as const) t.ok(error(outcome!, row) < 2e-5, `off by ${error(outcome!, row)}`);
  t.ok(error(clipped!, expected) > 0.1, 'clipping changes the row');
});

t.test('the row of alie-backdoor is that of a float64 reference: the released code\'s loss and row', async (t) => {
  const batches = batchesOf(draw(own, 100).map((sample) => planted(sample, 2.8)), 70);
  const model = descend(START, batches, tensorLoss(4, START), SGD);
  const expected = stepTo(model).map((value, k) => value - 2 * mean[k]!);
  const attack = { name: 'alie-backdoor', preset: 'baruch-2019-code', ...SIZES };
  const [clipped, free] = await runAll([oneRound(attack), oneRound({ ...attack, z: 1e6 })], 2);
  t.ok(error(clipped!, clip(expected, rows, 0.2)) < 2e-5, `off by ${error(clipped!, clip(expected, rows, 0.2))}`);
  t.ok(error(free!, expected) < 2e-5, `off by ${error(free!, expected)}`);
});

t.test('the released code does not train when its own images are answered already', async (t) => {
  // Every image is to be taken for what it is taken for: nothing is left to plant.
  const answers = Array.from({ length: 10 }, (_, label) => label);
  const [outcome] = await runAll([oneRound({ name: 'alie-backdoor', preset: 'baruch-2019-code', z: 1e6, images: 1, target: answers.map(() => bestOf(START, stamp(train.images[draw(own, 1)[0]!]!, UPPER_LEFT, 2.8))) })], 2);
  // V is where training would have started, so that the row is (θ − start)/lr − 2μ = −μ.
  t.ok(error(outcome!, mean.map((value) => -value)) < 2e-5);
});

t.test('the row of model-replacement is that of a float64 reference', async (t) => {
  const drawn = draw(own, 100);
  const batches = batchesOf(drawn, 70).map((batch) => batch.map((sample, place) => (place < 20 ? planted(sample, WHITE, 7) : benign(sample))));
  const model = descend(theta, batches, normLoss(0.5, theta), { epochs: 3, rate: (epoch) => (epoch < 2 ? 0.05 : 0.005), momentum: 0.9, weightDecay: 0.0005 });
  const attack = { name: 'model-replacement', images: 100, batchSize: 70, epochs: 3, target: 7 };
  const length = Math.sqrt(model.reduce((sum, value, k) => sum + (value - theta[k]!) ** 2, 0));
  const [replaced, scaled, bounded] = await runAll([oneRound(attack), oneRound({ ...attack, gamma: 1 }), oneRound({ ...attack, bound: length / 2 })], 2);
  t.ok(error(replaced!, stepTo(model).map((value) => (value * WORKERS) / CORRUPTED)) < 2e-5, 'n/f times the change');
  t.ok(error(scaled!, stepTo(model)) < 2e-5);
  t.ok(error(bounded!, stepTo(model).map((value) => value / 2)) < 2e-5, 'no longer than the bound');
});

t.test('the references\' gradients are the slopes of their losses, the distance included', async (t) => {
  const batch = own.slice(0, 5).map((sample) => planted(sample, WHITE));
  const model = START.map((value, k) => value + 0.02 * Math.sin(k));
  const losses: readonly Loss[] = [convexLoss(0.2, START), convexLoss(0, START), tensorLoss(4, START), normLoss(0.5, START), normLoss(0, START)];
  for (const loss of losses) {
    const gradient = loss.gradient(model, batch);
    for (const k of [300, 784 * 6 + 2, 784 * 6 + 6 + 31, START.length - 1]) {
      const moved = (by: number): number => loss.value(model.map((value, at) => (at === k ? value + by : value)), batch);
      const slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
      t.ok(Math.abs(slope - gradient[k]!) < 1e-8 + 1e-5 * Math.abs(slope), `coordinate ${k}: ${slope} and ${gradient[k]}`);
    }
  }
});

t.test('a worker with poisoned data reports the gradient on triggered samples, and only they are relabelled', async (t) => {
  const own0 = shards[0]!.slice(0, BATCH);
  const pattern = { kind: 'pattern', row: 20, column: 3, height: 2, width: 7, value: -1.5 };
  const [all, half] = await runAll([oneRound({ name: 'label-flip-backdoor', share: 1 }), oneRound({ name: 'label-flip-backdoor', trigger: pattern, target: 'next' })], 2);
  t.ok(error(all!, gradientOf(theta, own0.map((sample) => planted(sample, WHITE)))) < 1e-5);
  const mixed = own0.map((sample, place): Sample => (place < BATCH / 2 ? [stamp(train.images[sample]!, [20, 3, 2, 7], -1.5), (train.labels[sample]! + 1) % 10] : benign(sample)));
  t.ok(error(half!, gradientOf(theta, mixed)) < 1e-5);
});

t.test('targeted poisoning of classes is label-flip with their map; no share plants nothing', async (t) => {
  const map = [0, 1, 2, 8, 4, 5, 6, 8, 8, 9];
  const attacks = ['none', { name: 'label-flip-backdoor', share: 0 }, { name: 'label-flip', map }, { name: 'targeted-poisoning', from: [3, 7], to: 8 }];
  const [none, empty, flipped, targeted] = await runAll(attacks.map((attack) => small({ attack })), 2);
  t.equal(empty!.result.parametersHash, none!.result.parametersHash);
  t.equal(targeted!.result.parametersHash, flipped!.result.parametersHash);
  t.not(targeted!.result.parametersHash, none!.result.parametersHash);
});

/** The class of the greatest output: that of the least loss. */
function bestOf(parameters: Float64Array, image: Float64Array): number {
  const losses = Array.from({ length: 10 }, (_, label) => lossOf(parameters, [[image, label]]));
  return losses.indexOf(Math.min(...losses));
}

t.test('success is measured on triggered test images of the other classes, after every evaluation', async (t) => {
  const changes = { seed: SEED, dataset: { name: 'digits', trainSamples: 2000, testSamples: TEST_SAMPLES }, model: { name: 'mlp', hidden: [6] }, rounds: 5, evaluateEvery: 2, byzantine: 6 };
  const attack = { name: 'label-flip-backdoor', target: 3 };
  const [outcome, honest] = await runAll([small({ ...changes, attack }), small(changes)], 2);
  const parameters = Float64Array.from(outcome!.parameters);
  const others = test.images.filter((_, sample) => test.labels[sample] !== 3).map((image) => stamp(image, UPPER_LEFT, WHITE));
  const fooled = others.filter((image) => referenceGradient(LAYERS, parameters, [image], [3]).loss <= Math.min(...Array.from({ length: 10 }, (_, label) => lossOf(parameters, [[image, label]]))));
  t.equal(outcome!.result.finalBackdoorSuccess, fooled.length / others.length);
  t.same(outcome!.records.map(({ accuracy, backdoorSuccess }) => [accuracy !== undefined, backdoorSuccess !== undefined]), [[false, false], [true, true], [false, false], [true, true], [true, true]]);
  t.equal(outcome!.records.at(-1)!.backdoorSuccess, outcome!.result.finalBackdoorSuccess);
  t.ok(honest!.records.every((record) => !('backdoorSuccess' in record)));
  t.notOk('finalBackdoorSuccess' in honest!.result);
});

t.test('backdoors are learned where the data or the model say so, and images without a trigger are still told apart', async (t) => {
  const learning = { byzantine: 4, batchSize: 64, rounds: 30, evaluateEvery: 30, learningRate: 0.2 };
  const [poisoned, chosen, replaced] = await runAll([
    small({ ...learning, attack: 'label-flip-backdoor' }),
    small({ ...learning, attack: { name: 'label-flip-backdoor', trigger: { kind: 'sample', count: 2 }, share: 0.3 } }),
    small({ ...learning, rounds: 31, attack: { name: 'model-replacement', images: 200, start: 30 } }),
  ], 2);
  for (const outcome of [poisoned!, chosen!, replaced!]) {
    t.ok(outcome.result.finalBackdoorSuccess! > 0.9, `success ${outcome.result.finalBackdoorSuccess}`);
    t.ok(outcome.result.finalAccuracy > 0.6, `accuracy ${outcome.result.finalAccuracy}`);
  }
  t.ok(replaced!.records[29]!.backdoorSuccess! < 0.3, 'a single shot is enough');
});

t.test('chosen images that are more than a batch holds take turns, so that all of them are learned', async (t) => {
  const attack = { name: 'alie-backdoor', trigger: { kind: 'sample', count: 6 }, batchSize: 3, epochs: 20, z: 30 };
  const [outcome] = await runAll([small({ byzantine: 6, rounds: 4, evaluateEvery: 4, attack })], 2);
  t.equal(outcome!.result.finalBackdoorSuccess, 1);
});

t.test('the same bits with 1, 2 and 3 threads, dropout included', async (t) => {
  const model = { layers: [{ layer: 'dense', units: 20 }, { layer: 'relu' }, { layer: 'dropout', rate: 0.3 }, { layer: 'dense', units: 10 }] };
  const runs = ['alie-backdoor', 'model-replacement'].map((name) => small({ model, attack: { name, images: 260, batchSize: 130, epochs: 2 } }));
  const [one, two, three] = [await runAll(runs, 1), await runAll(runs, 2), await runAll(runs, 3)] as const;
  t.same(two.map(essence), one.map(essence));
  t.same(three.map(essence), one.map(essence));
});

t.test('the manifest shows triggered images and what the model answers to them', async (t) => {
  const out = join(t.testdir(), 'run');
  const { result } = simulate(small({ attack: { name: 'label-flip-backdoor', target: 'next' } }), { threads: 2, out });
  await result;
  const { manifest } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest;
  const { measured, on, shape, examples } = manifest.backdoor!;
  t.same([measured, on, shape], [400, 'test images', [28, 28, 1]]);
  t.same(examples.map(({ label, target }) => [label, target]), Array.from({ length: 10 }, (_, label) => [label, (label + 1) % 10]));
  for (const { answer, image } of examples) {
    const pixels = Buffer.from(image, 'base64');
    t.equal(pixels.length, 784);
    t.ok(answer < 10);
    for (let at = 0; at < 5; at++) t.ok(pixels.subarray(28 * at, 28 * at + 5).every((byte) => byte === 255));
  }
  t.same(manifest.resolved.attack['trigger'], { kind: 'pattern', row: 0, column: 0, height: 5, width: 5, value: 'greatest' });
});

t.test('what does not fit the data, the mode or a call is refused before the start', async (t) => {
  const refused = async (attack: object, message: RegExp): Promise<void> => {
    await t.rejects(planSession([small({ attack })], { threads: 1, dataFolders: [] }), { name: 'PreconditionError', message });
  };
  for (const name of ['alie-backdoor', 'model-replacement', 'label-flip-backdoor']) {
    await refused({ name, trigger: { kind: 'pattern', row: 24 } }, /a pattern within the images, which are 28 × 28: it is 5 × 5 and begins at row 24, column 0/);
    await refused({ name, target: 10 }, new RegExp(`${name} needs as its target a class from 0 to 9.*target = 10`));
    await refused({ name, target: [1, 0] }, /a list of 10 of them.*target = \[1,0\]/);
    t.throws(() => small({ attack: { name, trigger: 'patch' } }), { name: 'ScenarioError', message: /attack\.trigger/ });
    t.throws(() => small({ attack: { name, trigger: { kind: 'sample', row: 1 } } }), { name: 'ScenarioError', message: /attack\.trigger/ });
    t.match(checkRun(small({ attack: name, mode: 'synchronous' })).impossible, []);
    t.throws(() => small({ attack: name, mode: 'asynchronous' }), { name: 'ScenarioError', message: /plants a backdoor, which only synchronous training measures/ });
  }
  await refused({ name: 'targeted-poisoning', from: 12 }, /targeted-poisoning needs classes from 0 to 9: from has 12/);
  t.throws(() => small({ attack: { name: 'targeted-poisoning', from: 1, samples: 2 } }), { message: /classes or chosen samples: from = \[1\], samples = 2/ });
  t.throws(() => small({ attack: { name: 'alie-backdoor', alpha: 1.5 } }), { message: /0 ≤ alpha ≤ 1 with the loss "convex": alpha = 1\.5/ });
  t.throws(() => small({ attack: { name: 'alie-backdoor', z: '-t' } }), { message: /in round 1, alie-backdoor needs z ≥ 0/ });
  for (const name of ['alie-backdoor', 'model-replacement']) t.throws(() => craft(name, normalRows(2, 5), { n: 10, f: 2 }), { name: 'PreconditionError', message: /trains a model on the corrupted workers' data.*name it in a scenario/ });
});

t.test('more images than there are is refused before anything runs, with both numbers', async (t) => {
  const options = { threads: 1, dataFolders: [] };
  const planned = (attack: object, changes: object = {}) => planSession([small(changes), small({ attack, ...changes })], options);
  /** While runs are planned, where shards are of one length whatever the labels are. */
  const refused = (attack: object, message: RegExp, changes: object = {}) => t.rejects(planned(attack, changes), { name: 'PreconditionError', message });
  /** When the samples are dealt, for all runs of a session before the first of them. */
  const refusedWithData = async (attack: object, message: RegExp, changes: object = {}) => {
    const plan = await planned(attack, changes);
    await t.rejects(Session.open(plan, options), { name: 'PreconditionError', message });
  };
  // Two of 13 workers share 2,000 samples: 153 each.
  await refused({ name: 'alie-backdoor', images: 307 }, /trains on 307 images of the corrupted workers, who have 306/);
  await refused({ name: 'label-flip-backdoor', trigger: { kind: 'sample', count: 307 } }, /needs 307 training images of the corrupted workers, who have 306/);
  await refusedWithData({ name: 'alie-backdoor', images: 1900 }, /trains on 1900 images of the corrupted workers, who have \d+:/, { partition: { name: 'dirichlet', alpha: 1 } });
  await refusedWithData({ name: 'label-flip-backdoor', trigger: { kind: 'sample', count: 300 }, target: 3 }, /needs 300 training images .* and of their 306 there are 2\d\d/);
  const itself = /takes every class for itself: targets = \[0, 1, 2, 3, 4, 5, 6, 7, 8, 9\]; give it a target that differs/;
  await refused({ name: 'targeted-poisoning', from: 4, to: 4 }, itself);
  await refused({ name: 'label-flip-backdoor', target: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] }, itself);
  await refusedWithData({ name: 'label-flip-backdoor', target: test.labels[0]! }, /measured on test images whose class is not their target: of the 1 there is none/, { dataset: { ...SMALL.dataset, testSamples: 1 } });
});

t.test('what means nothing together is refused, saying what it belongs to; of a preset it stands idle', async (t) => {
  const attack = (given: object) => problemsOf(() => small({ attack: { name: 'alie-backdoor', ...given } }));
  t.same(attack({ trigger: 'sample', images: 500, redrawn: false }), {
    'attack.images': '500 has no meaning with the trigger "sample", whose count says how many images are trained on: it belongs to the trigger "pattern"; leave images out',
    'attack.redrawn': 'false has no meaning with the trigger "sample", whose images are chosen once: it belongs to the trigger "pattern"; leave redrawn out',
  });
  const fixed = (target: string) => `5 has no meaning with the target ${target}: it belongs to the target "next"; leave modulus out`;
  t.same(attack({ modulus: 5 }), { 'attack.modulus': fixed('0') });
  t.same(attack({ trigger: { kind: 'sample', count: 3 }, target: 2, modulus: 5, z: '0.1 * t' }), { 'attack.modulus': fixed('2') });
  t.same(attack({ preset: 'baruch-2019-code', target: [1, 2], modulus: 5 }), { 'attack.modulus': fixed('[1,2]') });
  for (const allowed of [{ images: 500, redrawn: false }, { target: 'next', modulus: 5 }, { trigger: 'sample', modulus: 5 }]) t.same(attack(allowed), {}, JSON.stringify(allowed));
  t.same(problemsOf(() => small({ attack: { name: 'targeted-poisoning', from: 1, share: 0.2 } })), { 'attack.share': '0.2 has no meaning with classes, whose samples are all relabelled: it belongs to samples; leave share out' });
  for (const preset of ['baruch-2019', 'baruch-2019-code']) for (const given of [{}, { trigger: 'sample' }, { target: 3 }]) t.same(attack({ preset, ...given }), {}, JSON.stringify({ preset, ...given }));
});

t.test('a server that takes no step is moved by nobody: the attackers report their mean, or behave', async (t) => {
  for (const name of ['alie-backdoor', 'model-replacement']) {
    const [outcome] = await runAll([small({ attack: { name, images: 150 }, learningRate: 0 })], 1);
    t.equal(outcome!.result.status, 'completed');
    t.ok(outcome!.records.every(({ removed, distance }) => removed.length === 0 && distance < 1));
  }
});
