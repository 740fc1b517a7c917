import { z } from 'zod';
import { checkPartition, type Partitioner, tooFewSamples } from '../partition.js';

/**
 * Shards of ⌊N/n⌋ samples, cut from one random order of all N. The N mod n samples at its end are left out: shards of different
 * length would make some workers' samples count more. The paper's code has equal shards of ⌈N/n⌉ instead, by giving a few samples
 * to two workers (PyTorch's DistributedSampler); here shards are disjoint.
 */
export const iid: Partitioner = {
  name: 'iid',
  description: 'equal shards of ⌊N/n⌋ samples in random order; the N mod n samples that are left belong to nobody',
  source: 'G. Baruch, M. Baruch, Y. Goldberg: A little is enough: circumventing defenses for distributed learning, NeurIPS 2019',
  parameters: z.strictObject({}),

  check: (samples, _classes, workers) => tooFewSamples(samples, workers),
  shardLength,

  partition(labels, classes, workers, given, stream) {
    checkPartition(iid, labels.length, classes, workers, given);
    const length = shardLength(labels.length, workers);
    const order = stream.shuffle(Uint32Array.from(labels, (_, sample) => sample));
    return {
      indices: order.slice(0, length * workers),
      offsets: Uint32Array.from({ length: workers + 1 }, (_, worker) => worker * length),
    };
  },
};

function shardLength(samples: number, workers: number): number {
  return Math.floor(samples / workers);
}
