import { z } from 'zod';
import { clamp, scale, shiftedMean, weightedSum } from '../kernels/work.js';
import type { Work } from '../kernels/task.js';
import { type Address, f32 } from '../memory/regions.js';
import { show } from '../registry/names.js';
import type { Attack, AttackInput, AttackShape } from './attack.js';
import { type AttackerTraining, trainingFor, trainingMemory, trainModel } from './attacker-training.js';
import { checkTrigger, resolveTrigger, type Target, target, targetsOf, type Trigger, trigger } from './backdoor.js';
import { valueOf } from './factors.js';

const parameters = z.strictObject({
  trigger,
  target,
  modulus: z.int().min(1).optional().describe('with the target "next": that of class y is (y + 1) mod so much, the number of classes by default: a whole number of at least 1'),
  z: z.union([z.number(), z.string()]).optional().describe('how many standard deviations a coordinate may be away from the mean, 0.2 by default: a number of at least 0, or an expression over t, n, f'),
  alpha: z.union([z.number(), z.string()]).optional().describe('what the loss weighs, see loss, 0.2 by default: a number of at least 0, or an expression over t, n, f'),
  loss: z
    .enum(['convex', 'by-tensor'])
    .optional()
    .describe('"convex" (the default): alpha × cross-entropy + (1 − alpha) × MSE to the start; "by-tensor": cross-entropy + alpha × the sum of the tensors\' MSE'),
  images: z.int().min(1).max(1_000_000).optional().describe('training images of the corrupted workers that a pattern is put on, 1,000 by default: a whole number of at least 1'),
  redrawn: z.boolean().optional().describe('whether these images are drawn anew in every round, true by default: true or false'),
  skip: z.boolean().optional().describe('whether the attacker trains only when one of its own images is not answered as wanted at the start, false by default: true or false'),
  epochs: z.int().min(1).max(10_000).optional().describe('of the attacker\'s own training, 5 by default: a whole number of at least 1'),
  learningRate: z.number().min(0).optional().describe('of the attacker\'s own training, 0.1 by default: a number of at least 0'),
  momentum: z.number().min(0).max(1).optional().describe('of the attacker\'s own training, 0 by default: a number from 0 to 1'),
  weightDecay: z.number().min(0).optional().describe('of the attacker\'s own training, 0.0001 by default: a number of at least 0'),
  batchSize: z.int().min(1).max(1_000_000).optional().describe('of the attacker\'s own training, 200 by default: a whole number of at least 1'),
  reported: z
    .enum(['step', 'step-less-twice-the-mean'])
    .optional()
    .describe('what is clipped: "step" (the default), (θ − V)/lr, which leads to the attacker\'s model V, or "step-less-twice-the-mean", (θ − V)/lr − 2μ'),
});

interface Resolved {
  readonly trigger: Trigger;
  readonly target: Target;
  readonly modulus: number | undefined;
  readonly z: number;
  readonly alpha: number;
  readonly loss: 'convex' | 'by-tensor';
  readonly images: number;
  readonly redrawn: boolean;
  readonly skip: boolean;
  readonly epochs: number;
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly batchSize: number;
  readonly reported: 'step' | 'step-less-twice-the-mean';
}

/** What both presets share. The text leaves the attacker's optimizer open, so it is the released code's; its momentum begins anew with every batch, which is none. */
const PUBLISHED = { z: 0.2, epochs: 5, learningRate: 0.1, momentum: 0, weightDecay: 0.0001, batchSize: 200 };

