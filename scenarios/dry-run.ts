import { formatBytes } from '../lib/memory/arena.js';
import { describeProblems } from '../lib/registry/problems.js';
import type { ResolvedRun, RunConfiguration } from '../lib/scenario/configuration.js';
import { isRefused, type RefusedRun } from '../lib/scenario/expand.js';
import { foreseeRuns } from '../lib/training/modes.js';
import type { SharedFigures } from '../lib/training/planned-session.js';
import { sessionKey, warnOfThreads, type SessionOptions } from '../lib/training/session.js';
import { exitCodeOf, REFUSED } from './errors.js';

/** What would run, and what would not. */
export interface DryRun {
  readonly scenario: string;
  readonly runs: readonly ForeseenRun[];
  /** Each reason once, with the labels of all runs that it stops. */
  readonly refused: readonly { readonly error: string; readonly labels: readonly string[] }[];
}

/** A run that would start. */
export interface ForeseenRun {
  readonly label: string;
  readonly threads: number;
  readonly kernels: 'strict' | 'relaxed';
  /** That the workers share. */
  readonly trainSamples: number;
  /** Of the model. */
  readonly parameters: number;
  /** Of the arena, data included. */
  readonly bytes: number;
  readonly warnings: readonly string[];
  readonly config: RunConfiguration;
}

/** Plans every run by itself, so that what is refused of one doesn't hide the others. Nothing is allocated, nothing starts. */
export async function foresee(scenario: string, runs: readonly (ResolvedRun | RefusedRun)[], options: SessionOptions): Promise<DryRun> {
  const shared = new Map<string, Promise<SharedFigures>>();
  const planned: ForeseenRun[] = [];
  const refused = new Map<string, string[]>();
  const refuse = (error: string, label: string): void => {
    const labels = refused.get(error) ?? [];
    labels.push(label);
    refused.set(error, labels);
  };
  for (const run of runs) {
    if (isRefused(run)) {
      refuse(describeProblems(run.problems), run.label);
      continue;
    }
    try {
      const key = sessionKey(run.configuration, options);
      const plan = shared.get(key) ?? foreseeRuns(run.configuration, options);
      shared.set(key, plan);
      planned.push(await foreseeOne(await plan, run));
    } catch (error) {
      if (exitCodeOf(error) !== REFUSED) throw error;
      refuse((error as Error).message, run.label);
    }
  }
  return { scenario, runs: planned, refused: Array.from(refused, ([error, labels]) => ({ error, labels })) };
}

async function foreseeOne(shared: SharedFigures, { label, configuration }: ResolvedRun): Promise<ForeseenRun> {
  const { threads, kernels, trainSamples } = shared;
  const { d, bytes, check: { broken, warnings } } = await shared.plan(configuration);
  const notes = [...broken.map(({ path, message }) => `${path}: ${message} (run all the same: allowUnsafe)`), ...warnings, warnOfThreads(threads)];
  return { label, threads, kernels, trainSamples, parameters: d, bytes, warnings: notes.filter((note) => note !== undefined), config: configuration };
}

/** A dry run in words: a line a run with its memory, then what would be refused and of which runs. */
export function describeDryRun({ scenario, runs, refused }: DryRun): string {
  const stopped = refused.reduce((count, { labels }) => count + labels.length, 0);
  const count = runs.length + stopped;
  const named = (label: string): string => (label === '' ? scenario : label);
  return [
    `${scenario}: ${count} ${count === 1 ? 'run' : 'runs'}${stopped === 0 ? '' : `, of which ${stopped} would be refused`}; nothing was started`,
    ...runs.flatMap(({ label, threads, kernels, trainSamples, parameters, bytes, warnings, config }) => [
      `${named(label)}: ${config.rounds} rounds, ${config.workers} workers (${config.byzantine.count} Byzantine), ` +
        `${trainSamples.toLocaleString('en')} training samples, ${parameters.toLocaleString('en')} parameters, ${threads} threads, ${kernels} kernels, ${formatBytes(bytes)}`,
      ...warnings.map((warning) => `  note: ${warning}`),
    ]),
    ...refused.flatMap(({ error, labels }) => [...labels.map((label) => `${named(label)}: refused`), `  ${error.replaceAll('\n', '\n  ')}`]),
    '',
  ].join('\n');
}
