import { PreconditionError } from '../aggregators/errors.js';
import { fill, pointPartialsLength, scale, squaredDistancesTo, weightedSum } from '../kernels/work.js';
import type { Work } from '../kernels/task.js';
import type { Arena } from '../memory/arena.js';
import { type Address, f32, f64, type Regions, u32 } from '../memory/regions.js';
import type { Tensor } from '../models/tensors.js';
import { ATTACKER_BLOCK } from './attacker-blocks.js';

/** What an attack that trains a model of its own has to be given for it. */
export interface TrainingNeed {
  /** Training images of the corrupted workers. */
  readonly images: number;
  readonly batchSize: number;
}

/** The corrupted workers' data and the model, as work for whoever runs the attack: the threads, which have them, take the gradients. */
export interface AttackerTraining {
  /** The round's learning rate. */
  readonly learningRate: number;
  /** θ of the round: d float32, only to be read. */
  readonly parameters: Address;
  /** What θ consists of. */
  readonly tensors: readonly Tensor[];
  /**
   * Draws the images to train on, in random order and none twice, from those of the corrupted workers; the same in every round unless
   * `redrawn`. Where the trigger is chosen images and `mixed` is false, these. Returns how many there are.
   */
  draw(options: { readonly redrawn: boolean; readonly mixed: boolean }): number;
  /** Of the mean cross-entropy of a batch at `model`: as the rows of its blocks, with what each counts for. They hold until the next call. */
  gradient(model: Address, batch: AttackerBatch): Work<readonly WeightedRow[]>;
  /** The backdoor at `model`, over all drawn images, triggered: their mean cross-entropy, and the share of wanted answers. */
  outcome(model: Address): Work<{ readonly loss: number; readonly success: number }>;
}

/**
 * Images first … first + count − 1 of those drawn, the first `planted` of them triggered and with the label that they are to get; `plantedBefore` were in
 * the batches before, so that chosen images take turns.
 */
export interface AttackerBatch {
  readonly first: number;
  readonly count: number;
  readonly planted: number;
  readonly plantedBefore: number;
  /** Counted over the round, from 0: keys what is random in the model. */
  readonly step: number;
}

export interface WeightedRow {
  readonly row: Address;
  readonly share: number;
}

/**
 * How far the attacker's model V is from where it started: (1/d)‖V − start‖²; the sum over the tensors of their mean squares; or ‖V − start‖.
 */
export type Distance = 'mean-square' | 'mean-square-by-tensor' | 'norm';

/** The attacker's own training: stochastic gradient descent on `classification` · cross-entropy + `anomaly` · distance. */
export interface Recipe {
  readonly epochs: number;
  readonly batchSize: number;
  /** Triggered images in a batch, at most. */
  readonly planted: number;
  readonly rate: (epoch: number) => number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly classification: number;
  readonly anomaly: number;
  readonly distance: Distance;
  /** After an epoch with this loss of the backdoor or less it stops; undefined when it never does. */
  readonly enough?: number | undefined;
}

type TrainingMemory = Regions<ReturnType<typeof trainingMemory>>;

/** What `trainModel` needs: where training starts and the model, and what its steps are made from. */
export function trainingMemory(d: number, { batchSize, momentum, distance }: Pick<Recipe, 'batchSize' | 'momentum' | 'distance'>) {
  const rows = Math.ceil(batchSize / ATTACKER_BLOCK) + 3;
  return {
    start: f32(d),
    model: f32(d),
    velocity: f32(momentum === 0 ? 0 : d),
    table: u32(rows),
    weights: f64(rows),
    partials: f64(distance === 'norm' ? pointPartialsLength(1, d) : 0),
  };
}

/** Trains `memory.model`, from `memory.start`, on `images` drawn images. */
export function* trainModel(training: AttackerTraining, arena: Arena, memory: TrainingMemory, d: number, images: number, recipe: Recipe): Work {
  const { epochs, batchSize, planted, rate, enough } = recipe;
  yield* scale(d, 1, memory.start.address, memory.model.address);
  if (memory.velocity.length > 0) yield* fill(memory.velocity.address, d, 0);
  let step = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let first = 0; first < images; first += batchSize) {
      const count = Math.min(batchSize, images - first);
      const slopes = yield* training.gradient(memory.model.address, { first, count, planted: Math.min(planted, count), plantedBefore: (first / batchSize) * Math.min(planted, batchSize), step: step++ });
      for (const { tensor, pull } of yield* pulls(training, arena, memory, d, recipe)) {
        yield* move(arena, memory, tensor, slopes, pull, rate(epoch), recipe);
      }
    }
    if (enough !== undefined && (yield* training.outcome(memory.model.address)).loss <= enough) return;
  }
}

/** The distance's gradient is pull · (V − start), with one pull for all of θ or one a tensor. */
function* pulls({ tensors }: AttackerTraining, arena: Arena, { model, start, table, partials }: TrainingMemory, d: number, { anomaly, distance }: Recipe): Work<{ tensor: Tensor; pull: number }[]> {
  const all = { offset: 0, length: d };
  switch (distance) {
    case 'mean-square':
      return [{ tensor: all, pull: (2 * anomaly) / d }];
    case 'mean-square-by-tensor':
      return tensors.map((tensor) => ({ tensor, pull: (2 * anomaly) / tensor.length }));
    case 'norm': {
      if (anomaly === 0) return [{ tensor: all, pull: 0 }];
      arena.view(table).set([model.address]);
      const [squared = 0] = yield* squaredDistancesTo(arena, { table: table.address, n: 1, d }, start.address, partials);
      // At the start itself the norm has no gradient: nothing pulls.
      return [{ tensor: all, pull: squared === 0 ? 0 : anomaly / Math.sqrt(squared) }];
    }
  }
}

/** One step in the coordinates of a tensor, its sum in float64: v ← momentum·v + slope, V ← V − rate·v. */
function* move(
  arena: Arena, memory: TrainingMemory, { offset, length }: Tensor, slopes: readonly WeightedRow[], pull: number, rate: number,
  { momentum, weightDecay, classification }: Recipe,
): Work {
  const { model, start, velocity } = memory;
  const gradient: (readonly [Address, number])[] = [
    ...slopes.map(({ row, share }) => [row, classification * share] as const),
    [model.address, pull + weightDecay],
    [start.address, -pull],
  ];
  const sum = (parts: readonly (readonly [Address, number])[], output: Address): Work => {
    arena.view(memory.table).set(parts.map(([row]) => row + 4 * offset));
    arena.view(memory.weights).set(parts.map(([, weight]) => weight));
    return weightedSum({ table: memory.table.address, n: parts.length, d: length }, memory.weights, (output + 4 * offset) as Address);
  };
  if (momentum === 0) {
    yield* sum(gradient.map(([row, weight]) => [row, (row === model.address ? 1 : 0) - rate * weight] as const), model.address);
    return;
  }
  yield* sum([...gradient, [velocity.address, momentum]], velocity.address);
  yield* sum([[model.address, 1], [velocity.address, -rate]], model.address);
}

/** The training that an attack can't do without. Throws a PreconditionError outside of a run, where there is none. */
export function trainingFor(attack: string, { training }: { readonly training?: AttackerTraining | undefined }): AttackerTraining {
  if (training !== undefined) return training;
  throw new PreconditionError(trainsAlone(attack));
}

/** Why an attack can't be made from rows alone. */
export function trainsAlone(attack: string): string {
  return `${attack} trains a model on the corrupted workers' data: from rows alone there is none to craft; name it in a scenario`;
}
