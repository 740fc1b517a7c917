import type { RoundRecord } from '../run/records.js';

/**
 * Has a loop make its rounds and returns how it ends. `onRound` hears every record as its round ends. Throws what the loop throws, and the
 * signal's reason when it is aborted, at the end of the round.
 */
export async function drive<End>(rounds: AsyncGenerator<RoundRecord, End>, onRound: (record: RoundRecord) => void, signal?: AbortSignal): Promise<End> {
  for (;;) {
    signal?.throwIfAborted();
    const step = await rounds.next();
    if (step.done === true) return step.value;
    onRound(step.value);
    // Timers, signals and exits of threads are only seen by an event loop that turns.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
