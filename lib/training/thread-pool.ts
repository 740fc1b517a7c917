import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import type { compileKernels } from '../kernels/load.js';
import type { Executor } from '../kernels/operations.js';
import type { Arena } from '../memory/arena.js';
import { type ControlRegions, PhaseLeader } from '../memory/phases.js';
import { endTurn, newTurn } from '../models/tensorflow/turn.js';
import type { ModuleTask } from '../modules/module-host.js';
import type { HogwildSetup } from './hogwild/setup.js';
import { PoolPhases } from './pool-phases.js';
import { spinOf } from './spin.js';
import type { ThreadScratch, ThreadTask } from './thread-task.js';
import type { WorkerSetup } from './worker-setup.js';

export type CompiledKernels = ReturnType<typeof compileKernels>;

/** Seconds without a heartbeat inside a phase after which a thread counts as stalled. */
export const DEFAULT_STALL_TIMEOUT = 60;

/** The module that the pool's threads run, and the one place that names it. */
export const ENTRY = fileURLToPath(new URL('../../threads/entry.cjs', import.meta.url));

/** What the threads share in one run. */
export interface RunMemory {
  readonly arena: Arena;
  readonly kernels: CompiledKernels;
  readonly control: ControlRegions;
  /** One for each thread. */
  readonly scratch: readonly ThreadScratch[];
  readonly setup: WorkerSetup | undefined;
  /** The user's modules; none unless given. */
  readonly modules?: readonly ModuleTask[];
  readonly hogwild?: HogwildSetup | undefined;
}

/** The pool's threads and what the main thread does with them: phases, one at a time, under a watchdog. */
export class ThreadPool {
  readonly threads: number;
  readonly #piscina: Piscina;
  readonly #stallTimeout: number;
  readonly #turn = newTurn();
  #run: PoolPhases | undefined;
  /** Runs so far. */
  #joined = 0;
  /** What broke a thread that had no task: Piscina tells that by an event, and by no task's failure. */
  #broken: unknown;

  /** Throws nothing; a thread that can't start makes the first phase fail. `stallTimeout`: seconds. */
  constructor(threads: number, stallTimeout: number = DEFAULT_STALL_TIMEOUT) {
    this.threads = threads;
    this.#stallTimeout = stallTimeout;
    this.#piscina = new Piscina({
      filename: ENTRY,
      name: 'joinRun',
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: 1,
      idleTimeout: Infinity,
      recordTiming: false,
      // Threads keep their data in the arena and hardly touch JavaScript's heap.
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    this.#piscina.on('error', (error: unknown) => {
      this.#broken ??= error;
      this.#run?.lose(error);
    });
  }

  /** Gives every thread its long task. The run must end before the next one joins. */
  join(memory: RunMemory, mainExecutor: Executor): PoolPhases {
    this.#joined += 1;
    const leader = new PhaseLeader(memory.arena, memory.control, this.threads);
    const tasks = memory.scratch.slice(0, this.threads).map((scratch, thread): Promise<unknown> => {
      const task: ThreadTask = {
        thread,
        threads: this.threads,
        spin: spinOf(thread, this.threads),
        memory: memory.arena.memory,
        module: memory.kernels.module,
        control: memory.control,
        scratch,
        setup: memory.setup,
        modules: memory.modules ?? [],
        run: String(this.#joined),
        turn: this.#turn,
        hogwild: memory.hogwild,
      };
      return this.#piscina.run(task);
    });
    const run = new PoolPhases(leader, tasks, mainExecutor, this.threads, this.#stallTimeout);
    this.#run = run;
    if (this.#broken !== undefined) run.lose(this.#broken);
    return run;
  }

  /** Ends the threads, whatever they do. */
  async close(): Promise<void> {
    await this.#piscina.destroy();
    endTurn(this.#turn);
  }
}
