/** A thread threw, exited or stalled; the main thread's part in split work counts as one. The message names thread, worker, round, phase and cause. */
export class ThreadError extends Error {
  override name = 'ThreadError';
  /** Undefined for a thread that broke before it had a number. */
  readonly thread: number | 'main' | undefined;
  readonly worker: number | undefined;
  readonly round: number;
  readonly phase: string;

  constructor(where: { thread: number | 'main' | undefined; worker: number | undefined; round: number; phase: string }, what: string, cause?: unknown) {
    const worker = where.worker === undefined ? '' : `, worker ${where.worker}`;
    const thread = where.thread === undefined ? 'a thread' : where.thread === 'main' ? 'the main thread' : `thread ${where.thread}`;
    super(`${thread} ${what} (round ${where.round}, phase ${where.phase}${worker})`, { cause });
    this.thread = where.thread;
    this.worker = where.worker;
    this.round = where.round;
    this.phase = where.phase;
  }
}
