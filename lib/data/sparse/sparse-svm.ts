import { z } from 'zod';
import { DataError } from '../dataset.js';
import { Stream } from '../random.js';
import { breathe, EDGES_AT_ONCE, type SparseDataset, type SparsePart } from './sparse-dataset.js';

const parameters = z.strictObject({
  samples: z.int().min(1).max(100_000_000).default(20_000).describe('training samples'),
  testSamples: z.int().min(1).max(100_000_000).default(5_000).describe('test samples'),
  features: z.int().min(2).max(100_000_000).default(10_000).describe('coordinates of a sample, most of them 0'),
  nonzeros: z.int().min(1).max(100_000).default(50).describe('features of each sample, all different'),
  distribution: z.enum(['uniform', 'zipf']).default('uniform').describe('uniform: each feature as often as any; zipf: feature k is drawn in proportion to 1/(k + 1), as words are'),
  labelNoise: z.number().min(0).max(0.5).default(0.02).describe('share of labels that are flipped'),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0).describe('of the data alone'),
});

type Parameters = z.infer<typeof parameters>;

/** Which part a sample belongs to; part of its stream's key. */
const TRAIN = 1;
const TEST = 2;

/**
 * Sparse samples with labels of a hidden hyperplane. A sample has `nonzeros` different features with values uniform in ±√(3/nonzeros), so that
 * its norm is about 1; its label is the sign of its product with normal weights.
 */
export const sparseSvm: SparseDataset<Parameters> = {
  name: 'sparse-svm',
  kind: 'classification',
  description: 'sparse samples labelled by a hidden hyperplane, generated: as many features, nonzeros and as skewed as asked',
  source: 'generated here; the distribution zipf has the shape of RCV1 (Lewis et al. 2004): a few features in nearly every sample',
  parameters,

  // eslint-disable-next-line @typescript-eslint/require-await -- the contract is asynchronous, for data sets that read files
  async describe({ samples, testSamples, features, nonzeros }) {
    if (nonzeros > features) throw new DataError(`dataset.nonzeros is ${nonzeros}, but there are ${features} features; it must be at most that`);
    const size = (edges: number): { edges: number; entries: number } => ({ edges, entries: edges * nonzeros });
    return { vertices: features, rows: 0, classes: 0, train: size(samples), test: size(testSamples) };
  },

  async load(given, _folders, { train, test }) {
    const weightStream = new Stream(given.seed, 'sparse', 0);
    const weights = Float64Array.from({ length: given.features }, () => weightStream.normal());
    const draw = given.distribution === 'uniform' ? (stream: Stream) => stream.below(given.features) : zipf(given.features);
    await fill(given, TRAIN, train, weights, draw);
    await fill(given, TEST, test, weights, draw);
  },
};

async function fill({ features, nonzeros, labelNoise, seed }: Parameters, part: number, target: SparsePart, weights: Float64Array, draw: (stream: Stream) => number): Promise<void> {
  const { offsets, vertices, values, labels } = target;
  const stream = new Stream(seed, 'sparse', part);
  const takenBy = new Int32Array(features).fill(-1);
  const range = Math.sqrt(3 / nonzeros);
  for (let sample = 0; sample < labels.length; sample++) {
    const begin = sample * nonzeros;
    offsets[sample] = begin;
    for (let k = begin; k < begin + nonzeros; ) {
      const feature = draw(stream);
      if (takenBy[feature] === sample) continue;
      takenBy[feature] = sample;
      vertices[k++] = feature;
    }
    vertices.subarray(begin, begin + nonzeros).sort();
    let product = 0;
    for (let k = begin; k < begin + nonzeros; k++) {
      values[k] = range * (2 * stream.uniform() - 1);
      product += (values[k] as number) * (weights[vertices[k] as number] as number);
    }
    labels[sample] = product >= 0 !== stream.uniform() < labelNoise ? 1 : -1;
    if (sample % EDGES_AT_ONCE === EDGES_AT_ONCE - 1) await breathe();
  }
  offsets[labels.length] = labels.length * nonzeros;
}

/** Draws k with probability in proportion to 1/(k + 1), by bisection of the cumulative sums. */
function zipf(features: number): (stream: Stream) => number {
  const cumulative = new Float64Array(features);
  let total = 0;
  for (let k = 0; k < features; k++) cumulative[k] = total += 1 / (k + 1);
  return (stream) => {
    const wanted = stream.uniform() * total;
    let low = 0;
    let high = features - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle] as number) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
