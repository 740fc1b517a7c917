import { actsOnData, rowsSeen } from '../attacks/attack.js';
import type { DatasetDescription } from '../data/dataset.js';
import type { Manifest } from '../run/records.js';
import { configuredPolicy, isAsynchronous } from '../scenario/asynchronous.js';
import { hogwild, isSparse } from '../scenario/hogwild-mode.js';
import type { RunConfiguration } from '../scenario/configuration.js';
import { type ModelFacts, plannedModel } from '../models/tensorflow/specification.js';
import { NO_ATTACK } from './craft.js';
import { execute } from './execute.js';
import { factsOfVariant } from './hogwild/facts.js';
import { hogwildPlanner } from './hogwild/session.js';
import type { ManifestedRun, PlannedFigures, PlannedSession, Planner, SharedFigures } from './planned-session.js';
import { planOne, planShared, Session, warnOfThreads, type PlannedRun, type SessionOptions } from './session.js';

/** Plans runs of one session key in the way of their mode. Throws what `foreseeRuns` throws, and what refuses the first run that is refused. */
export async function planRuns(configurations: readonly RunConfiguration[], options: SessionOptions): Promise<PlannedSession> {
  const [first] = configurations;
  if (first === undefined) throw new RangeError('a session needs at least one run');
  return makesSparseUpdates(first) ? planAll(await hogwildPlanner(first, options), configurations) : planAll(await workersPlanner(first, options), configurations);
}

/** What `first` and the other runs of its session key share, each to be planned by itself. Throws what `planShared` throws. */
export async function foreseeRuns(first: RunConfiguration, options: SessionOptions): Promise<SharedFigures> {
  return makesSparseUpdates(first) ? hogwildPlanner(first, options) : workersPlanner(first, options);
}

async function planAll<Run extends PlannedFigures>(planner: Planner<Run>, configurations: readonly RunConfiguration[]): Promise<PlannedSession> {
  const runs: Run[] = [];
  for (const configuration of configurations) runs.push(await planner.plan(configuration));
  return { threads: planner.threads, kernels: planner.kernels, runs, open: (signal) => planner.open(runs, signal) };
}

function makesSparseUpdates({ mode, dataset }: RunConfiguration): boolean {
  return mode.name === hogwild.name && isSparse(dataset.name);
}

/** Of runs whose workers compute gradients of a dense model, whatever becomes of them. */
async function workersPlanner(first: RunConfiguration, options: SessionOptions): Promise<Planner<PlannedRun>> {
  const shared = await planShared(first, options);
  const { threads, kernels, description } = shared;
  return {
    threads,
    kernels: kernels.kind,
    trainSamples: description.trainSamples,
    plan: (configuration) => planOne(shared, configuration, options),
    async open(runs, signal) {
      const session = await Session.open({ ...shared, runs }, options, signal);
      return {
        async execute(index, onRound, aborted, schedule) {
          const planned = runs[index];
          if (planned === undefined) throw new RangeError(`there is no run ${index}`);
          const { result, parameters, labelHistogram, asynchronous, backdoor } = await execute(session, planned, onRound, aborted, schedule);
          const facts: ManifestedRun['facts'] = {
            configuration: planned.pinned,
            arenaBytes: planned.bytes,
            resolved: resolvedOf(planned),
            data: samplesOf(description),
            byzantineWorkers: planned.layout.craft.byzantine,
            warnings: warningsOf(planned, threads),
            labelHistogram,
            ...(asynchronous === undefined ? {} : { asynchronous }),
            ...(planned.layout.loop.mode === 'hogwild' ? { hogwild: factsOfVariant(planned.layout.loop.parameters.variant) } : {}),
            ...(backdoor === undefined ? {} : { backdoor }),
          };
          return { result, parameters, facts };
        },
        close: () => session.close(),
      };
    },
  };
}

/** What rule and attack come to, what the attack sees, and whether a worker that the rule trusts deserves it. */
function resolvedOf({ configuration, inspected, layout: { craft, loop } }: PlannedRun): Manifest['manifest']['resolved'] {
  const { attack, shape, byzantine, poison } = craft;
  const parameters = attack.resolve(craft.given(craft.start), shape);
  const knowledge = actsOnData(attack) ? 'own' : attack.knowledge(parameters);
  const { trustedWorker, ...aggregator } = loop.pipeline?.resolved() ?? { trustedWorker: undefined };
  return {
    aggregator: { ...aggregator, ...(trustedWorker === undefined ? {} : { trusted: { worker: trustedWorker, honest: !byzantine.includes(trustedWorker) } }) },
    attack: { ...parameters, ...poison, knowledge, rowsSeen: attack.name === NO_ATTACK || byzantine.length === 0 ? 0 : rowsSeen(knowledge, shape) },
    ...(isAsynchronous(configuration) ? { policy: resolvedPolicy(configuration) } : {}),
    ...resolvedModel(plannedModel(inspected.configuration.model)),
  };
}

function resolvedModel(facts: ModelFacts | undefined): Pick<Manifest['manifest']['resolved'], 'model'> {
  if (facts === undefined) return {};
  const { engine, version, backend, parameters, weights } = facts;
  return { model: { engine: `${engine} ${version}`, backend, parameters, weights } };
}

function resolvedPolicy(configuration: RunConfiguration): Readonly<Record<string, unknown>> {
  const { policy, parameters } = configuredPolicy(configuration);
  return { name: policy.name, ...parameters };
}

function samplesOf({ trainSamples, testSamples, files }: DatasetDescription): Manifest['manifest']['data'] {
  return { trainSamples, testSamples, ...(files === undefined ? {} : { files }) };
}

/** Preconditions that `allowUnsafe` overrode, what data files and attacks warn of, and more threads than cores. */
function warningsOf({ check: { broken, warnings } }: PlannedRun, threads: number): string[] {
  return [...broken.map(({ path, message }) => `${path}: ${message}`), ...warnings, warnOfThreads(threads)].filter((warning) => warning !== undefined);
}
