import { checkRun } from '../scenario/check.js';
import type { RunConfiguration } from '../scenario/configuration.js';
import { execute } from './execute.js';
import { planHogwildSession } from './hogwild/session.js';
import type { PlannedSession } from './planned-session.js';
import { planSession, Session, type PlannedRun, type SessionOptions, type SessionPlan } from './session.js';

/** Plans runs of one session key in the way of their mode. Throws what the mode's planning throws: see `planSession`. */
export async function planRuns(configurations: readonly RunConfiguration[], options: SessionOptions): Promise<PlannedSession> {
  if (configurations[0]?.mode.name === 'hogwild') return planHogwildSession(configurations, options);
  return synchronousSession(await planSession(configurations, options), options);
}

function synchronousSession(plan: SessionPlan, options: SessionOptions): PlannedSession {
  return {
    threads: plan.threads,
    kernels: plan.kernels.kind,
    runs: plan.runs.map(({ configuration, layout, bytes }) => ({ configuration, d: layout.d, bytes })),
    async open(signal) {
      const session = await Session.open(plan, options, signal);
      return {
        async execute(index, onRound, aborted) {
          const planned = plan.runs[index] as PlannedRun;
          const { result, parameters, labelHistogram } = await execute(session, planned, onRound, aborted);
          const { craft, pipeline, d } = planned.layout;
          const facts = {
            arenaBytes: planned.bytes,
            resolved: { aggregator: pipeline.resolved(), attack: { ...craft.attack.resolve(craft.given(craft.start), craft.shape) } },
            byzantineWorkers: craft.byzantine,
            warnings: warningsOf(planned, d),
            labelHistogram,
          };
          return { result, parameters, facts };
        },
        close: () => session.close(),
      };
    },
  };
}

/** Preconditions that `allowUnsafe` overrode, what attacks warn of, and more threads than cores. */
function warningsOf({ configuration }: PlannedRun, d: number): string[] {
  const { broken, warnings } = checkRun(configuration, d);
  return [...broken.map(({ path, message }) => `${path}: ${message}`), ...warnings];
}
