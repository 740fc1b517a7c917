import type { Named } from '../registry/parameters.js';

export type { Named };

/**
 * The resolved scenario: one run, every default written out. Plain JSON, so it travels to the threads, is hashed, and stands at
 * the head of a run's manifest. Defaults that follow from (n, f) at run time (a trim of f rows, say) stay unset here, because rows
 * that are not finite change n and f during a run; the manifest lists their values apart.
 */
export interface RunConfiguration {
  readonly name: string;
  readonly seed: number;
  readonly workers: number;
  readonly byzantine: { readonly count: number; readonly placement: Placement };
  readonly dataset: Named;
  readonly partition: Named;
  readonly model: Named;
  readonly batchSize: number;
  readonly rounds: number;
  readonly evaluateEvery: number;
  /** A number, or an expression over t, n, f. */
  readonly learningRate: number | string;
  readonly momentum: Momentum;
  readonly weightDecay: number;
  readonly preaggregators: readonly Named[];
  /** `f` is what the rule is told to tolerate. */
  readonly aggregator: Named & { readonly f: number };
  /** Absent when the server has nothing of its own. `samples` of the training set are held out for it, and no worker has them; `inspect`: how the finished model is looked at. */
  readonly server?: { readonly samples?: number; readonly inspect?: Named };
  /** Active in rounds start … stop − 1. */
  readonly attack: Named & { readonly start?: number; readonly stop?: number };
  readonly mode: Named;
  readonly kernels: 'auto' | 'strict' | 'relaxed';
  readonly allowUnsafe: boolean;
}

/** A configuration that leaves nothing to what it finds: kernels, numbers of samples, batches and backends are named. Where these are not to be had, it is refused. */
export interface PinnedConfiguration extends RunConfiguration {
  readonly kernels: 'strict' | 'relaxed';
}

export type Placement = 'first' | 'spread' | 'seeded';

export type Momentum =
  | 'none'
  | { readonly placement: 'worker' | 'server' | 'update'; readonly beta: number; readonly dampening: number };

/** A run of a grid: its configuration, and the label that tells it from the others. */
export interface ResolvedRun {
  /** `path=value, …` of what the grid and the seeds vary; empty for a single run. */
  readonly label: string;
  /** The same, as data: path → value. */
  readonly varied: Readonly<Record<string, unknown>>;
  readonly configuration: RunConfiguration;
}
