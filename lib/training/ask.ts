import { Piscina } from 'piscina';
import { ModuleError } from '../modules/module.js';
import { ENTRY } from './thread-pool.js';
import { Watchdog } from './watchdog.js';

/** What is asked of a user's file. */
export interface Question {
  readonly request: { readonly file: string };
  /** Seconds that there are for an answer, and what is said when there was none. */
  readonly patience: number;
  readonly late: string;
}

/** A thread for questions, which starts with the first: `task` names what answers them in the threads' entry. To be destroyed after the last. */
export function askingPool(task: 'inspect' | 'inspectTensorFlow'): Piscina {
  return new Piscina({ filename: ENTRY, name: task, minThreads: 0, maxThreads: 1, recordTiming: false });
}

/**
 * A thread's answer about a user's file. Throws a ModuleError for whatever goes wrong there, also when it takes too long; the signal's reason when it is
 * aborted, and at once, whatever the file does: the pool is to be destroyed then.
 */
export async function ask<Answer>(pool: Piscina, { request, patience, late }: Question, signal: AbortSignal | undefined): Promise<Answer> {
  signal?.throwIfAborted();
  const end = new AbortController();
  const giveUp = (): void => { end.abort(); };
  // The thread gives no sign before its answer.
  const watchdog = new Watchdog(1, patience);
  watchdog.watch(() => ({ arrived: false, heartbeat: 0 }), giveUp);
  signal?.addEventListener('abort', giveUp);
  try {
    return (await pool.run(request, { signal: end.signal })) as Answer;
  } catch (error) {
    signal?.throwIfAborted();
    if (end.signal.aborted) throw new ModuleError(`${request.file} ${late}`);
    const message = error instanceof Error ? error.message : String(error);
    throw new ModuleError(message.startsWith(request.file) ? message : `${request.file}: ${message}`, { cause: error });
  } finally {
    watchdog.stop();
    signal?.removeEventListener('abort', giveUp);
  }
}
