import { z } from 'zod';
import { scale, squaredDistancesTo, weightedSum } from '../kernels/work.js';
import type { Attack, AttackShape } from './attack.js';
import { trainingFor, trainingMemory, trainModel } from './attacker-training.js';
import { checkTrigger, resolveTrigger, type Target, target, targetsOf, type Trigger, trigger } from './backdoor.js';
import { valueOf, warnOfFactor } from './factors.js';

const parameters = z.strictObject({
  trigger,
  target,
  gamma: z
    .union([z.number(), z.string()])
    .optional()
    .describe('what the attacker\'s change of the model is multiplied by, n/f by default, so that the mean of all rows becomes it: a number, or an expression over t, n, f'),
  bound: z.number().positive().optional().describe('gamma is at most so much over the norm of the attacker\'s change, so that no reported change is longer; none by default: a number above 0'),
  alpha: z.number().min(0).max(1).optional().describe('the loss is alpha × cross-entropy + (1 − alpha) × ‖V − θ‖, 0.5 by default: a number from 0 to 1'),
  images: z.int().min(1).max(1_000_000).optional().describe('training images of the corrupted workers that the attacker trains on, 640 by default: a whole number of at least 1'),
  planted: z.int().min(1).max(1_000_000).optional().describe('triggered images in a batch, 20 by default: a whole number of at least 1'),
  batchSize: z.int().min(1).max(1_000_000).optional().describe('of the attacker\'s own training, 64 by default: a whole number of at least 1'),
  epochs: z.int().min(1).max(10_000).optional().describe('of the attacker\'s own training, 6 by default: a whole number of at least 1'),
  learningRate: z.number().min(0).optional().describe('of the attacker\'s own training, 0.05 by default: a number of at least 0'),
  decayAfter: z.int().min(1).optional().describe('after every so many epochs that rate is divided by 10; 2 by default: a whole number of at least 1'),
  momentum: z.number().min(0).max(1).optional().describe('of the attacker\'s own training, 0.9 by default: a number from 0 to 1'),
  weightDecay: z.number().min(0).optional().describe('of the attacker\'s own training, 0.0005 by default: a number of at least 0'),
  enough: z.number().min(0).optional().describe('training stops after an epoch with a cross-entropy of the triggered images of at most so much, 0.0001 by default: a number of at least 0'),
});

interface Resolved {
  readonly trigger: Trigger;
  readonly target: Target;
  readonly gamma: number;
  readonly bound: number | undefined;
  readonly alpha: number;
  readonly images: number;
  readonly planted: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly learningRate: number;
  readonly decayAfter: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly enough: number;
}

/** The corrupted workers together put their own model in the place of everybody's: in one round, or in each of the attack window. */
export const modelReplacement: Attack<z.input<typeof parameters>, Resolved, ReturnType<typeof memory>> = {
  name: 'model-replacement',
  formula: 'γ·(θ − V)/lr, γ = n/f, at most bound/‖V − θ‖; V is trained from θ on images of the corrupted workers, some of each batch triggered, loss α·cross-entropy + (1 − α)·‖V − θ‖',
  source: 'Bagdasaryan, Veit, Hua, Estrin, Shmatikov 2018',
  precondition: 'the pattern lies within the images, the targets are classes',
  parameters,
  presets: {
    'bagdasaryan-2018': { alpha: 0.5, images: 640, planted: 20, batchSize: 64, epochs: 6, learningRate: 0.05, decayAfter: 2, momentum: 0.9, weightDecay: 0.0005, enough: 0.0001 },
  },
  expressions: ['gamma'],
  example: { images: 150, epochs: 1, batchSize: 100 },
  resolve(given, { n, f }) {
    const { bound, alpha = 0.5, images = 640, planted = 20, batchSize = 64, epochs = 6, learningRate = 0.05, decayAfter = 2, momentum = 0.9, weightDecay = 0.0005, enough = 0.0001 } = given;
    const resolved = resolveTrigger(given.trigger);
    return {
      trigger: resolved, target: given.target ?? (resolved.kind === 'sample' ? 'next' : 0),
      gamma: valueOf('model-replacement', 'gamma', given.gamma, n / f), bound,
      alpha, images, planted, batchSize, epochs, learningRate, decayAfter, momentum, weightDecay, enough,
    };
  },
  knowledge: () => 'colluding',
  shared: () => true,
  check: () => undefined,
  warn(_, { planted, batchSize, gamma, bound }) {
    const all = planted >= batchSize ? `every image of model-replacement's batches is triggered, so its model learns nothing else: planted = ${planted}, batchSize = ${batchSize}` : undefined;
    const factor = bound === undefined ? warnOfFactor('model-replacement', 'gamma', gamma) : undefined;
    return all === undefined ? factor : factor === undefined ? all : `${all}; ${factor}`;
  },
  backdoor({ trigger: wanted, target: answers }, shape) {
    checkTrigger('model-replacement', wanted, shape);
    return { trigger: wanted, targets: targetsOf('model-replacement', answers, shape.classes) };
  },
  training: ({ images, batchSize }) => ({ images, batchSize }),
  memory,
  *craft(input) {
    const { arena, d, rows, output, memory: regions, parameters: given } = input;
    const training = trainingFor('model-replacement', input);
    const { learningRate, parameters: theta } = training;
    // A server that takes no step can't be moved by any row: the workers behave.
    if (learningRate === 0 && rows[0] !== undefined) return yield* scale(d, 1, rows[0], output);

    yield* scale(d, 1, theta, regions.start.address);
    const images = training.draw({ redrawn: true, mixed: true });
    yield* trainModel(training, arena, regions, d, images, {
      ...given, classification: given.alpha, anomaly: 1 - given.alpha, distance: 'norm', rate: (epoch) => decayed(given, epoch),
    });
    arena.view(regions.table).set([regions.model.address, theta]);
    const [squared = 0] = yield* squaredDistancesTo(arena, { table: regions.table.address, n: 1, d }, theta, regions.partials);
    const gamma = given.bound === undefined || squared === 0 ? given.gamma : Math.min(given.gamma, given.bound / Math.sqrt(squared));
    arena.view(regions.weights).set([-gamma / learningRate, gamma / learningRate]);
    yield* weightedSum({ table: regions.table.address, n: 2, d }, regions.weights, output);
  },
};

/** Divided by 10 after every `decayAfter` epochs. */
function decayed({ learningRate, decayAfter }: Resolved, epoch: number): number {
  let rate = learningRate;
  for (let past = decayAfter; past <= epoch; past += decayAfter) rate /= 10;
  return rate;
}

function memory({ d }: AttackShape, { batchSize, momentum }: Resolved) {
  return trainingMemory(d, { batchSize, momentum, distance: 'norm' });
}
