import type { WasmMemory } from '../../lib/memory/webassembly.js';
import { Arena } from '../../lib/memory/arena.js';
import { PhaseFollower, type ControlRegions } from '../../lib/memory/phases.js';
import type { Region } from '../../lib/memory/regions.js';

export interface FollowerTask {
  readonly thread: number;
  readonly threads: number;
  readonly spin: number;
  readonly memory: WasmMemory;
  readonly control: ControlRegions;
  /** How many threads have begun to follow. */
  readonly started: Region<'i32'>;
  /** For each chunk, how often it was done; then, for each chunk, the thread that did it last. */
  readonly done: Region<'i32'>;
  readonly by: Region<'i32'>;
  /** What each chunk saw: opcode, round, first argument. */
  readonly seen: Region<'f64'>;
}

/** The pool task of the phase tests: a follower that writes down what it was asked to do. Returns how many chunks it did. */
export default function follow({ thread, threads, spin, memory, control, started, done, by, seen }: FollowerTask): number {
  const arena = new Arena(memory);
  const counts = arena.view(done);
  const doers = arena.view(by);
  const messages = arena.view(seen);
  let chunks = 0;
  Atomics.add(arena.view(started), 0, 1);
  new PhaseFollower(arena, control, thread, threads, spin).follow(({ opcode, argument, round, goOn }) => (chunk) => {
    // 8 goes on until it is told to stop; 7 is the end of thread 1.
    if (opcode === 8) while (goOn());
    if (opcode === 7 && thread === 1) throw new Error('lost');
    // An opcode of 9 is a slow chunk: by then the other threads have taken the rest.
    if (opcode === 9 && chunk === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    Atomics.add(counts, chunk, 1);
    doers[chunk] = thread;
    messages.set([opcode, round, argument(0)], 3 * chunk);
    chunks += 1;
  });
  return chunks;
}
