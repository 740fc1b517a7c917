import type { Poison } from '../attacks/attack.js';
import { asWritten } from '../registry/as-written.js';

/** An attack on data: what it does to the samples of which workers, in rounds start … stop − 1. Plain data, which the threads are handed. */
export interface Poisoning {
  readonly workers: readonly number[];
  readonly start: number;
  readonly stop: number;
  readonly poison: Poison;
}

/** How many samples of a batch a backdoor is planted in: ⌈planted · batchSize⌉. */
export function plantedSamples({ planted = 0 }: Poison, batchSize: number): number {
  return Math.ceil(asWritten(planted * batchSize));
}

/**
 * The batch in which a worker draws place `place` of its shard for the first time from round `start` on, and its position there. `batchIndex`
 * says how a worker goes through its shard.
 */
export function firstDraw(place: number, shardLength: number, batchSize: number, start: number): { readonly round: number; readonly position: number } {
  const before = start * batchSize;
  const draw = before + ((((place - before) % shardLength) + shardLength) % shardLength);
  return { round: Math.floor(draw / batchSize), position: draw % batchSize };
}
