import type { InspectionReport } from '../inspections/inspection.js';
import type { PinnedConfiguration, RunConfiguration } from '../scenario/configuration.js';

/** One line of rounds.jsonl, and one item of a run's iteration. */
export interface RoundRecord {
  /** Counted from 0. */
  readonly round: number;
  readonly learningRate: number;
  /** Mean over the honest workers of their batch's loss, without those whose row was removed. */
  readonly trainLoss: number;
  /** Whole test set; only in rounds that end with an evaluation. */
  readonly accuracy?: number;
  readonly loss?: number;
  /** Share (0 … 1) of the triggered images that the model answers to as the attacker wants; in the same rounds, under an attack that plants a backdoor. */
  readonly backdoorSuccess?: number;
  /** Was the attack active? */
  readonly attacked: boolean;
  /** Workers whose row held NaN or ±Inf and was removed; of `basgd`, those that fed a buffer which did. */
  readonly removed: readonly number[];
  /** What each worker's row counted for in the aggregate, by worker, where the rule defines it. */
  readonly weights?: readonly number[];
  /** Share of the aggregate's weight on the corrupted workers' rows (0 … 1), where the rule defines weights; also while they behave. */
  readonly byzantineWeight?: number;
  /** ‖aggregate − honest mean‖ / ‖honest standard deviation‖. */
  readonly distance: number;
  /** Cosine of the angle between the aggregate and the honest mean. */
  readonly cosine: number;
  /** Shares of coordinates with |μ| < zσ over the honest rows, for z = ½, 1, 2. */
  readonly withinDeviation: readonly [half: number, one: number, two: number];
  /** ‖honest standard deviation‖ / ‖honest mean‖. */
  readonly deviationToNorm: number;
  /** Only of runs with a clock: in the modes `asynchronous` and `downpour`, and in `synchronous` with a `speed`. */
  readonly asynchronous?: AsynchronousRecord;
  readonly seconds: PhaseSeconds;
  /** Only in the mode hogwild: a round's time is `seconds.gradient`, and there are no rows that figures could be about. */
  readonly updates?: EpochUpdates;
}

/** A round of HOGWILD!. */
export interface EpochUpdates {
  readonly count: number;
  readonly perSecond: number;
  /** Updates of other threads between an update's reading and its writing, of some that were measured; absent on one thread. */
  readonly staleness?: { readonly mean: number; readonly greatest: number; readonly measured: number };
}

/** A run of HOGWILD!. */
export interface RunUpdates {
  readonly count: number;
  readonly perSecond: number;
  /** Mean over the measured updates of the run; absent on one thread. */
  readonly staleness?: { readonly mean: number; readonly greatest: number };
  /** The counting experiment: of `expected` additions of 1 to shared counters, with the run's own accesses, `found` were there. */
  readonly lost?: { readonly expected: number; readonly found: number; readonly share: number };
}

/** What led to one step of an asynchronous run. */
export interface AsynchronousRecord {
  /** When the step was taken: virtual time, or seconds since the start. */
  readonly time: number;
  /** The workers whose rows arrived since the step before, in order. */
  readonly arrivals: readonly number[];
  /** Those that the policy rejected. */
  readonly rejected: readonly { readonly worker: number; readonly reason: string }[];
  /** Workers that crashed since the step before; absent when none did. */
  readonly crashed?: readonly number[];
  /** On the real clock, since the step before: reads given up because the row was written meanwhile, and rows that a newer one of their worker replaced before they were taken. */
  readonly torn?: number;
  readonly overwritten?: number;
  /** The rows that the step was made of, and how many steps old the parameters were that each was computed with. */
  readonly used: readonly { readonly worker: number; readonly staleness: number }[];
  /** Only in the mode `downpour`: what went between workers and server since the step before. */
  readonly traffic?: Traffic;
}

/** How often parameters were fetched and gradients pushed, and how many bytes of float32 that were, without whatever a network adds. */
export interface Traffic {
  readonly fetches: number;
  readonly pushes: number;
  readonly fetchedBytes: number;
  readonly pushedBytes: number;
}

/** What an asynchronous run's records add up to. */
export interface AsynchronousSummary {
  readonly clock: 'virtual' | 'real';
  /** Does the same scenario give the same bits again? */
  readonly repeatable: boolean;
  /** Of a run on the real clock: why not, and how it can be repeated. */
  readonly note?: string;
  /** Of a run that followed a recorded schedule: the recorded run's hash, where it came to its end, and whether this one's is the same. */
  readonly replay?: { readonly parametersHash?: string; readonly same?: boolean };
  /** When the last step was taken: virtual time, or seconds of training. */
  readonly time: number;
  /** By worker: rows that arrived, that were rejected, and that steps were made of. */
  readonly arrivals: readonly number[];
  readonly rejections: readonly number[];
  readonly uses: readonly number[];
  /** stalenessHistogram[s]: rows used that were s steps old. */
  readonly stalenessHistogram: readonly number[];
  /** Workers that crashed, and in which round that was known. */
  readonly crashes?: readonly { readonly worker: number; readonly round: number }[];
  /** On the real clock: reads given up because the row was written meanwhile, rows replaced before they were taken, and steps and rows taken a second of training. */
  readonly torn?: number;
  readonly overwritten?: number;
  readonly stepsPerSecond?: number;
  readonly rowsPerSecond?: number;
  /** Only in the mode `downpour`: of the whole run. */
  readonly traffic?: Traffic;
  /** Every evaluation by its time, for the time to a given accuracy or loss. */
  readonly evaluations: readonly { readonly time: number; readonly accuracy: number; readonly loss: number }[];
}

