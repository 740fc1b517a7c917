import { encodeArguments, performerOf } from '../kernels/execute.js';
import type { Executor } from '../kernels/operations.js';
import type { Task, Work } from '../kernels/task.js';
import type { PhaseLeader, PhaseMessage } from '../memory/phases.js';
import { spinOf } from './spin.js';
import { describeFailure, type ThreadError } from './thread-error.js';
import { type HostedOperation, opcodeOf } from './thread-task.js';
import { type Signs, Watchdog } from './watchdog.js';
import { type PhaseName, Whereabouts, type WorkerOf } from './whereabouts.js';

/**
 * Tasks of less cost than this run on the main thread: waking a second one that sleeps and hearing from it takes about 50 µs, and below
 * about this many operations of a mean two threads were no faster than one. `npm run bench -- phases` measures both.
 */
export const PARALLEL_THRESHOLD = 1_500_000;

/** Milliseconds that the main thread computes or waits before its event loop turns: signals and threads' exits are seen that late. */
const LONGEST_WITHOUT_EVENTS = 5;

/** A run's phases on a pool. After a ThreadError nothing can run any more: close the pool. */
export class PoolPhases {
  readonly #leader: PhaseLeader;
  readonly #tasks: readonly Promise<unknown>[];
  readonly #executor: Executor;
  readonly #threads: number;
  readonly #stallTimeout: number;
  readonly #watchdog: Watchdog;
  readonly #spin: number;
  readonly #at = new Whereabouts();
  /** Present while the threads run free. */
  #free: { readonly operation: HostedOperation; readonly workerOf: WorkerOf; readonly over: Promise<void> } | undefined;
  /** What the threads were last asked for. */
  #operation: string | undefined;
  /** Whether a phase is under way. */
  #active = false;
  #ended = false;
  /** When the event loop last turned, for all that is known. */
  #turned = performance.now();
  #failure: ThreadError | undefined;
  #reject: ((error: ThreadError) => void) | undefined;
  /**
   * Asked when a thread dies that runs free or evaluates: undefined when the run goes on without it, else why it can't, to go behind the
   * failure. Without this no death is borne.
   */
  bear: ((thread: number) => string | undefined) | undefined;
  /** Deaths so far that were borne. */
  #deaths = 0;

