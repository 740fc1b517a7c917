import type { ThreadActivity } from '../memory/phases.js';

/** A look a second, or four within the stall timeout where that is shorter, so that one which comes late is a small part of them. */
const LONGEST_BETWEEN_LOOKS = 1000;
const FEWEST_LOOKS = 4;

/** Whether a thread has done its share, and a number that changes as long as it works. */
export type Signs = Pick<ThreadActivity, 'arrived' | 'heartbeat'>;

/**
 * Notices a thread that has work and gives no sign of it for the stall timeout. It counts looks and not the time: when a process goes on that was stopped (by
 * Ctrl-Z, a debugger, a machine that slept), its timers find all that time gone before any thread has had a moment to work. A look that comes
 * late counts once, however late, and between two looks a thread that is well gives a sign.
 */
export class Watchdog {
  /** So many looks in a row without a sign, together at least the stall timeout, make a stall. */
  readonly #patience: number;
  readonly #timer: NodeJS.Timeout;
  /** Of each thread: its heartbeat at the last look, undefined before the first, and looks in a row since then that saw no sign. */
  readonly #heartbeats: (number | undefined)[];
  readonly #missed: number[];
  #signsOf: ((thread: number) => Signs) | undefined;
  #stalled: ((thread: number) => void) | undefined;

  /** `stallTimeout`: seconds. Looks by itself until it is stopped. */
  constructor(threads: number, stallTimeout: number) {
    const interval = Math.min(LONGEST_BETWEEN_LOOKS, (stallTimeout * 1000) / FEWEST_LOOKS);
    this.#patience = Math.ceil((stallTimeout * 1000) / interval);
    this.#heartbeats = new Array<undefined>(threads).fill(undefined);
    this.#missed = new Array<number>(threads).fill(0);
    this.#timer = setInterval(() => { this.look(); }, interval);
  }

  /** From now on the threads have work. `stalled` is told of one that gives no sign of it; then nobody is watched any more. */
  watch(signsOf: (thread: number) => Signs, stalled: (thread: number) => void): void {
    this.#heartbeats.fill(undefined);
    this.#signsOf = signsOf;
    this.#stalled = stalled;
  }

  /** The threads have no work. */
  rest(): void {
    this.#signsOf = undefined;
  }

  stop(): void {
    this.rest();
    clearInterval(this.#timer);
  }

  /** Looks at every thread once. The first look after `watch` is what later ones are compared with: it may come right behind it. */
  look(): void {
    if (this.#signsOf === undefined) return;
    for (let thread = 0; thread < this.#heartbeats.length; thread++) {
      const { arrived, heartbeat } = this.#signsOf(thread);
      const missed = arrived || heartbeat !== this.#heartbeats[thread] ? 0 : (this.#missed[thread] as number) + 1;
      this.#heartbeats[thread] = heartbeat;
      this.#missed[thread] = missed;
      if (missed < this.#patience) continue;
      this.rest();
      this.#stalled?.(thread);
      return;
    }
  }
}
