import type { OperationName } from './operations.js';

/**
 * A piece of numerical work that may be split over the threads: an operation, its arguments (addresses, counts, factors) and
 * how many chunks it has. The number of chunks depends on (n, d) alone, never on the number of threads: that, and partial
 * results kept by chunk, make the result the same for any number of threads.
 */
export interface Task {
  readonly operation: OperationName;
  readonly arguments: readonly number[];
  readonly chunks: number;
  /** About how many float32 elements it reads and operates on: decides whether waking the threads is worth it. */
  readonly cost: number;
  /** The user's file whose code it runs: a thread that breaks in it says so. */
  readonly code?: string;
}

/**
 * Work is written as a generator that yields tasks and reads their results from the arena afterwards. So one text serves
 * both `aggregate()`, which runs every task at once on the calling thread, and a run, which hands them to the pool.
 */
export type Work<Result = void> = Generator<Task, Result, void>;

/** Nothing to do: whoever runs the work may turn to something else for a moment. Long JavaScript between tasks yields it now and then. */
export const PAUSE: Task = { operation: 'fill', arguments: [], chunks: 0, cost: 0 };

/** Runs work to its end on this thread, task by task. */
export function runInline<Result>(work: Work<Result>, execute: (task: Task) => void): Result {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    execute(step.value);
  }
}
