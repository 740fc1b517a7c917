import { availableParallelism } from 'node:os';

/**
 * Milliseconds that a thread between two phases of one rule looks for the next before it sleeps: what the main thread does there alone seldom takes longer.
 * With it a mean of 100,000 operations took 14 µs on two threads that had just had another one, without it 49 (`npm run bench -- phases`).
 */
const SPIN = 0.2;

/** Nobody spins who would keep a core from one who works: not thread 0, in whose place the main thread is awake, and none where threads share cores. */
export function spinOf(thread: number | 'main', threads: number): number {
  return thread === 0 || threads > availableParallelism() ? 0 : SPIN;
}
