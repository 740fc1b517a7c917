import { type ArgumentsOf, decode, encode, type Shape } from './arguments.js';
import { type Executor, type Operation, type OperationName, OPERATIONS } from './operations.js';
import type { KernelTask, Task } from './task.js';

/** What does one chunk of a task on the calling thread. Throws a TypeError for what only the threads of a pool can do. */
export function performerOf(task: Task, executor: Executor): (chunk: number) => void {
  if ('hosted' in task) throw new TypeError(`"${task.hosted}" needs a thread of a run: it has the model, the samples and the modules`);
  return perform(OPERATIONS[task.operation], task.arguments, executor);
}

/** Every chunk of a task, on the calling thread. */
export function executeHere(task: Task, executor: Executor): void {
  const perform = performerOf(task, executor);
  for (let chunk = 0; chunk < task.chunks; chunk++) perform(chunk);
}

/** A task's arguments as they travel to another thread. */
export function encodeArguments({ operation, arguments: given }: KernelTask): number[] {
  return encode<Shape>(OPERATIONS[operation].takes, given);
}

/** The same there, where `argument` gives these numbers: what does one chunk. */
export function performerOfEncoded(name: OperationName, argument: (index: number) => number, executor: Executor): (chunk: number) => void {
  const operation: Operation = OPERATIONS[name];
  return perform(operation, decode(operation.takes, argument), executor);
}

/** Once a phase and not once a chunk: nothing is allocated in those. */
function perform(operation: Operation, given: ArgumentsOf<Shape>, executor: Executor): (chunk: number) => void {
  return (chunk) => { operation.perform(executor, given, chunk); };
}
