/** A thread threw, exited or stalled; the main thread's part in split work counts as one. The message names thread, worker, round, phase and cause, and what to do where that is known. */
export class ThreadError extends Error {
  override name = 'ThreadError';
  /** Undefined for a thread that broke before it had a number. */
  readonly thread: number | 'main' | undefined;
  readonly worker: number | undefined;
  readonly round: number;
  readonly phase: string;

  constructor(
    where: { thread: number | 'main' | undefined; worker: number | undefined; round: number; phase: string }, what: string, { cause, advice }: { readonly cause?: unknown; readonly advice?: string } = {},
  ) {
    const worker = where.worker === undefined ? '' : `, worker ${where.worker}`;
    const thread = where.thread === undefined ? 'a thread' : where.thread === 'main' ? 'the main thread' : `thread ${where.thread}`;
    super(`${thread} ${what} (round ${where.round}, phase ${where.phase}${worker})${advice === undefined ? '' : `: ${advice}`}`, { cause });
    this.thread = where.thread;
    this.worker = where.worker;
    this.round = where.round;
    this.phase = where.phase;
  }
}

/** What has become of a thread, by the error that Piscina has of it or that its work threw. */
export function describeFailure(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const exit = /worker exited with code: (-?\d+)/.exec(message);
  return exit === null ? `failed: ${message}` : `exited with code ${String(exit[1])}`;
}
