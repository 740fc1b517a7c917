import type { ManifestFacts } from '../run/manifest.js';
import type { RoundRecord } from '../run/records.js';
import type { RunCheck } from '../scenario/check.js';
import type { PinnedConfiguration, RunConfiguration } from '../scenario/configuration.js';
import type { ScheduleUse } from './asynchronous/asynchronous.js';
import type { ExecutedRun } from './execute.js';

/** What runs of one session key share, whatever their mode, and the planning of each by itself: nothing is allocated, nothing has started. */
export interface SharedFigures {
  readonly threads: number;
  readonly kernels: 'strict' | 'relaxed';
  /** That the workers share. */
  readonly trainSamples: number;
  /** Throws what refuses this run. */
  plan(configuration: RunConfiguration): Promise<PlannedFigures>;
}

/** The same, of a mode that knows more of its runs, and opens them. */
export interface Planner<Run extends PlannedFigures> extends SharedFigures {
  plan(configuration: RunConfiguration): Promise<Run>;
  /** Allocates, loads the data and starts the threads for runs that it has planned. */
  open(runs: readonly Run[], signal?: AbortSignal): Promise<OpenSession>;
}

/** Runs that share data, kernels and number of threads, as they are planned: nothing is allocated, nothing has started. */
export interface PlannedSession {
  readonly threads: number;
  readonly kernels: 'strict' | 'relaxed';
  readonly runs: readonly PlannedFigures[];
  /** Allocates, loads the data and starts the threads. */
  open(signal?: AbortSignal): Promise<OpenSession>;
}

/** What is known of a run before it starts. */
export interface PlannedFigures {
  readonly configuration: RunConfiguration;
  /** The same with what it leaves to the machine written out: the manifest begins with it. */
  readonly pinned: PinnedConfiguration;
  /** Parameters of the model. */
  readonly d: number;
  /** Of the arena, data included. */
  readonly bytes: number;
  /** Preconditions that it breaks, now that d is known, and what a user should know. */
  readonly check: RunCheck;
}

export interface OpenSession {
  /** Executes run `index` of the plan, after those begun before have ended. Throws as `execute` does. */
  execute(index: number, onRound: (record: RoundRecord) => void, signal?: AbortSignal, schedule?: ScheduleUse): Promise<ManifestedRun>;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** A finished run with what its manifest says of it. */
export type ManifestedRun = Pick<ExecutedRun, 'result' | 'parameters'> & { readonly facts: Omit<ManifestFacts, 'label' | 'started'> };
