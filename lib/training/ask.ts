import type { Piscina } from 'piscina';
import { ModuleError } from '../modules/module.js';

/** What is asked of a user's file: `task` names the function of the threads' entry that does it. */
export interface Question {
  readonly task: string;
  readonly request: { readonly file: string };
  /** Seconds that there are for an answer, and what is said when there was none. */
  readonly patience: number;
  readonly late: string;
}

/**
 * A thread's answer about a user's file. Throws a ModuleError for whatever goes wrong there, also when it takes too long; the signal's reason when it is
 * aborted, and at once, whatever the file does: the pool is to be destroyed then.
 */
export async function ask<Answer>(pool: Piscina, { task, request, patience, late }: Question, signal: AbortSignal | undefined): Promise<Answer> {
  signal?.throwIfAborted();
  const end = new AbortController();
  const giveUp = (): void => { end.abort(); };
  const timer = setTimeout(giveUp, patience * 1000);
  signal?.addEventListener('abort', giveUp);
  try {
    return (await pool.run(request, { name: task, signal: end.signal })) as Answer;
  } catch (error) {
    signal?.throwIfAborted();
    if (end.signal.aborted) throw new ModuleError(`${request.file} ${late}`);
    const message = error instanceof Error ? error.message : String(error);
    throw new ModuleError(message.startsWith(request.file) ? message : `${request.file}: ${message}`, { cause: error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}