/** "A Little Is Enough" with a purpose: the corrupted workers report what plants a backdoor, as far as it hides in the spread of their own rows. */
export const alieBackdoor: Attack<z.input<typeof parameters>, Resolved, ReturnType<typeof memory>> = {
  name: 'alie-backdoor',
  formula:
    'per coordinate clip((θ − V)/lr, μ − zσ, μ + zσ) over the corrupted workers\' rows; V is trained from θ − lr·μ on triggered images of their own data, loss α·cross-entropy + (1 − α)·MSE(V, start)',
  source: 'Baruch, Baruch, Goldberg 2019, Algorithm 4',
  precondition: 'z ≥ 0, 0 ≤ alpha (≤ 1 with the loss "convex"), the pattern lies within the images, the targets are classes',
  parameters,
  presets: {
    'baruch-2019': { ...PUBLISHED, alpha: 0.2, loss: 'convex', images: 1000, redrawn: true, skip: false, reported: 'step' },
    'baruch-2019-code': {
      ...PUBLISHED, trigger: { kind: 'pattern', row: 0, column: 0, height: 5, width: 5, value: 2.8 }, modulus: 5, alpha: 4, loss: 'by-tensor', images: 2000, redrawn: false, skip: true, reported: 'step-less-twice-the-mean',
    },
  },
  expressions: ['z', 'alpha'],
  example: { images: 150, epochs: 1, batchSize: 100 },
  meaningless(given) {
    const { trigger: { kind }, target: answers } = backdoorOf(given);
    return {
      ...(kind === 'sample'
        ? {
            images: 'with the trigger "sample", whose count says how many images are trained on: it belongs to the trigger "pattern"',
            redrawn: 'with the trigger "sample", whose images are chosen once: it belongs to the trigger "pattern"',
          }
        : {}),
      ...(answers === 'next' ? {} : { modulus: `with the target ${show(answers)}: it belongs to the target "next"` }),
    };
  },
  resolve(given) {
    const { modulus, loss = 'convex', images = 1000, redrawn = true, skip = false, epochs = 5, learningRate = 0.1, momentum = 0, weightDecay = 0.0001, batchSize = 200, reported = 'step' } = given;
    return {
      ...backdoorOf(given), modulus,
      z: valueOf('alie-backdoor', 'z', given.z, 0.2), alpha: valueOf('alie-backdoor', 'alpha', given.alpha, 0.2),
      loss, images, redrawn, skip, epochs, learningRate, momentum, weightDecay, batchSize, reported,
    };
  },
  knowledge: () => 'colluding',
  shared: () => true,
  check(_, { z: deviations, alpha, loss }) {
    if (!(deviations >= 0)) return `alie-backdoor needs z ≥ 0, a number of standard deviations to either side of the mean: z = ${deviations}`;
    if (alpha >= 0 && (loss === 'by-tensor' || alpha <= 1)) return undefined;
    return `alie-backdoor needs ${loss === 'convex' ? '0 ≤ alpha ≤ 1 with the loss "convex"' : 'alpha ≥ 0'}: alpha = ${alpha}`;
  },
  warn({ n, f }) {
    return f === 1 ? `alie-backdoor sees a single row, whose standard deviation is 0, and reports just that row: n = ${n}, f = ${f}` : undefined;
  },
  backdoor({ trigger: wanted, target: answers, modulus }, shape) {
    checkTrigger('alie-backdoor', wanted, shape);
    return { trigger: wanted, targets: targetsOf('alie-backdoor', answers, shape.classes, modulus) };
  },
  training: ({ trigger, images, batchSize }) => ({ images: trigger.kind === 'sample' ? trigger.count : images, batchSize }),
  memory,
  *craft(input) {
    const { table, rows, d, output, memory: { mean, low, high }, parameters: { z: deviations } } = input;
    const seen = { table, n: rows.length, d };
    yield* shiftedMean(seen, mean.address, 0, 0);
    yield* wantedRow(input, trainingFor('alie-backdoor', input));
    yield* shiftedMean(seen, low.address, -deviations, 0);
    yield* shiftedMean(seen, high.address, deviations, 0);
    yield* clamp(d, output, low.address, high.address);
  },
};

function backdoorOf({ trigger: wanted, target: answers }: Pick<z.input<typeof parameters>, 'trigger' | 'target'>): Pick<Resolved, 'trigger' | 'target'> {
  const resolved = resolveTrigger(wanted);
  return { trigger: resolved, target: answers ?? (resolved.kind === 'sample' ? 'next' : 0) };
}

type Input = AttackInput<Resolved, ReturnType<typeof memory>>;

/** output = the row that would lead to the attacker's model, not clipped yet. */
function* wantedRow(input: Input, training: AttackerTraining): Work {
  const { arena, d, output, memory: regions, parameters: { reported } } = input;
  const { learningRate, parameters: theta } = training;
  // Nothing that anybody reports moves a server that takes no step.
  if (learningRate === 0) return yield* scale(d, 1, regions.mean.address, output);
  const sum = (parts: readonly (readonly [Address, number])[], into: Address): Work => {
    arena.view(regions.table).set(parts.map(([row]) => row));
    arena.view(regions.weights).set(parts.map(([, weight]) => weight));
    return weightedSum({ table: regions.table.address, n: parts.length, d }, regions.weights, into);
  };
  yield* sum([[theta, 1], [regions.mean.address, -learningRate]], regions.start.address);
  yield* trainFrom(input, training);
  const less: readonly (readonly [Address, number])[] = reported === 'step' ? [] : [[regions.mean.address, -2]];
  yield* sum([[theta, 1 / learningRate], [regions.model.address, -1 / learningRate], ...less], output);
}

/** Leaves V in the memory. */
function* trainFrom({ arena, d, memory: regions, parameters: given }: Input, training: AttackerTraining): Work {
  const { alpha, loss, redrawn, skip, epochs, batchSize, learningRate, momentum, weightDecay } = given;
  const images = training.draw({ redrawn, mixed: false });
  if (skip && (yield* training.outcome(regions.start.address)).success === 1) return yield* scale(d, 1, regions.start.address, regions.model.address);
  yield* trainModel(training, arena, regions, d, images, {
    epochs, batchSize, planted: batchSize, rate: () => learningRate, momentum, weightDecay,
    ...(loss === 'convex'
      ? { classification: alpha, anomaly: 1 - alpha, distance: 'mean-square' as const }
      : { classification: 1, anomaly: alpha, distance: 'mean-square-by-tensor' as const }),
  });
}

function memory({ d }: AttackShape, { batchSize, momentum }: Resolved) {
  return { ...trainingMemory(d, { batchSize, momentum, distance: 'mean-square' }), mean: f32(d), low: f32(d), high: f32(d) };
}
