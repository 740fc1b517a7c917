import { decode } from '../lib/kernels/arguments.js';
import { performerOfEncoded } from '../lib/kernels/execute.js';
import { instantiateKernels } from '../lib/kernels/load.js';
import type { Executor } from '../lib/kernels/operations.js';
import { Arena } from '../lib/memory/arena.js';
import { type AskedPhase, PhaseFollower } from '../lib/memory/phases.js';
import type { inspectModel } from '../lib/models/tensorflow/inspect.js';
import type { inspectModule } from '../lib/modules/inspect.js';
import { ATTACKER_GRADIENT, ATTACKER_OUTCOME } from '../lib/training/attacker.js';
import { SERVER_LOSS } from '../lib/training/server.js';
import { type HostedOperation, isHosted, OPCODES, type ThreadTask } from '../lib/training/thread-task.js';
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

/** What does one chunk of what only a thread of a pool does. */
type HostedPerformer = (phase: AskedPhase) => (chunk: number) => void;

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
  const hogwild = task.hogwild === undefined ? undefined : new HogwildHost(task.hogwild, arena, kernels, task.thread);
  const race = task.setup?.race;
  const dense = race === undefined ? undefined : new DenseHost(race, present(host), arena, kernels, task.thread);

  const hosted: Readonly<Record<HostedOperation, HostedPerformer>> = {
    initialise: () => () => { present(host).initialise(); },
    gradient: ({ round }) => (chunk) => { present(host).gradient(chunk, round); },
    pendingGradient: () => (chunk) => { present(host).pendingGradient(chunk); },
    freeGradients: ({ goOn }) => () => { present(free).run(goOn); },
    evaluate: () => (chunk) => { present(host).evaluate(chunk); },
    answerTriggered: () => (chunk) => { present(host).backdoor.answer(chunk); },
    activations: () => (chunk) => { present(host).activations(chunk); },
    hogwildUpdate: ({ argument }) => (chunk) => { present(hogwild).update(chunk, argument); },
    hogwildCount: ({ argument }) => (chunk) => { present(hogwild).count(chunk, argument); },
    hogwildEvaluate: ({ argument }) => (chunk) => { present(hogwild).evaluate(chunk, argument); },
    denseUpdate: ({ argument, round }) => (chunk) => { present(dense).update(chunk, argument, round); },
    denseCount: ({ argument, round }) => (chunk) => { present(dense).count(chunk, argument, round); },
    serverGradient: () => (chunk) => { present(host).serverGradient(chunk); },
    serverLoss: ({ argument }) => {
      const given = decode(SERVER_LOSS, argument);
      return (chunk) => { present(host).serverLoss(chunk, given); };
    },
    attackerGradient: ({ argument }) => {
      const given = decode(ATTACKER_GRADIENT, argument);
      return (chunk) => { present(host).backdoor.gradient(chunk, given); };
    },
    attackerOutcome: ({ argument }) => {
      const given = decode(ATTACKER_OUTCOME, argument);
      return (chunk) => { present(host).backdoor.outcome(chunk, given); };
    },
    runModule: ({ argument }) => () => { present(host).runModule(argument); },
  };
  const executor: Executor = { kernels, scratch: task.scratch.columns };
  new PhaseFollower(arena, task.control, task.thread, task.threads, task.spin).follow((phase) => {
    const name = OPCODES[phase.opcode];
    if (name === undefined) throw new RangeError(`there is no operation ${phase.opcode}`);
    return isHosted(name) ? hosted[name](phase) : performerOfEncoded(name, phase.argument, executor);
  });
}

function present<Host>(host: Host | undefined): Host {
  if (host === undefined) throw new TypeError('this pool hosts no workers');
  return host;
}
