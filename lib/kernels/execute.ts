import { type Executor, OPERATIONS } from './operations.js';
import type { Task } from './task.js';

/** What does one chunk of a task on the calling thread. Throws a TypeError for what only the threads of a pool can do. */
export function performerOf(task: Task, executor: Executor): (chunk: number) => void {
  if ('hosted' in task) throw new TypeError(`"${task.hosted}" needs a thread of a run: it has the model, the samples and the modules`);
  const operation = OPERATIONS[task.operation];
  const argument = (index: number): number => task.arguments[index] as number;
  return (chunk) => { operation(executor, argument, chunk); };
}

/** Every chunk of a task, on the calling thread. */
export function executeHere(task: Task, executor: Executor): void {
  const perform = performerOf(task, executor);
  for (let chunk = 0; chunk < task.chunks; chunk++) perform(chunk);
}
