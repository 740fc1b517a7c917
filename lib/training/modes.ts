import { actsOnData, rowsSeen } from '../attacks/attack.js';
import type { DatasetDescription } from '../data/dataset.js';
import type { Manifest } from '../run/records.js';
import { configuredPolicy, isAsynchronous } from '../scenario/asynchronous.js';
import { checkRun } from '../scenario/check.js';
import { hogwild, isSparse } from '../scenario/hogwild-mode.js';
import type { PinnedConfiguration, RunConfiguration } from '../scenario/configuration.js';
import { type ModelFacts, plannedModel } from '../models/tensorflow/specification.js';
import { NO_ATTACK } from './craft.js';
import { execute } from './execute.js';
import { factsOfVariant } from './hogwild/facts.js';
import { foreseeHogwild, planHogwildSession } from './hogwild/session.js';
import type { ManifestedRun, PlannedFigures, PlannedSession, SharedFigures } from './planned-session.js';
import { planOne, planSession, planShared, Session, warnOfThreads, type PlannedRun, type SessionOptions, type SessionPlan, type SharedPlan } from './session.js';

/** Plans runs of one session key in the way of their mode. Throws what the mode's planning throws: see `planSession`. */
export async function planRuns(configurations: readonly RunConfiguration[], options: SessionOptions): Promise<PlannedSession> {
  if (makesSparseUpdates(configurations[0])) return planHogwildSession(configurations, options);
  return sessionOfWorkers(await planSession(configurations, options), options);
}

/** What `first` and the other runs of its session key share, each to be planned by itself. Throws what `planShared` throws. */
export async function foreseeRuns(first: RunConfiguration, options: SessionOptions): Promise<SharedFigures> {
  if (makesSparseUpdates(first)) return foreseeHogwild(first, options);
  const shared = await planShared(first, options);
  const { threads, kernels, description } = shared;
  return {
    threads,
    kernels: kernels.kind,
    trainSamples: description.trainSamples,
    foresee: async (configuration) => figuresOf(await planOne(shared, configuration, options), shared),
  };
}

function makesSparseUpdates(configuration: RunConfiguration | undefined): boolean {
  return configuration?.mode.name === hogwild.name && isSparse(configuration.dataset.name);
}

/** Of runs whose workers compute gradients of a dense model, whatever becomes of them. */
function sessionOfWorkers(plan: SessionPlan, options: SessionOptions): PlannedSession {
  return {
    threads: plan.threads,
    kernels: plan.kernels.kind,
    runs: plan.runs.map((planned) => figuresOf(planned, plan)),
    async open(signal) {
      const session = await Session.open(plan, options, signal);
      return {
        async execute(index, onRound, aborted, schedule) {
          const planned = plan.runs[index];
          if (planned === undefined) throw new RangeError(`there is no run ${index}`);
          const { result, parameters, labelHistogram, asynchronous, backdoor } = await execute(session, planned, onRound, aborted, schedule);
          const facts: ManifestedRun['facts'] = {
            configuration: pinned(planned, plan),
            arenaBytes: planned.bytes,
            resolved: resolvedOf(planned),
            data: samplesOf(plan.description),
            byzantineWorkers: planned.layout.craft.byzantine,
            warnings: warningsOf(planned, plan),
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

function figuresOf(planned: PlannedRun, shared: SharedPlan): PlannedFigures {
  const { configuration, inspected, layout: { d }, bytes } = planned;
  const { warnings = [] } = shared.description;
  const check = checkRun(inspected.configuration, d);
  return { configuration, pinned: pinned(planned, shared), d, bytes, check: { ...check, warnings: [...warnings, ...check.warnings] } };
}

function pinned({ configuration, inspected }: PlannedRun, { kernels, description }: SharedPlan): PinnedConfiguration {
  const model = plannedModel(inspected.configuration.model);
  return {
    ...configuration,
    dataset: { ...configuration.dataset, ...description.found },
    model: model === undefined ? configuration.model : { ...configuration.model, backend: model.backend },
    kernels: kernels.kind,
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
function warningsOf(planned: PlannedRun, plan: SessionPlan): string[] {
  const { broken, warnings } = figuresOf(planned, plan).check;
  return [...broken.map(({ path, message }) => `${path}: ${message}`), ...warnings, warnOfThreads(plan.threads)].filter((warning) => warning !== undefined);
}
