import type { Manifest, RoundRecord, RunResult } from '../run/records.js';

/** Everything a report is made from: the runs of one scenario, as far as each of them got. */
export interface ScenarioReport {
  readonly name: string;
  /** ISO 8601. */
  readonly started: string;
  readonly runs: readonly ReportedRun[];
  /** Where the runs' `publishedAccuracy` come from. */
  readonly publishedSource?: string | undefined;
}

/** One run of the scenario. A run that failed has an `error`; what it lacks is left out of the pictures and said in the tables. */
export interface ReportedRun {
  /** `path=value, …` of what the grid and the seeds vary; empty for a single run. */
  readonly label: string;
  /** The same, as data: path → value. */
  readonly varied: Readonly<Record<string, unknown>>;
  readonly manifest?: Manifest | undefined;
  readonly result?: RunResult | undefined;
  /** Why the run failed or was not started. */
  readonly error?: string | undefined;
  /** Of every round; or, of many, each of a stretch of rounds (`KeptRounds`): then `rounds` and `removals` say what these no longer tell. */
  readonly records: readonly RoundRecord[];
  /** How many rounds were recorded, where the records are fewer. */
  readonly rounds?: number | undefined;
  readonly removals?: Removals | undefined;
  /** Best test accuracy in [0, 1] that `publishedSource` gives for this run. */
  readonly publishedAccuracy?: number | undefined;
  /** Backdoor success in [0, 1], likewise. */
  readonly publishedBackdoorSuccess?: number | undefined;
}

/** Rounds in which rows that held NaN or ±Inf were removed. */
export interface Removals {
  /** How many. */
  readonly rounds: number;
  readonly first: number;
  readonly last: number;
  /** Whose rows, in ascending order. */
  readonly workers: readonly number[];
}
