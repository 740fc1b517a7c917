import type { KernelChoice } from '../lib/kernels/load.js';

/** One question with its answer in figures. A file exports one such object and the registry lists it. */
export interface Benchmark {
  readonly name: string;
  /** The question it answers. */
  readonly question: string;
  /** Does it measure rules, and so take `rules`? */
  readonly takesRules: boolean;
  run(options: BenchmarkOptions): Promise<BenchmarkReport>;
}

export interface BenchmarkOptions {
  readonly kernels: KernelChoice;
  /** Calls that are timed, at least. */
  readonly repeats: number;
  /** Where `takesRules`: names of the rules to measure. */
  readonly rules: readonly string[] | undefined;
  /** `gradient`: a registered model in place of the 784-100-10 network. */
  readonly model: string | undefined;
}

/** Rows of figures; a row's keys are the table's columns. */
export interface BenchmarkReport {
  /** Where the options changed the question. */
  readonly question?: string;
  readonly rows: readonly Readonly<Record<string, string | number>>[];
  /** What the rows say together, with the figures. */
  readonly findings: readonly string[];
}
