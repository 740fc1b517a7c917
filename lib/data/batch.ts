/**
 * Which element of its shard a worker takes as sample `position` of its batch in `round`: (round · batchSize + position) mod
 * shardLength. So a worker cycles through its shard, every sample once before any comes again, and the batch of a round
 * follows from the round's number alone. Nothing is imported here, because the threads run it.
 */
export function batchIndex(shardLength: number, batchSize: number, round: number, position: number): number {
  return (round * batchSize + position) % shardLength;
}
