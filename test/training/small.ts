import { AGGREGATORS } from '../../lib/aggregators/registry.js';
import { POLICIES } from '../../lib/policies/registry.js';
import { expand } from '../../lib/scenario/expand.js';
import type { RunConfiguration } from '../../lib/scenario/configuration.js';
import type { RoundRecord, RunResult } from '../../lib/run/records.js';
import { execute } from '../../lib/training/execute.js';
import { planSession, Session } from '../../lib/training/session.js';

/**
 * A scenario that takes milliseconds. 13 workers with 2 Byzantine workers satisfy every rule's precondition (Bulyan's n ≥ 4f + 3), and 31,810
 * parameters are enough for every rule's work to go to the threads.
 */
export const SMALL = {
  name: 'small',
  seed: 1,
  workers: 13,
  byzantine: 2,
  dataset: { name: 'digits', trainSamples: 2000, testSamples: 400 },
  model: { name: 'mlp', hidden: [40] },
  aggregator: 'mean',
  batchSize: 8,
  rounds: 3,
  evaluateEvery: 2,
} as const;

/** The one run of a scenario that differs from SMALL in so much. */
export function small(changes: object = {}): RunConfiguration {
  const [run] = expand({ ...SMALL, ...serverFor(changes), ...changes });
  if (run === undefined) throw new Error('no run');
  return run.configuration;
}

type NameOrMore = string | { readonly name?: string };

function nameOf(given: NameOrMore = ''): string {
  return typeof given === 'string' ? given : (given.name ?? '');
}

/** Samples for the server where the rule or the policy needs them. */
function serverFor({ aggregator, mode }: { readonly aggregator?: NameOrMore | undefined; readonly mode?: string | { readonly policy?: NameOrMore } }): object {
  const policy = typeof mode === 'string' ? undefined : mode?.policy;
  const needs = [AGGREGATORS.find(nameOf(aggregator))?.needs, POLICIES.find(nameOf(policy))?.needs];
  return needs.some((need) => need !== undefined) ? { server: { samples: 250 } } : {};
}

export interface Outcome {
  readonly result: RunResult;
  readonly records: readonly RoundRecord[];
  readonly parameters: Float32Array;
}

/** Executes runs that share a data set one after another, all on one pool of so many threads. */
export async function runAll(configurations: readonly RunConfiguration[], threads: number, dataFolders: readonly string[] = []): Promise<Outcome[]> {
  const options = { threads, dataFolders, stallTimeout: 60 };
  const session = await Session.open(await planSession(configurations, options), options);
  const outcomes: Outcome[] = [];
  try {
    for (const planned of session.plan.runs) {
      const records: RoundRecord[] = [];
      const { result, parameters } = await execute(session, planned, (record) => { records.push(record); });
      outcomes.push({ result, records, parameters });
    }
  } finally {
    await session.close();
  }
  return outcomes;
}

/** What two runs of one scenario must have in common: everything but times and threads. */
export function essence({ result, records }: Outcome): unknown {
  const { seconds: _, roundsPerSecond: __, threads: ___, ...same } = result;
  return { ...same, records: records.map(({ seconds: ____, ...record }) => record) };
}
