import { z } from 'zod';
import { checkPartition, joinShards, type Partitioner, samplesByClass, tooFewSamples } from '../partition.js';
import type { Stream } from '../random.js';

/**
 * For each class c, proportions p_c ~ Dirichlet(α, …, α) over the n workers: of the class's N_c samples, in random order, worker i gets
 * those from ⌊N_c · (p_c1 + … + p_c,i−1)⌋ up to ⌊N_c · (p_c1 + … + p_ci)⌋. Small α gives each class to few workers, large α to all alike.
 *
 * The published code draws again until no shard is too small, which need not end; here each empty shard gets one sample of the
 * shard that is the largest at that moment.
 */
export const dirichlet: Partitioner<{ alpha: number }> = {
  name: 'dirichlet',
  description: 'each class is split over the workers in proportions drawn from a Dirichlet distribution; the smaller alpha, the more they differ',
  source:
    'M. Yurochkin et al.: Bayesian nonparametric federated learning of neural networks, ICML 2019; ' +
    'Q. Li, Y. Diao, Q. Chen, B. He: Federated learning on non-IID data silos: an experimental study, ICDE 2022',
  parameters: z.strictObject({
    // The bounds keep the logarithms finite. Beyond them nothing changes: one owner a class, or equal shares.
    alpha: z.number().min(1e-6).max(1e9).describe('concentration of the Dirichlet distribution'),
  }),

  check: (samples, _classes, workers) => tooFewSamples(samples, workers),

  partition(labels, classes, workers, given, stream) {
    checkPartition(dirichlet, labels.length, classes, workers, given);
    const shards = Array.from({ length: workers }, (): number[] => []);
    for (const samples of samplesByClass(labels, classes)) {
      stream.shuffle(samples);
      const proportions = drawDirichlet(given.alpha, workers, stream);
      let cumulative = 0;
      let start = 0;
      for (let worker = 0; worker < workers; worker++) {
        cumulative += proportions[worker] as number;
        const end = worker === workers - 1 ? samples.length : Math.min(samples.length, Math.floor(samples.length * cumulative));
        for (let position = start; position < end; position++) (shards[worker] as number[]).push(samples[position] as number);
        start = end;
      }
    }
    return joinShards(shards, stream);
  },
};

/**
 * Draws `length` proportions from the symmetric Dirichlet distribution: Gamma(α) deviates over their sum. The deviates stay
 * logarithms until their largest is subtracted, since for α = 0.001 most are far below the smallest double.
 *
 * `Math.exp` and `Math.log` are allowed here, unlike `Math.pow`: V8 carries its own port of fdlibm for them, so they depend neither on the
 * system nor, as far as measured, on the version (equal partitions, and equal bits for a million arguments, on Node 20, 22 and 24).
 */
export function drawDirichlet(alpha: number, length: number, stream: Stream): Float64Array {
  const proportions = new Float64Array(length);
  for (let i = 0; i < length; i++) proportions[i] = drawLogGamma(alpha, stream);
  const largest = proportions.reduce((a, b) => Math.max(a, b));
  let sum = 0;
  for (let i = 0; i < length; i++) {
    const weight = Math.exp((proportions[i] as number) - largest);
    proportions[i] = weight;
    sum += weight;
  }
  for (let i = 0; i < length; i++) proportions[i] = (proportions[i] as number) / sum;
  return proportions;
}

/**
 * The logarithm of a Gamma(shape, 1) deviate: G. Marsaglia, W. W. Tsang, A simple method for generating gamma variables, ACM TOMS
 * 26(3), 2000; below shape 1 by Gamma(a) = Gamma(a + 1) · U^(1/a).
 */
function drawLogGamma(shape: number, stream: Stream): number {
  if (shape < 1) return drawLogGamma(shape + 1, stream) + Math.log(1 - stream.uniform()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = stream.normal();
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root * root * root;
    if (Math.log(1 - stream.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d) + Math.log(v);
  }
}
