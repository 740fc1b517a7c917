import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { holdOut, amongAll } from '../../lib/data/hold-out.js';
import { iid } from '../../lib/data/partitions/iid.js';
import { Stream } from '../../lib/data/random.js';
import { mlp } from '../../lib/models/mlp.js';
import { vector } from '../../lib/models/shape.js';
import type { Manifest } from '../../lib/run/records.js';
import { planSession } from '../../lib/training/session.js';
import { simulate } from '../../lib/training/simulate.js';
import * as rules from '../aggregators/reference.js';
import { referenceGradient } from '../models/reference.js';
import { runAll, small } from './small.js';
import { firstParameters, trainingSamples } from './textbook.js';

const SAMPLES = 250;
const WORKERS = 5;
const BATCH = 4;
const ROUNDS = 2;
const RATE = 0.2;

type Rule = (rows: readonly Float64Array[], server: { readonly gradient: Float64Array; readonly gain: (row: ArrayLike<number>, gamma: number) => number }) => ArrayLike<number>;

/** Training with a server that has samples of its own, in float64; of the library, data, shards and first parameters. */
async function train(held: number, rule: Rule): Promise<{ start: Float64Array; end: Float64Array }> {
  const seed = 5;
  const layers = mlp.layers({ hidden: [6] }, vector(784), 10);
  const { images, labels } = await trainingSamples(SAMPLES);
  const heldOut = holdOut(SAMPLES, held, seed);
  const left = iid.partition(Uint8Array.from(heldOut.workers, (sample) => labels[sample]!), 10, WORKERS, {}, new Stream(seed, 'partition'));
  const { indices, offsets } = amongAll(left, heldOut);
  const on = (parameters: Float64Array, samples: readonly number[]) => referenceGradient(layers, parameters, samples.map((sample) => images[sample]!), samples.map((sample) => labels[sample]!));
  const start = firstParameters(layers, seed);
  let parameters: Float64Array = start;
  for (let round = 0; round < ROUNDS; round++) {
    const rows = Array.from({ length: WORKERS }, (_, worker) => {
      const shard = indices.subarray(offsets[worker], offsets[worker + 1]);
      return on(parameters, Array.from({ length: BATCH }, (_, k) => shard[(round * BATCH + k) % shard.length]!)).gradient;
    });
    const here = parameters;
    const { gradient, loss } = on(here, [...heldOut.server]);
    const gain = (row: ArrayLike<number>, gamma: number): number => loss - on(here.map((value, k) => value - gamma * row[k]!), [...heldOut.server]).loss;
    const aggregate = rule(rows, { gradient, gain });
    parameters = parameters.map((value, k) => value - RATE * aggregate[k]!);
  }
  return { start, end: parameters };
}

// 210 samples make two blocks of different size, 12 a part of one.
const CASES = [
  { samples: 210, aggregator: { name: 'fltrust' }, rule: ((rows, { gradient }) => rules.fltrust(rows, gradient)) satisfies Rule },
  { samples: 12, aggregator: { name: 'fltrust' }, rule: ((rows, { gradient }) => rules.fltrust(rows, gradient)) satisfies Rule },
  { samples: 210, aggregator: { name: 'zeno', b: 2 }, rule: ((rows, { gain }) => rules.zeno(rows, 2, RATE / 1000, (row) => gain(row, RATE))) satisfies Rule },
  { samples: 12, aggregator: { name: 'zeno', b: 3, gamma: 0.7, rho: 0.01 }, rule: ((rows, { gain }) => rules.zeno(rows, 3, 0.01, (row) => gain(row, 0.7))) satisfies Rule },
];

const configurations = CASES.map(({ samples, aggregator }) =>
  small({ seed: 5, workers: WORKERS, byzantine: 0, batchSize: BATCH, rounds: ROUNDS, learningRate: RATE, server: { samples }, aggregator, dataset: { name: 'digits', trainSamples: SAMPLES, testSamples: 1 }, model: { name: 'mlp', hidden: [6] } }),
);
const outcomes = await runAll(configurations, 2);

CASES.forEach(({ samples, aggregator, rule }, index) => {
  t.test(`the parameters are those of a float64 reference: ${JSON.stringify(aggregator)}, ${samples} samples at the server`, async (t) => {
    const { start, end } = await train(samples, rule);
    const { parameters } = outcomes[index]!;
    let difference = 0;
    let way = 0;
    end.forEach((value, k) => {
      difference += (value - parameters[k]!) ** 2;
      way += (value - start[k]!) ** 2;
    });
    t.ok(Math.sqrt(difference / way) < 1e-4, `off by ${Math.sqrt(difference / way)} of the way that the parameters went`);
  });
});

t.test('a step of zeno\'s that no parameter can hold ends the run as diverged', async (t) => {
  for (const gamma of [1e30, 1e300]) {
    const [outcome] = await runAll([small({ aggregator: { name: 'zeno', gamma } })], 2);
    t.match(outcome!.result, { status: 'diverged', rounds: 1 }, String(gamma));
  }
});

t.test('a server\'s samples keep lies out: fltrust and zeno learn where the mean doesn\'t', async (t) => {
  const attacked = { byzantine: 6, attack: { name: 'sign-flip', scale: 10 }, rounds: 40, evaluateEvery: 40, learningRate: 0.2, server: { samples: 100 } };
  const [mean, fltrust, zeno] = await runAll(['mean', 'fltrust', 'zeno'].map((aggregator) => small({ ...attacked, aggregator })), 2);
  t.ok(!(mean!.result.maxAccuracy > 0.3), `mean ${mean!.result.maxAccuracy}`);
  t.ok(fltrust!.result.maxAccuracy > 0.45, `fltrust ${fltrust!.result.maxAccuracy}`);
  t.ok(zeno!.result.maxAccuracy > 0.6, `zeno ${zeno!.result.maxAccuracy}`);
  t.ok(zeno!.records.every(({ byzantineWeight }) => byzantineWeight === 0));
});

t.test('held-out samples are no worker\'s, also when no rule uses them', async (t) => {
  const configuration = small({ server: { samples: 100 } });
  const plan = await planSession([configuration], { threads: 1, dataFolders: [] });
  const server = plan.runs[0]!.layout.server!;
  t.equal(server.indices.length, 100);
  t.equal(server.gradients.length + server.losses.length, 0, 'nothing is planned that nobody needs');
  const out = join(t.testdir(), 'run');
  await simulate({ ...configuration, rounds: 1 }, { threads: 1, out }).result;
  const { server: told, manifest } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest;
  t.same(told, { samples: 100 });
  t.equal(manifest.labelHistogram.flat().reduce((a, b) => a + b), 13 * Math.floor(1900 / 13));
  t.match(manifest.warnings, ['server.samples: 100 training samples are kept from the workers and nothing uses them: mean needs no data at the server']);
});

t.test('a diverging server\'s gradient ends the run as diverged', async (t) => {
  const [outcome] = await runAll([small({ aggregator: 'fltrust', learningRate: 1e30, rounds: 5 })], 1);
  t.equal(outcome!.result.status, 'diverged');
});

t.test('more samples than there are is refused before the start', async (t) => {
  for (const samples of [2000, 1995]) await t.rejects(planSession([small({ aggregator: 'zeno', server: { samples } })], { threads: 1, dataFolders: [] }), { name: 'PartitionError' });
});
