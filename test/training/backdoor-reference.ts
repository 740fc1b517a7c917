import { digits } from '../../lib/data/digits.js';
import { iid } from '../../lib/data/partitions/iid.js';
import { Stream } from '../../lib/data/random.js';
import { mlp } from '../../lib/models/mlp.js';
import { vector } from '../../lib/models/shape.js';
import { referenceGradient } from '../models/reference.js';
import { firstParameters } from './textbook.js';

/* Attacks that train a model of their own, in float64, from their formulas: one round of a tiny network on few digits. */

export const SAMPLES = 260;
export const WORKERS = 5;
export const CORRUPTED = 3;
export const BATCH = 6;
export const RATE = 0.2;
export const SEED = 5;
export const LAYERS = mlp.layers({ hidden: [6] }, vector(784), 10);
/** The first layer's weights and biases, the second one's weights and biases. */
const TENSORS = [784 * 6, 6, 6 * 10, 10];

export interface Images {
  readonly images: Float64Array[];
  readonly labels: number[];
}

/** Digits as a model gets them, and the greatest intensity among them. */
export async function digitsOf(trainSamples: number, testSamples: number): Promise<{ train: Images; test: Images; white: number }> {
  const given = { trainSamples, testSamples };
  const { mean, deviation } = await digits.describe(given, []);
  const target = {
    trainImages: new Uint8Array(784 * trainSamples), trainLabels: new Uint8Array(trainSamples), testImages: new Uint8Array(784 * testSamples), testLabels: new Uint8Array(testSamples),
  };
  await digits.load(given, [], target);
  const normalised = (bytes: Uint8Array, labels: Uint8Array): Images => ({
    images: Array.from(labels, (_, sample) => Float64Array.from(bytes.subarray(784 * sample, 784 * (sample + 1)), (byte) => (byte / 255 - mean[0]!) / deviation[0]!)),
    labels: [...labels],
  });
  return { train: normalised(target.trainImages, target.trainLabels), test: normalised(target.testImages, target.testLabels), white: (1 - mean[0]!) / deviation[0]! };
}

/** The image with a rectangle of one value. */
export function stamp(image: Float64Array, [row, column, height, width]: readonly [number, number, number, number], value: number): Float64Array {
  return image.map((pixel, at) => {
    const [y, x] = [Math.floor(at / 28), at % 28];
    return y >= row && y < row + height && x >= column && x < column + width ? value : pixel;
  });
}

/** The first round: θ, every worker's shard and gradient. */
export function firstRound({ images, labels }: Images): { theta: Float64Array; shards: number[][]; gradients: Float64Array[] } {
  const { indices, offsets } = iid.partition(Uint8Array.from(labels), 10, WORKERS, {}, new Stream(SEED, 'partition'));
  const theta = firstParameters(LAYERS, SEED);
  const shards = Array.from({ length: WORKERS }, (_, worker) => [...indices.subarray(offsets[worker], offsets[worker + 1])]);
  const gradients = shards.map((shard) => gradientOf(theta, shard.slice(0, BATCH).map((sample) => [images[sample]!, labels[sample]!])));
  return { theta, shards, gradients };
}

export type Sample = readonly [image: Float64Array, label: number];

export function gradientOf(parameters: Float64Array, batch: readonly Sample[]): Float64Array {
  return referenceGradient(LAYERS, parameters, batch.map(([image]) => image), batch.map(([, label]) => label)).gradient;
}

export function lossOf(parameters: Float64Array, batch: readonly Sample[]): number {
  return referenceGradient(LAYERS, parameters, batch.map(([image]) => image), batch.map(([, label]) => label)).loss;
}

/** A loss of the attacker and its gradient. */
export interface Loss {
  readonly value: (model: Float64Array, batch: readonly Sample[]) => number;
  readonly gradient: (model: Float64Array, batch: readonly Sample[]) => Float64Array;
}

