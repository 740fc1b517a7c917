import { type Partition, PartitionError } from './partition.js';
import { Stream } from './random.js';

/** Training samples divided between the server and the workers; sample numbers in ascending order. */
export interface HeldOut {
  readonly server: Uint32Array;
  readonly workers: Uint32Array;
}

/** Draws `count` of `samples` training samples for the server, every choice equally likely, by the seed alone. */
export function holdOut(samples: number, count: number, seed: number): HeldOut {
  const order = new Stream(seed, 'server').shuffle(Uint32Array.from({ length: samples }, (_, sample) => sample));
  return { server: order.slice(0, count).sort(), workers: order.slice(count).sort() };
}

/** Throws a PartitionError when nothing would be left for the workers. */
export function checkHoldOut(samples: number, count: number): void {
  if (count < samples) return;
  throw new PartitionError(`server.samples is ${count} of ${samples} training samples: that leaves none for the workers; it must be at most ${samples - 1}`);
}

/** A partition of the samples that are left, as one of all samples. */
export function amongAll(partition: Partition, { workers }: HeldOut): Partition {
  return { offsets: partition.offsets, indices: partition.indices.map((position) => workers[position] as number) };
}
