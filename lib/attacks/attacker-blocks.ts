/**
 * How the batch of an attacker that trains is cut into blocks, whose gradients threads take: by its size alone, so that sums don't depend
 * on the threads. Nothing is imported here, because the threads run it.
 */

/** Samples of a block, at most. */
export const ATTACKER_BLOCK = 64;

/** Which samples of a batch of `count` are those of one of `blocks`: `begin` included, `end` excluded. */
export function blockOf(count: number, blocks: number, block: number): [begin: number, end: number] {
  return [Math.floor((block * count) / blocks), Math.floor(((block + 1) * count) / blocks)];
}
