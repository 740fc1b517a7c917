import { addressOf, i32, f64, type Address, type Region } from './regions.js';
import type { Arena, ArenaPlan } from './arena.js';

/**
 * The phase protocol between the main thread (the leader) and the pool's threads (the followers), over control words in the arena.
 *
 * The leader writes what to do, then adds 1 to the ASKED word of each follower it wants. Each of them does its share and adds 1 to
 * ARRIVED; the last one wakes the leader. Why this is safe:
 * - What to do is written before ASKED is stored and read after it is loaded; both are sequentially consistent, so a
 *   follower that sees the new number sees the whole message.
 * - The leader writes the next message only after ARRIVED has reached the number it asked, that is after every follower's last
 *   read of this one. So plain (non-atomic) words suffice for the message itself.
 * - A follower waits on its ASKED with the number that it has done. If the leader stores the next one between its load and its
 *   wait, the wait returns at once: no wake-up can be lost. The leader's wait on ARRIVED has the same form.
 * - Everything a follower wrote before its add to ARRIVED is visible to the leader after its load of ARRIVED.
 *
 * Threads are woken along a tree: t wakes 2t + 1 and 2t + 2 before it does anything else, and thread 0, or the leader in its place,
 * is the root. Children are asked before their parents, so when a thread wakes its children they have been asked: who is not asleep then needs no waking, and
 * each sleeper's parent is asked too. A leader that woke them all would still be running when the last one looks for a free core: on two cores, two threads
 * then began on one of them and stayed there for some 10 ms, in 4 of 10 phases of 27 ms (Linux 6.18); with the tree in 1 of 10.
 *
 * A follower that is lost is asked no more and counts as arrived: EXPECTED falls by 1 and the leader is woken to look again. A follower that arrives
 * loads EXPECTED after its add: either it sees the lower number and wakes the leader, or the leader's own notice comes after that add. (By the time of that load
 * the leader may have seen it arrive and begun the next phase; then nobody waits for this notice, and one too many only makes the leader look.)
 * The lost one may have been a parent in the tree that was asked and had not woken its children yet. So the leader wakes everybody when it loses one, whom
 * it has all asked by then, and in all later phases; and from then on chunks are claimed from 0, for nobody begins with its own.
 */

/** One word a cache line, so that threads spinning or counting on one don't slow the others. */
const WORDS_PER_LINE = 16;
const ARRIVED = 0;
const ENDED = WORDS_PER_LINE;
const CUT = WORDS_PER_LINE + 1;
const NEXT_CHUNK = 2 * WORDS_PER_LINE;
const MESSAGE = 3 * WORDS_PER_LINE;
const FIRST_THREAD = 4 * WORDS_PER_LINE;

/** Offsets within MESSAGE. */
const OPCODE = 0;
const CHUNKS = 1;
const HOSTED = 2;
const ROUND = 3;
const EXPECTED = 4;

/** Offsets within a thread's line. */
const ASKED = 0;
const DONE = 1;
const CHUNK = 2;
const HEARTBEAT = 3;

/** CHUNK of a thread that has not begun one. */
const NO_CHUNK = -1;

/** The most arguments that a message carries. */
export const MAXIMUM_ARGUMENTS = 16;

export interface ControlRegions {
  readonly words: Region<'i32'>;
  readonly arguments: Region<'f64'>;
}

export function planControl(plan: ArenaPlan, threads: number): ControlRegions {
  return {
    words: plan.add('control/words', i32(FIRST_THREAD + threads * WORDS_PER_LINE)),
    arguments: plan.add('control/arguments', f64(MAXIMUM_ARGUMENTS)),
  };
}

/** The poison word: 0, and 1 once the leader has ended. For kernels that wait for each other. */
export function endedAddress({ words }: ControlRegions): Address {
  return addressOf(words, ENDED);
}

/** What the leader asks for. */
export interface PhaseMessage {
  readonly opcode: number;
  readonly arguments: readonly number[];
  readonly chunks: number;
  /**
   * Thread t begins with chunk t, and claims further ones from chunk `threads` on: with a thread a worker, each has its own. Else
   * all chunks are claimed as somebody comes free, and the leader, which is awake already, claims in the place of thread 0, which
   * is not asked.
   */
  readonly hosted: boolean;
  readonly round: number;
}

/** What a follower is asked to do. */
export interface AskedPhase {
  readonly opcode: number;
  readonly argument: (index: number) => number;
  readonly round: number;
  /** Called now and then in a chunk without an end: a sign of life, and whether to go on. */
  readonly goOn: () => boolean;
}