/** α·cross-entropy + (1 − α)·(1/d)‖V − start‖². */
export function convexLoss(alpha: number, start: Float64Array): Loss {
  const d = start.length;
  return {
    value: (model, batch) => alpha * lossOf(model, batch) + (1 - alpha) * (squared(model, start, 0, d) / d),
    gradient: (model, batch) => gradientOf(model, batch).map((slope, k) => alpha * slope + ((1 - alpha) * 2 * (model[k]! - start[k]!)) / d),
  };
}

/** Cross-entropy + α·Σ over the tensors of the mean squared difference. */
export function tensorLoss(alpha: number, start: Float64Array): Loss {
  const ends = TENSORS.map((_, index) => TENSORS.slice(0, index + 1).reduce((sum, length) => sum + length, 0));
  const tensorOf = (k: number): number => ends.findIndex((end) => k < end);
  return {
    value: (model, batch) => lossOf(model, batch) + alpha * TENSORS.reduce((sum, length, index) => sum + squared(model, start, ends[index]! - length, ends[index]!) / length, 0),
    gradient: (model, batch) => gradientOf(model, batch).map((slope, k) => slope + (alpha * 2 * (model[k]! - start[k]!)) / TENSORS[tensorOf(k)]!),
  };
}

/** α·cross-entropy + (1 − α)·‖V − θ‖, whose gradient at θ is taken for 0. */
export function normLoss(alpha: number, start: Float64Array): Loss {
  const distance = (model: Float64Array): number => Math.sqrt(squared(model, start, 0, start.length));
  return {
    value: (model, batch) => alpha * lossOf(model, batch) + (1 - alpha) * distance(model),
    gradient(model, batch) {
      const far = distance(model);
      return gradientOf(model, batch).map((slope, k) => alpha * slope + (far === 0 ? 0 : ((1 - alpha) * (model[k]! - start[k]!)) / far));
    },
  };
}

function squared(x: Float64Array, y: Float64Array, begin: number, end: number): number {
  let sum = 0;
  for (let k = begin; k < end; k++) sum += (x[k]! - y[k]!) ** 2;
  return sum;
}

/** Stochastic gradient descent with momentum and weight decay. */
export function descend(
  start: Float64Array, batches: readonly (readonly Sample[])[], loss: Loss,
  { epochs, rate, momentum, weightDecay }: { epochs: number; rate: (epoch: number) => number; momentum: number; weightDecay: number },
): Float64Array {
  let model = start.slice();
  let velocity = new Float64Array(start.length);
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const batch of batches) {
      const here = model;
      velocity = loss.gradient(here, batch).map((slope, k) => momentum * velocity[k]! + slope + weightDecay * here[k]!);
      const speed = velocity;
      model = here.map((value, k) => value - rate(epoch) * speed[k]!);
    }
  }
  return model;
}

/** So many of the items, as the attacker draws them in round 0: each of those that are left with equal chance. */
export function draw(items: readonly number[], count: number): number[] {
  const random = new Stream(SEED, 'backdoor', 0, 0);
  const left = [...items];
  const drawn: number[] = [];
  for (let i = 0; i < Math.min(count, items.length); i++) {
    const j = i + random.below(left.length - i);
    [left[i], left[j]] = [left[j]!, left[i]!];
    drawn.push(left[i]!);
  }
  return drawn;
}

export function batchesOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, batch) => items.slice(batch * size, (batch + 1) * size));
}

/** Per coordinate brought into mean ± z standard deviations of the rows, of divisor their number. */
export function clip(row: Float64Array, rows: readonly Float64Array[], z: number): Float64Array {
  return row.map((value, k) => {
    const mean = rows.reduce((sum, other) => sum + other[k]!, 0) / rows.length;
    const deviation = Math.sqrt(rows.reduce((sum, other) => sum + (other[k]! - mean) ** 2, 0) / rows.length);
    return Math.min(Math.max(value, mean - z * deviation), mean + z * deviation);
  });
}
