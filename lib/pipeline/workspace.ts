import { performerOf } from '../kernels/execute.js';
import type { Kernels } from '../kernels/kernels.js';
import { compileKernels, instantiateKernels } from '../kernels/load.js';
import { columnScratch } from '../kernels/sizes.js';
import { runInline, type Task, type Work } from '../kernels/task.js';
import { Arena, type ArenaPlan } from '../memory/arena.js';
import { u8 } from '../memory/regions.js';
import type { WasmModule } from '../memory/webassembly.js';

/** Up to here an arena is kept for the next call; a greater one is left to the garbage collector. */
const KEPT_BYTES = 2 ** 28;
const LEAST_BYTES = 2 ** 20;

/** The numbers of a task's chunks, each once. */
export type ChunkOrder = (chunks: number) => Iterable<number>;

/** The arena of a call of the library's functions, and the one thread that works in it. */
export interface Workspace {
  readonly arena: Arena;
  /** Runs work to its end on this thread. `order`: in which order a task's chunks are done, for those who test that it doesn't matter. */
  readonly run: <Result>(work: Work<Result>, order?: ChunkOrder) => Result;
}

/**
 * An arena that holds the plan, with kernels on it; `rows`: how many rows its work sorts at most. What is in it is undefined, and
 * the next call of this function may hand out the same memory: read the results before.
 * Throws an ArenaLimitError when the plan exceeds 4 GiB, a KernelsError when the kernels are not compiled.
 */
export function openWorkspace(plan: ArenaPlan, rows: number): Workspace {
  const scratch = plan.add('workspace/columns', u8(columnScratch(rows)));
  plan.check();
  const { arena, kernels } = memoryFor(plan.bytes);
  const executor = { kernels, scratch: scratch.address };
  const execute = (order: ChunkOrder) => (task: Task): void => {
    const perform = performerOf(task, executor);
    for (const chunk of order(task.chunks)) perform(chunk);
  };
  return { arena, run: (work, order = inOrder) => runInline(work, execute(order)) };
}

function* inOrder(chunks: number): Iterable<number> {
  for (let chunk = 0; chunk < chunks; chunk++) yield chunk;
}

interface Memory {
  readonly arena: Arena;
  readonly kernels: Kernels;
}

let kept: Memory | undefined;
let compiled: WasmModule | undefined;

function memoryFor(bytes: number): Memory {
  if (kept !== undefined && kept.arena.buffer.byteLength >= bytes) return kept;
  compiled ??= compileKernels('auto').module;
  // Twice as much each time, so that calls of growing size don't make a new one each; pages cost nothing until they are touched.
  const size = bytes <= KEPT_BYTES ? Math.max(LEAST_BYTES, 2 ** Math.ceil(Math.log2(bytes))) : bytes;
  const arena = Arena.allocate(size);
  const memory: Memory = { arena, kernels: instantiateKernels(compiled, arena.memory) };
  if (bytes <= KEPT_BYTES) kept = memory;
  return memory;
}