export interface PhaseSeconds {
  readonly gradient: number;
  readonly craft: number;
  readonly aggregate: number;
  readonly evaluate: number;
}

export interface RunResult {
  readonly status: 'completed' | 'diverged';
  /** Why and where, when diverged. */
  readonly reason?: string;
  /** In [0, 1], on the whole test set. Of a graph cut: of the vertices whose class was not given. NaN where nothing is classified (a completed matrix). */
  readonly maxAccuracy: number;
  readonly finalAccuracy: number;
  /** Mean cross-entropy over the whole test set. Of a sparse SVM: mean hinge loss there; of a matrix, root of the mean squared error there; of a cut, the mean of w·‖x_u − x_v‖₁ an arc, twice its mean weight where every vertex is at a corner. */
  readonly finalLoss: number;
  /** Share (0 … 1) of the triggered images that the final model answers to as the attacker wants; only under an attack that plants a backdoor. */
  readonly finalBackdoorSuccess?: number;
  readonly rounds: number;
  /** Without set-up and evaluation. */
  readonly seconds: number;
  readonly roundsPerSecond: number;
  /** SHA-256, lower-case hexadecimal, of the final parameters as little-endian float32, layer by layer, weights before biases. */
  readonly parametersHash: string;
  readonly threads: number;
  readonly kernels: 'strict' | 'relaxed';
  readonly config: RunConfiguration;
  /** Only in the mode hogwild. */
  readonly updates?: RunUpdates;
  /** Only where the scenario asks for one. */
  readonly inspection?: InspectionReport;
}

/** What the manifest says of a backdoor beside the run's result. */
export interface BackdoorFacts {
  /** How many triggered images success was measured on, and whose. */
  readonly measured: number;
  readonly on: 'test images' | 'chosen training images';
  /** Of an image. */
  readonly shape: readonly [height: number, width: number, channels: number];
  /** Some of them: their class, the answer that the attacker wants, that of the final model (255: none), and the bytes, channel by channel, in base64. */
  readonly examples: readonly { readonly label: number; readonly target: number; readonly answer: number; readonly image: string }[];
}

/** What the manifest says of a HOGWILD! run. */
export interface HogwildFacts {
  /** `real`: threads race each other, so a repetition may give other bits. `none`: one thread alone, the same bits every time. */
  readonly clock: 'real' | 'none';
  readonly note: string;
  readonly variant: string;
  /** ρ, Δ and Ω of Recht et al. 2011 over the training data. ρ is a lower bound unless `rhoIsExact`. Absent with a dense model, whose updates touch everything. */
  readonly sparsity?: { readonly edges: number; readonly vertices: number; readonly omega: number; readonly delta: number; readonly rho: number; readonly rhoIsExact: boolean };
  /** Vertices whose updates a thread gathers; 0 but in the variant gathered, absent with a dense model. */
  readonly gathered?: number;
}

/** A run's manifest.json: the resolved scenario itself, pinned to what it ran on, so that handing it back repeats the run, with what is known about the run beside it. */
export interface Manifest extends PinnedConfiguration {
  readonly manifest: {
    readonly label: string;
    /** SHA-256 of the resolved scenario. */
    readonly configurationHash: string;
    readonly versions: { readonly byzantium: string; readonly node: string; readonly v8: string };
    readonly kernels: 'strict' | 'relaxed';
    readonly threads: number;
    readonly cpu: string;
    readonly cores: number;
    readonly arenaBytes: number;
    readonly started: string;
    /** Numbers that the rule and the attack resolved for this (n, f, d), and what the attack saw: its `knowledge`, and how many rows. */
    readonly resolved: {
      readonly aggregator: Readonly<Record<string, unknown>>;
      readonly attack: Readonly<Record<string, unknown>>;
      /** Only in the mode `asynchronous`. */
      readonly policy?: Readonly<Record<string, unknown>>;
      /** Only of a TensorFlow.js model: the engine, its backend, the module's parameters, and the weights in their order. */
      readonly model?: Readonly<Record<string, unknown>>;
    };
    /** How many samples there were, and for data sets that can do with some of their files, which. */
    readonly data: { readonly trainSamples: number; readonly testSamples: number; readonly files?: readonly string[] };
    readonly byzantineWorkers: readonly number[];
    /** Preconditions that `allowUnsafe` overrode, what attacks warned of, and more threads than cores. */
    readonly warnings: readonly string[];
    /** labelHistogram[worker][class]: samples. */
    readonly labelHistogram: readonly (readonly number[])[];
    /** Only of runs with a clock: in the modes `asynchronous` and `downpour`, and in `synchronous` with a `speed`. */
    readonly asynchronous?: AsynchronousSummary;
    /** Only under an attack that plants a backdoor. */
    readonly backdoor?: BackdoorFacts;
    /** Only in the mode hogwild. */
    readonly hogwild?: HogwildFacts;
    readonly result: Omit<RunResult, 'config' | 'parametersHash'>;
    readonly parametersHash: string;
  };
}
