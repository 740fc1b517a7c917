import type { z } from 'zod';
import type { Stream } from './random.js';

/** Which training samples each worker has: disjoint shards, none empty, each in random order. */
export interface Partition {
  /** Sample numbers, worker after worker. At most as many as there are samples: a partitioner may leave some out, and says so. */
  readonly indices: Uint32Array;
  /** `workers + 1` positions in `indices`: worker i has those from offsets[i] up to, not including, offsets[i + 1]. */
  readonly offsets: Uint32Array;
}

/** One way to split the training samples over the workers. A file exports one such object and the registry lists it. */
export interface Partitioner<Given extends object = object> {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly parameters: z.ZodType<Given>;
  /** Why so many samples can't be split as asked, with the figures; undefined when they can. */
  check(samples: number, classes: number, workers: number, given: Given): string | undefined;
  /** How many samples each worker gets, where that follows from these numbers. */
  shardLength?(samples: number, workers: number): number;
  /**
   * `labels`: the label of each training sample, each below `classes`. `stream`: drawn from for everything random, so that the
   * same stream gives the same partition. Throws a PartitionError for what `check` refuses.
   */
  partition(labels: Uint8Array, classes: number, workers: number, given: Given, stream: Stream): Partition;
}

/** The samples can't be split as asked: names the figures. */
export class PartitionError extends RangeError {
  override name = 'PartitionError';
}

/** How many samples of each class each worker has: `workers` rows of `classes` counts. */
export function labelHistogram({ indices, offsets }: Partition, labels: Uint8Array, classes: number): number[][] {
  return Array.from({ length: offsets.length - 1 }, (_, worker) => {
    const counts = new Array<number>(classes).fill(0);
    for (const index of indices.subarray(offsets[worker], offsets[worker + 1])) {
      const label = labels[index] as number;
      counts[label] = (counts[label] as number) + 1;
    }
    return counts;
  });
}

/** Throws a PartitionError when the samples can't be split as asked. */
export function checkPartition<Given extends object>(partitioner: Partitioner<Given>, samples: number, classes: number, workers: number, given: Given): void {
  const problem = partitioner.check(samples, classes, workers, given);
  if (problem !== undefined) throw new PartitionError(problem);
}

/** What every partitioner needs: at least one sample for each worker. */
export function tooFewSamples(samples: number, workers: number): string | undefined {
  if (samples >= workers) return undefined;
  return `${samples} training samples can't give each of ${workers} workers at least one; use fewer workers or more samples`;
}

/** The sample numbers of each class, in ascending order. */
export function samplesByClass(labels: Uint8Array, classes: number): number[][] {
  const byClass = Array.from({ length: classes }, (): number[] => []);
  for (let sample = 0; sample < labels.length; sample++) {
    const samples = byClass[labels[sample] as number];
    if (samples === undefined) throw new RangeError(`sample ${sample} has the label ${String(labels[sample])}; there are ${classes} classes`);
    samples.push(sample);
  }
  return byClass;
}

/**
 * Gives each worker with an empty shard one sample of the shard that is the largest at that moment (the first of equals), then
 * shuffles each shard and joins them. Ends after one pass, because there are at least as many samples as workers.
 */
export function joinShards(shards: readonly number[][], stream: Stream): Partition {
  for (const shard of shards) {
    if (shard.length > 0) continue;
    const largest = shards.reduce((best, other) => (other.length > best.length ? other : best));
    shard.push(largest.pop() as number);
  }
  const offsets = new Uint32Array(shards.length + 1);
  for (let worker = 0; worker < shards.length; worker++) {
    offsets[worker + 1] = (offsets[worker] as number) + (shards[worker] as number[]).length;
  }
  const indices = new Uint32Array(offsets[shards.length] as number);
  for (let worker = 0; worker < shards.length; worker++) {
    indices.set(stream.shuffle(shards[worker] as number[]), offsets[worker]);
  }
  return { indices, offsets };
}
