import { z } from 'zod';
import { checkPartition, joinShards, type Partitioner, samplesByClass, tooFewSamples } from '../partition.js';
import type { Stream } from '../random.js';

/**
 * Each worker owns k different labels, and each label's samples are split evenly over its owners. Labels are dealt so that the
 * numbers of their owners differ by at most one: worker after worker takes the k labels with the fewest owners so far, ties
 * in random order. Only labels that occur are dealt; if fewer than k occur, each worker owns them all.
 *
 * With n · k below the number of labels, some labels have no owner and their samples are left out. A worker that gets nothing,
 * because its labels have fewer samples than owners, takes one sample of the largest shard, whatever its label.
 */
export const labelShards: Partitioner<{ labels: number }> = {
  name: 'label-shards',
  description: 'each worker has samples of so many labels only',
  source:
    'H. B. McMahan et al.: Communication-efficient learning of deep networks from decentralized data, AISTATS 2017; ' +
    'dealt by label as in Q. Li, Y. Diao, Q. Chen, B. He: Federated learning on non-IID data silos: an experimental study, ICDE 2022 (#C = k)',
  parameters: z.strictObject({ labels: z.int().min(1).describe('labels a worker, at most the number of classes') }),

  check(samples, classes, workers, { labels }) {
    if (labels > classes) return `labels is ${labels}, but there are ${classes} classes; give 1 to ${classes}`;
    return tooFewSamples(samples, workers);
  },

  partition(labels, classes, workers, given, stream) {
    checkPartition(labelShards, labels.length, classes, workers, given);
    const byClass = samplesByClass(labels, classes);
    const present = byClass.flatMap((samples, label) => (samples.length > 0 ? [label] : []));
    const owners = dealLabels(present, classes, workers, Math.min(given.labels, present.length), stream);
    const shards = Array.from({ length: workers }, (): number[] => []);
    for (const label of present) {
      const samples = stream.shuffle(byClass[label] as number[]);
      const ownersOfLabel = owners[label] as number[];
      if (ownersOfLabel.length === 0) continue;
      samples.forEach((sample, position) => {
        const owner = ownersOfLabel[position % ownersOfLabel.length] as number;
        (shards[owner] as number[]).push(sample);
      });
    }
    return joinShards(shards, stream);
  },
};

/** The owners of each label, in random order. */
function dealLabels(present: readonly number[], classes: number, workers: number, labelsEach: number, stream: Stream): number[][] {
  const owners = Array.from({ length: classes }, (): number[] => []);
  for (let worker = 0; worker < workers; worker++) {
    // Sorting is stable, so labels with equally many owners keep their random order.
    const order = stream.shuffle([...present]).sort((a, b) => (owners[a] as number[]).length - (owners[b] as number[]).length);
    for (const label of order.slice(0, labelsEach)) (owners[label] as number[]).push(worker);
  }
  for (const list of owners) stream.shuffle(list);
  return owners;
}