  constructor(leader: PhaseLeader, tasks: readonly Promise<unknown>[], executor: Executor, threads: number, stallTimeout: number) {
    this.#leader = leader;
    this.#tasks = tasks;
    this.#executor = executor;
    this.#threads = threads;
    this.#stallTimeout = stallTimeout;
    this.#spin = spinOf('main', threads);
    this.#watchdog = new Watchdog(threads, stallTimeout);
    tasks.forEach((task, thread) => {
      task.then(
        () => {
          if (!this.#ended) this.#fail(thread, 'left its run');
        },
        (error: unknown) => {
          this.#die(thread, error);
        },
      );
    });
  }

  /** Names what follows, for errors. */
  enter(phase: PhaseName, round: number): void {
    this.#at.phase = phase;
    this.#at.round = round;
  }

  /** Runs work to its end: each task over the threads, or here when it is too small to gain. */
  async perform<Result>(work: Work<Result>): Promise<Result> {
    for (;;) {
      const step = work.next();
      if (step.done === true) return step.value;
      await this.#task(step.value);
    }
  }

  /**
   * One chunk a worker (`gradient`), a block of the test set (`evaluate`) or of an epoch (`hogwildUpdate`), each thread for those that it hosts.
   * `workerOf`: whose work a chunk is, for errors.
   */
  async host(operation: HostedOperation, chunks: number, given: readonly number[] = [], workerOf?: (chunk: number) => number): Promise<void> {
    let deaths: number;
    do {
      deaths = this.#deaths;
      await this.#hosted(operation, given, chunks, operation === 'gradient' ? (chunk) => chunk : workerOf);
      // What a thread had under way when it died, another one does.
    } while (this.#deaths !== deaths && operation === 'evaluate');
  }

  /**
   * Threads run free from now on: each is at `operation`, which goes on until it is told to stop, and tasks run on the main thread. Phases in
   * between (an evaluation, what only pool threads can do) stop them at the end of what they are at, and let them go on.
   */
  setFree(operation: HostedOperation, workerOf: (thread: number) => number | undefined): void {
    const ofThread: WorkerOf = (_, thread) => workerOf(thread);
    const message = { opcode: opcodeOf(operation), arguments: [], chunks: this.#threads, hosted: true, round: this.#at.round };
    const over = this.#phaseOver(message, () => this.#leader.complete(), ofThread);
    // Whoever works or waits here meanwhile throws what breaks it.
    over.catch(() => undefined);
    this.#free = { operation, workerOf: ofThread, over };
    this.#at.free = true;
  }

  /** Sleeps by `sleep`, for at most the milliseconds that it is handed, then lets events in. Throws the ThreadError of a thread that was lost meanwhile. */
  async rest(sleep: (milliseconds: number) => void): Promise<void> {
    sleep(LONGEST_WITHOUT_EVENTS);
    await this.#letEventsIn();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** A thread that had no task broke. Whether every task of this run has a thread can't be known any more, so the run ends. */
  lose(error: unknown): void {
    this.#fail(undefined, describeFailure(error), { cause: error });
  }

  /** Lets the threads leave the run; resolves when they have. Throws a ThreadError when one doesn't, and when one was lost before. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#leader.end();
    // Also what broke behind the last phase: who ends the run must not take it for complete.
    if (this.#failure !== undefined) throw this.#failure;
    const left = this.#tasks.map(() => false);
    const leaving = this.#tasks.map(async (task, thread) => {
      // A thread that dies on its way out has done all its work, and the pool replaces it.
      await task.catch(() => undefined);
      left[thread] = true;
    });
    const signsOf = (thread: number): Signs => ({ arrived: left[thread] as boolean, heartbeat: 0 });
    const missing = new Promise<number>((resolve) => { this.#watchdog.watch(signsOf, resolve); });
    const stayed = await Promise.race([Promise.all(leaving), missing]);
    this.#watchdog.stop();
    if (typeof stayed === 'number') throw this.#at.errorOf(stayed, undefined, 'did not leave its run');
  }

  /** Chunks that the threads alone do, thread t beginning with chunk t. */
  async #hosted(operation: string, taskArguments: readonly number[], chunks: number, workerOf?: WorkerOf): Promise<void> {
    const free = this.#free;
    if (free !== undefined) {
      this.#leader.cut();
      await free.over;
      this.#free = undefined;
      this.#at.free = false;
    }
    const message = { opcode: opcodeOf(operation), arguments: taskArguments, chunks, hosted: true, round: this.#at.round };
    this.#operation = operation;
    await this.#phaseOver(message, () => this.#leader.complete(LONGEST_WITHOUT_EVENTS), workerOf);
    if (free !== undefined) this.setFree(free.operation, (thread) => free.workerOf(0, thread));
  }

  async #task(task: Task): Promise<void> {
    if ('hosted' in task) {
      this.#at.code = task.code;
      await this.#hosted(task.hosted, task.arguments, task.chunks);
      this.#at.code = undefined;
      return;
    }
    // A single thread has nothing to gain over the main thread, which waits for it; threads that run free are not to be had.
    if (this.#free !== undefined || task.cost < PARALLEL_THRESHOLD || task.chunks <= 1 || this.#threads === 1) {
      let next = 0;
      await this.#chunksHere(task, () => next++);
      return;
    }
    const message = { opcode: opcodeOf(task.operation), arguments: encodeArguments(task), chunks: task.chunks, hosted: false, round: this.#at.round };
    await this.#phaseOver(message, () => this.#takePart(task));
  }

  /** Does chunks in the place of thread 0, then waits for what the others have begun. */
  async #takePart(task: Task): Promise<void> {
    await this.#chunksHere(task, () => this.#leader.claim());
    await this.#leader.complete(LONGEST_WITHOUT_EVENTS, this.#spin);
  }

  /** The chunks that `claim` gives, on the main thread. Throws a ThreadError when one of them throws or a thread is lost meanwhile. */
  async #chunksHere(task: Task, claim: () => number): Promise<void> {
    const perform = performerOf(task, this.#executor);
    for (let chunk = claim(); chunk < task.chunks; chunk = claim()) {
      try {
        perform(chunk);
      } catch (error) {
        this.#fail('main', describeFailure(error), { cause: error });
      }
      await this.#letEventsIn();
      if (this.#failure !== undefined) throw this.#failure;
    }
    await this.#letEventsIn();
  }

  /** Lets the event loop turn when it has stood still for long enough. */
  async #letEventsIn(): Promise<void> {
    if (performance.now() - this.#turned < LONGEST_WITHOUT_EVENTS) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#turned = performance.now();
  }

  /** `complete`: resolves when every thread has arrived. */
  #phaseOver(message: PhaseMessage, complete: () => Promise<void>, workerOf?: WorkerOf): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      this.#at.workerOf = workerOf;
      this.#active = true;
      this.#leader.start(message);
      this.#watchdog.watch((thread) => this.#leader.activity(thread), (thread) => { this.#stall(thread); });
      complete().then(() => {
        this.#active = false;
        // A phase that the end cuts short is over when the watchdog looks at who has not left.
        if (!this.#ended) this.#watchdog.rest();
        resolve();
      }, reject);
    });
  }

  #stall(thread: number): void {
    const advice = 'if its work just takes longer, give it more seconds by --stall-timeout (in the library: stallTimeout)';
    this.#fail(thread, `stalled: no sign of work for ${this.#stallTimeout} s`, { advice });
  }

  #die(thread: number, error: unknown): void {
    const what = describeFailure(error);
    const idempotent = this.#free !== undefined || (this.#active && this.#operation === 'evaluate');
    if (this.#failure !== undefined || this.#ended || this.bear === undefined || !idempotent) {
      this.#fail(thread, what, { cause: error });
      return;
    }
    const why = this.bear(thread);
    if (why !== undefined) {
      this.#fail(thread, `${what}, ${why}`, { cause: error });
      return;
    }
    this.#deaths += 1;
    this.#leader.lose(thread);
  }

  #fail(thread: number | 'main' | undefined, what: string, more?: { readonly cause?: unknown; readonly advice?: string }): void {
    if (this.#failure !== undefined || this.#ended) return;
    const chunk = typeof thread === 'number' ? this.#leader.activity(thread).chunk : undefined;
    this.#failure = this.#at.errorOf(thread, chunk, what, more);
    this.#watchdog.stop();
    this.#leader.end();
    this.#reject?.(this.#failure);
  }
}
