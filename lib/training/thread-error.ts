/** A thread threw, exited or stalled. The message names thread, worker, round, phase and cause. */
export class ThreadError extends Error {
  override name = 'ThreadError';
  readonly thread: number;
  readonly worker: number | undefined;
  readonly round: number;
  readonly phase: string;

  constructor(where: { thread: number; worker: number | undefined; round: number; phase: string }, what: string, cause?: unknown) {
    const worker = where.worker === undefined ? '' : `, worker ${where.worker}`;
    super(`thread ${where.thread} ${what} (round ${where.round}, phase ${where.phase}${worker})`, { cause });
    this.thread = where.thread;
    this.worker = where.worker;
    this.round = where.round;
    this.phase = where.phase;
  }
}
