import t from 'tap';
import { iid } from '../../lib/data/partitions/iid.js';
import { Stream } from '../../lib/data/random.js';
import { mlp } from '../../lib/models/mlp.js';
import { vector } from '../../lib/models/shape.js';
import type { Momentum, RunConfiguration } from '../../lib/scenario/configuration.js';
import { referenceGradient } from '../models/reference.js';
import { runAll, small } from './small.js';
import { firstParameters, trainingSamples } from './textbook.js';

/** Training as a textbook has it, in float64, one worker after another on one thread; of the library, only data, shards and the first parameters. */
async function train(setting: Setting): Promise<Float64Array> {
  const { seed, workers: n, byzantine: f, batchSize, rounds, momentum, weightDecay } = setting;
  const layers = mlp.layers({ hidden: setting.hidden }, vector(784), 10);
  const { images, labels } = await trainingSamples(setting.trainSamples);
  const shards = iid.partition(Uint8Array.from(labels), 10, n, {}, new Stream(seed, 'partition'));
  let parameters: Float64Array = firstParameters(layers, seed);
  const workerVelocities = Array.from({ length: n }, () => new Float64Array(parameters.length));
  let serverVelocity: Float64Array = new Float64Array(parameters.length);

  for (let round = 0; round < rounds; round++) {
    const rate = setting.rate(round);
    const rows = workerVelocities.map((velocity, worker) => {
      const shard = shards.indices.subarray(shards.offsets[worker], shards.offsets[worker + 1]);
      const batch = Array.from({ length: batchSize }, (_, k) => shard[(round * batchSize + k) % shard.length]!);
      const { gradient } = referenceGradient(layers, parameters, batch.map((sample) => images[sample]!), batch.map((sample) => (setting.flipped === true && worker < f ? 9 - labels[sample]! : labels[sample]!)));
      const decayed = gradient.map((slope, k) => slope + weightDecay * parameters[k]!);
      if (momentum === 'none' || momentum.placement !== 'worker') return decayed;
      velocity.forEach((old, k) => { velocity[k] = momentum.beta * old + (1 - momentum.dampening) * decayed[k]!; });
      return velocity.slice();
    });
    if (setting.attacked) {
      const corrupted = rows.slice(0, f);
      const lie: Float64Array<ArrayBuffer> = perCoordinate(corrupted, (values) => {
        const mean = average(values);
        return mean - 1.5 * Math.sqrt(average(values.map((value) => (value - mean) ** 2)));
      });
      for (let worker = 0; worker < f; worker++) rows[worker] = lie;
    }
    const trim = setting.aggregator === 'trimmed-mean' ? f : 0;
    const aggregate = perCoordinate(rows, (values) => average(values.sort((a, b) => a - b).slice(trim, n - trim)));

    if (momentum === 'none' || momentum.placement === 'worker') {
      parameters = parameters.map((value, k) => value - rate * aggregate[k]!);
    } else {
      const factor = (1 - momentum.dampening) * (momentum.placement === 'update' ? rate : 1);
      serverVelocity = serverVelocity.map((old, k) => momentum.beta * old + factor * aggregate[k]!);
      const step = momentum.placement === 'update' ? 1 : rate;
      parameters = parameters.map((value, k) => value - step * serverVelocity[k]!);
    }
  }
  return parameters;
}

interface Setting {
  readonly seed: number;
  readonly workers: number;
  readonly byzantine: number;
  readonly trainSamples: number;
  readonly hidden: number[];
  readonly batchSize: number;
  readonly rounds: number;
  readonly rate: (round: number) => number;
  readonly momentum: Momentum;
  readonly weightDecay: number;
  readonly aggregator: 'mean' | 'trimmed-mean';
  /** By ALIE. */
  readonly attacked: boolean;
  /** Do the corrupted workers learn from flipped labels? */
  readonly flipped?: boolean;
}

function perCoordinate(rows: readonly Float64Array[], combine: (values: number[]) => number): Float64Array<ArrayBuffer> {
  return Float64Array.from(rows[0]!, (_, k) => combine(rows.map((row) => row[k]!)));
}

