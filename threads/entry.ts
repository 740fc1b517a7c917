import { instantiateKernels } from '../lib/kernels/load.js';
import { OPERATIONS, type Executor } from '../lib/kernels/operations.js';
import { Arena } from '../lib/memory/arena.js';
import { PhaseFollower } from '../lib/memory/phases.js';
import { OPCODES, type ThreadTask } from '../lib/training/thread-task.js';
import { HogwildHost } from '../lib/training/hogwild/host.js';
import { WorkerHost } from '../lib/training/worker.js';

/** What runs inside a pool thread: it joins a run, follows its phases, and returns when the main thread ends them. */
export default function joinRun(task: ThreadTask): void {
  const arena = new Arena(task.memory);
  const executor: Executor = { kernels: instantiateKernels(task.module, task.memory), scratch: task.scratch.columns };
  const host = task.setup === undefined ? undefined : new WorkerHost(task.setup, arena, executor, task.scratch.network);
  const hogwild = task.hogwild === undefined ? undefined : new HogwildHost(task.hogwild, arena, executor.kernels, task.thread);

  new PhaseFollower(arena, task.control, task.thread, task.threads).follow((opcode, argument, chunk, round) => {
    const name = OPCODES[opcode];
    if (name === 'gradient') present(host).gradient(chunk, round);
    else if (name === 'evaluate') present(host).evaluate(chunk);
    else if (name === 'hogwildUpdate') present(hogwild).update(chunk, argument);
    else if (name === 'hogwildCount') present(hogwild).count(chunk, argument);
    else if (name === 'hogwildEvaluate') present(hogwild).evaluate(chunk, argument);
    else if (name !== undefined) OPERATIONS[name](executor, argument, chunk);
    else throw new RangeError(`there is no operation ${opcode}`);
  });
}

function present<Host>(host: Host | undefined): Host {
  if (host === undefined) throw new TypeError('this pool hosts no workers');
  return host;
}