/** How far a thread is in the current phase. */
export interface ThreadActivity {
  /** True once it has done its share, and of a thread that is lost. */
  readonly arrived: boolean;
  /** The chunk it is on; undefined when it has not begun one. */
  readonly chunk: number | undefined;
  /** Chunks it has done since the start of the run. */
  readonly heartbeat: number;
}

export class PhaseLeader {
  readonly #words: Int32Array;
  readonly #arguments: Float64Array;
  readonly #threads: number;
  readonly #lost = new Set<number>();

  constructor(arena: Arena, regions: ControlRegions, threads: number) {
    this.#words = arena.view(regions.words);
    this.#arguments = arena.view(regions.arguments);
    this.#threads = threads;
    this.#words.fill(0);
    for (let thread = 0; thread < threads; thread++) this.#words[lineOf(thread) + CHUNK] = NO_CHUNK;
  }

  /** Starts a phase. The one before must be complete. */
  start(message: PhaseMessage): void {
    if (message.arguments.length > MAXIMUM_ARGUMENTS) {
      throw new RangeError(`a phase carries at most ${MAXIMUM_ARGUMENTS} arguments, not ${message.arguments.length}`);
    }
    const words = this.#words;
    this.#arguments.set(message.arguments);
    words[MESSAGE + OPCODE] = message.opcode;
    words[MESSAGE + CHUNKS] = message.chunks;
    words[MESSAGE + ROUND] = message.round;
    const whole = this.#lost.size === 0;
    const asked = this.#living(message.hosted ? 0 : 1);
    const own = message.hosted && whole;
    words[MESSAGE + HOSTED] = own ? 1 : 0;
    Atomics.store(words, MESSAGE + EXPECTED, asked.length);
    Atomics.store(words, NEXT_CHUNK, own ? this.#threads : 0);
    Atomics.store(words, CUT, 0);
    Atomics.store(words, ARRIVED, 0);
    // Children before parents: a thread that is awake sees at once that it is asked, and must find its children asked when it wakes them.
    for (const thread of asked.toReversed()) Atomics.add(words, lineOf(thread) + ASKED, 1);
    if (!whole) for (const thread of asked) Atomics.notify(words, lineOf(thread) + ASKED);
    else if (message.hosted) Atomics.notify(words, lineOf(0) + ASKED);
    else wakeChildren(words, 0, this.#threads);
  }

  /** Ends a phase whose chunks go on until they are told: each thread leaves its chunk when it next looks. */
  cut(): void {
    Atomics.store(this.#words, CUT, 1);
  }

  /** A thread is gone: nobody waits for it any more, and it is asked no more. */
  lose(thread: number): void {
    if (this.#lost.has(thread)) return;
    const { arrived } = this.activity(thread);
    this.#lost.add(thread);
    if (arrived) return;
    Atomics.sub(this.#words, MESSAGE + EXPECTED, 1);
    Atomics.notify(this.#words, ARRIVED);
    for (const sleeper of this.#living(0)) Atomics.notify(this.#words, lineOf(sleeper) + ASKED);
  }

  /** The next chunk that nobody has begun, for the leader to do; it may be beyond the last one. Of a phase that is not hosted. */
  claim(): number {
    return Atomics.add(this.#words, NEXT_CHUNK, 1);
  }

  /**
   * Resolves when every thread that was asked has arrived. Never rejects: who watches over the threads races it against their failure, and
   * after `end` nobody arrives any more. `waitAsync` leaves the event loop free for signals and for threads' exits; `patience`
   * milliseconds are waited before that with the event loop standing still, which ends some 50 µs sooner; and `spin` milliseconds are spun before either.
   */
  async complete(patience = 0, spin = 0): Promise<void> {
    if (spin > 0) spinUntil(() => Atomics.load(this.#words, ARRIVED) === Atomics.load(this.#words, MESSAGE + EXPECTED), spin);
    for (let patient = patience > 0; ; ) {
      const arrived = Atomics.load(this.#words, ARRIVED);
      if (arrived === Atomics.load(this.#words, MESSAGE + EXPECTED)) return;
      if (patient) {
        patient = Atomics.wait(this.#words, ARRIVED, arrived, patience) !== 'timed-out';
        continue;
      }
      const wait = Atomics.waitAsync(this.#words, ARRIVED, arrived);
      if (wait.async) await wait.value;
    }
  }

  /** The poison word: every follower leaves its loop when it next looks, and sleeping ones are woken to look. */
  end(): void {
    Atomics.store(this.#words, ENDED, 1);
    for (let thread = 0; thread < this.#threads; thread++) {
      Atomics.add(this.#words, lineOf(thread) + ASKED, 1);
      Atomics.notify(this.#words, lineOf(thread) + ASKED);
    }
  }

  activity(thread: number): ThreadActivity {
    const line = lineOf(thread);
    const chunk = Atomics.load(this.#words, line + CHUNK);
    return {
      arrived: this.#lost.has(thread) || Atomics.load(this.#words, line + DONE) === Atomics.load(this.#words, line + ASKED),
      chunk: chunk === NO_CHUNK ? undefined : chunk,
      heartbeat: Atomics.load(this.#words, line + HEARTBEAT),
    };
  }

  /** Threads that are not lost, from `first` on. */
  #living(first: number): number[] {
    return Array.from({ length: this.#threads }, (_, thread) => thread).filter((thread) => thread >= first && !this.#lost.has(thread));
  }
}

export class PhaseFollower {
  readonly #words: Int32Array;
  readonly #arguments: Float64Array;
  readonly #thread: number;
  readonly #threads: number;
  readonly #spin: number;
  #done = 0;

  /** `spin`: milliseconds that it looks for the next phase before it sleeps. */
  constructor(arena: Arena, regions: ControlRegions, thread: number, threads: number, spin = 0) {
    this.#words = arena.view(regions.words);
    this.#arguments = arena.view(regions.arguments);
    this.#thread = thread;
    this.#threads = threads;
    this.#spin = spin;
  }

  /** Follows phases until the leader ends them. `performerOf`: what does one chunk of a phase. */
  follow(performerOf: (phase: AskedPhase) => (chunk: number) => void): void {
    const words = this.#words;
    const line = lineOf(this.#thread);
    const argument = (index: number): number => this.#arguments[index] as number;
    const goOn = (): boolean => {
      Atomics.add(words, line + HEARTBEAT, 1);
      return Atomics.load(words, CUT) === 0 && Atomics.load(words, ENDED) === 0;
    };
    while (this.#awaitPhase()) {
      const chunks = words[MESSAGE + CHUNKS] as number;
      const hosted = words[MESSAGE + HOSTED] === 1;
      const perform = performerOf({ opcode: words[MESSAGE + OPCODE] as number, argument, round: words[MESSAGE + ROUND] as number, goOn });
      for (let chunk = hosted ? this.#thread : this.#claim(); chunk < chunks; chunk = this.#claim()) {
        Atomics.store(words, line + CHUNK, chunk);
        perform(chunk);
        Atomics.add(words, line + HEARTBEAT, 1);
      }
      Atomics.store(words, line + CHUNK, NO_CHUNK);
      Atomics.store(words, line + DONE, this.#done);
      if (Atomics.add(words, ARRIVED, 1) + 1 >= Atomics.load(words, MESSAGE + EXPECTED)) Atomics.notify(words, ARRIVED);
    }
  }

  /** Sleeps until there is a phase not yet done; false when the leader has ended. */
  #awaitPhase(): boolean {
    const asked = lineOf(this.#thread) + ASKED;
    if (this.#spin > 0) spinUntil(() => Atomics.load(this.#words, asked) !== this.#done, this.#spin);
    // A parent's notice may come late, when this thread has done that phase and sleeps again: then it sleeps on.
    while (Atomics.load(this.#words, asked) === this.#done) Atomics.wait(this.#words, asked, this.#done);
    this.#done = Atomics.load(this.#words, asked);
    wakeChildren(this.#words, this.#thread, this.#threads);
    return Atomics.load(this.#words, ENDED) === 0;
  }

  #claim(): number {
    return Atomics.add(this.#words, NEXT_CHUNK, 1);
  }
}

/** Looks again and again, for at most so many milliseconds. */
function spinUntil(holds: () => boolean, milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (!holds() && performance.now() < end);
}

/** The first word of a thread's own line. */
function lineOf(thread: number): number {
  return FIRST_THREAD + thread * WORDS_PER_LINE;
}

function wakeChildren(words: Int32Array, thread: number, threads: number): void {
  for (let child = 2 * thread + 1; child <= 2 * thread + 2 && child < threads; child++) Atomics.notify(words, lineOf(child) + ASKED);
}
