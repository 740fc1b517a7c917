import { z } from 'zod';
import { checkSamples, type Partitioner } from '../partition.js';

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

  partition(labels, _classes, workers, _given, stream) {
    checkSamples(labels.length, workers);
    const shardLength = Math.floor(labels.length / workers);
    const order = stream.shuffle(Uint32Array.from(labels, (_, sample) => sample));
    return {
      indices: order.slice(0, shardLength * workers),
      offsets: Uint32Array.from({ length: workers + 1 }, (_, worker) => worker * shardLength),
    };
  },
};
