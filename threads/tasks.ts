import { instantiateKernels } from '../lib/kernels/load.js';
import { OPERATIONS, type Executor } from '../lib/kernels/operations.js';
import { Arena } from '../lib/memory/arena.js';
import { PhaseFollower } from '../lib/memory/phases.js';
import type { inspectModel } from '../lib/models/tensorflow/inspect.js';
import type { inspectModule } from '../lib/modules/inspect.js';
import { OPCODES, type ThreadTask } from '../lib/training/thread-task.js';
import { DenseHost } from '../lib/training/hogwild/dense-host.js';
import { HogwildHost } from '../lib/training/hogwild/host.js';
import { WorkerHost } from '../lib/training/worker.js';

// Standard output is the command's own: whoever reads it expects the result and nothing else. What a user's module prints goes where progress does.
process.stdout.write = process.stderr.write.bind(process.stderr);

/** Asks a user's module what it needs, before a run: here, because whatever it does has to end in a thread. */
export async function inspect(request: Parameters<typeof inspectModule>[0]): Promise<Awaited<ReturnType<typeof inspectModule>>> {
  return (await import('../lib/modules/inspect.js')).inspectModule(request);
}

/** The same of a TensorFlow.js model. */
export async function inspectTensorFlow(request: Parameters<typeof inspectModel>[0]): Promise<Awaited<ReturnType<typeof inspectModel>>> {
  return (await import('../lib/models/tensorflow/inspect.js')).inspectModel(request);
}

/** What runs inside a pool thread: it joins a run, follows its phases, and returns when the main thread ends them. */
export async function joinRun(task: ThreadTask): Promise<void> {
  const arena = new Arena(task.memory);
  const kernels = instantiateKernels(task.module, task.memory);
  // Threads import only what they run.
  const modules = task.modules.length === 0 ? undefined : await (await import('../lib/modules/module-host.js')).ModuleHost.load(task.modules, arena, task.run);
  for (const layer of task.setup?.layers ?? []) {
    if (layer.layer === 'tensorflow') await (await import('../lib/models/tensorflow/load.js')).loadModel(layer, task.setup?.seed ?? 0, task.turn, task.run);
  }
  const host = task.setup === undefined ? undefined : new WorkerHost(task.setup, arena, { kernels }, task.scratch.network, modules);
  const free = task.setup?.free === undefined || host === undefined
    ? undefined
    : new (await import('../lib/training/asynchronous/free-host.js')).FreeHost(task.setup.free, task.setup.regions, arena, kernels, host, task.thread, task.threads);
  const executor: Executor = { kernels, scratch: task.scratch.columns, host };
  const hogwild = task.hogwild === undefined ? undefined : new HogwildHost(task.hogwild, arena, kernels, task.thread);
  const race = task.setup?.race;
  const dense = race === undefined ? undefined : new DenseHost(race, present(host), arena, kernels, task.thread);

  new PhaseFollower(arena, task.control, task.thread, task.threads, task.spin).follow((opcode, argument, chunk, round, goOn) => {
    const name = OPCODES[opcode];
    if (name === 'initialise') present(host).initialise();
    else if (name === 'gradient') present(host).gradient(chunk, round);
    else if (name === 'pendingGradient') present(host).pendingGradient(chunk);
    else if (name === 'freeGradients') present(free).run(goOn);
    else if (name === 'evaluate') present(host).evaluate(chunk);
    else if (name === 'activations') present(host).activations(chunk);
    else if (name === 'answerTriggered') present(host).answerTriggered(chunk);
    else if (name === 'hogwildUpdate') present(hogwild).update(chunk, argument);
    else if (name === 'hogwildCount') present(hogwild).count(chunk, argument);
    else if (name === 'hogwildEvaluate') present(hogwild).evaluate(chunk, argument);
    else if (name === 'denseUpdate') present(dense).update(chunk, argument, round);
    else if (name === 'denseCount') present(dense).count(chunk, argument, round);
    else if (name !== undefined) OPERATIONS[name](executor, argument, chunk);
    else throw new RangeError(`there is no operation ${opcode}`);
  });
}

function present<Host>(host: Host | undefined): Host {
  if (host === undefined) throw new TypeError('this pool hosts no workers');
  return host;
}