function average(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

const BASE: Setting = {
  seed: 3, workers: 7, byzantine: 2, trainSamples: 75, hidden: [6], batchSize: 4, rounds: 5,
  rate: () => 0.1, momentum: 'none', weightDecay: 0, aggregator: 'mean', attacked: false,
};
const SERVER = { placement: 'server', beta: 0.9, dampening: 0 } as const;

/** What a setting says, as a scenario. `learningRate` is the same as `rate`, as an expression. */
const CASES: readonly (readonly [behaviour: string, changes: Partial<Setting>, learningRate?: number | string])[] = [
  ['plain SGD', {}],
  ['the trimmed mean', { aggregator: 'trimmed-mean' }],
  ['ALIE under the mean', { attacked: true }],
  ['ALIE under the trimmed mean', { attacked: true, aggregator: 'trimmed-mean' }],
  ['flipped labels', { flipped: true }],
  ['flipped labels in the velocities of workers', { flipped: true, momentum: { placement: 'worker', beta: 0.9, dampening: 0 }, aggregator: 'trimmed-mean' }],
  ['momentum at the server', { momentum: SERVER }],
  ['momentum at the server, under ALIE and the trimmed mean', { momentum: SERVER, attacked: true, aggregator: 'trimmed-mean' }],
  ['momentum at the workers, whose velocities an attack leaves alone', { momentum: { ...SERVER, placement: 'worker' }, attacked: true, aggregator: 'trimmed-mean' }],
  ['dampening at the workers', { momentum: { placement: 'worker', beta: 0.8, dampening: 0.8 } }],
  ['momentum in the update, while the rate falls', { momentum: { ...SERVER, placement: 'update' }, rate: (round) => 0.2 / (round + 1) }, '0.2 / (t + 1)'],
  ['momentum at the server, while the rate falls', { momentum: SERVER, rate: (round) => 0.2 / (round + 1) }, '0.2 / (t + 1)'],
  ['dampening in the update', { momentum: { placement: 'update', beta: 0.5, dampening: 0.25 } }],
  ['weight decay, which enters the velocity', { weightDecay: 0.05, momentum: { ...SERVER, placement: 'worker' } }],
  ['batches beyond the end of a shard', { batchSize: 13 }],
  ['one worker', { workers: 1, byzantine: 0 }],
  ['a linear model', { hidden: [] }],
];

function configurationOf(setting: Setting, learningRate: number | string): RunConfiguration {
  const { seed, workers, byzantine, batchSize, rounds, momentum, weightDecay, aggregator, attacked } = setting;
  return small({
    seed, workers, byzantine, batchSize, rounds, momentum, weightDecay, aggregator, learningRate,
    attack: attacked ? 'alie' : setting.flipped === true ? 'label-flip' : 'none',
    dataset: { name: 'digits', trainSamples: setting.trainSamples, testSamples: 1 },
    model: { name: 'mlp', hidden: setting.hidden },
  });
}

// All cases share their data, so one pool of threads runs them all.
const settings = CASES.map(([, changes]) => ({ ...BASE, ...changes }));
const outcomes = await runAll(CASES.map(([, , learningRate = 0.1], index) => configurationOf(settings[index]!, learningRate)), 1);

CASES.forEach(([behaviour], index) => {
  t.test(`the parameters are those of a float64 reference: ${behaviour}`, async (t) => {
    const setting = settings[index]!;
    const wanted = await train(setting);
    const start = firstParameters(mlp.layers({ hidden: setting.hidden }, vector(784), 10), setting.seed);
    let difference = 0;
    let way = 0;
    wanted.forEach((value, k) => {
      difference += (value - outcomes[index]!.parameters[k]!) ** 2;
      way += (value - start[k]!) ** 2;
    });
    const error = Math.sqrt(difference / way);
    t.ok(error < 1e-4, `off by ${error} of the way that the parameters went`);
  });
});
