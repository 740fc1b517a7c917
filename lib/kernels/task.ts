import type { Address } from '../memory/regions.js';
import type { OperationArguments, OperationName } from './operations.js';

/**
 * A piece of work that may be split over the threads: what to do, its arguments (addresses, counts, factors) and
 * how many chunks it has. The number of chunks depends on (n, d) alone, never on the number of threads: that, and partial
 * results kept by chunk, make the result the same for any number of threads.
 */
export type Task = KernelTask | HostedTask;

/** An operation of the kernels, with the arguments that it takes: whoever has the kernels can do it. */
export type KernelTask = { readonly [Name in OperationName]: Share & { readonly operation: Name; readonly arguments: OperationArguments<Name> } }[OperationName];

/**
 * What only the threads of a run's pool can do, whatever it costs: they have the model, the samples and the user's modules. The rooms above name these, and
 * training has the list.
 */
export interface HostedTask extends Share {
  readonly hosted: string;
  readonly arguments: readonly number[];
  /** The user's file whose code it runs: a thread that breaks in it says so. */
  readonly code?: string;
}

interface Share {
  readonly chunks: number;
  /** About how many float32 elements it reads and operates on: decides whether waking the threads is worth it. */
  readonly cost: number;
}

/**
 * Work is written as a generator that yields tasks and reads their results from the arena afterwards. So one text serves
 * both `aggregate()`, which runs every task at once on the calling thread, and a run, which hands them to the pool.
 */
export type Work<Result = void> = Generator<Task, Result, void>;

/** Nothing to do: whoever runs the work may turn to something else for a moment. Long JavaScript between tasks yields it now and then. */
export const PAUSE: Task = { operation: 'fill', arguments: { d: 0, output: 0 as Address, value: 0 }, chunks: 0, cost: 0 };

/** Runs work to its end on this thread, task by task. */
export function runInline<Result>(work: Work<Result>, execute: (task: Task) => void): Result {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    execute(step.value);
  }
}
