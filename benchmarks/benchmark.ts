import type { KernelChoice } from '../lib/kernels/load.js';

/** One question with its answer in figures. A file exports one such object and the registry lists it. */
export interface Benchmark {
  readonly name: string;
  /** The question it answers. */
  readonly question: string;
  /** The options that it has a use for, beside `kernels` and `repeats`. */
  readonly takes: readonly ('rules' | 'model')[];
  run(options: BenchmarkOptions): Promise<BenchmarkReport>;
}

export interface BenchmarkOptions {
  readonly kernels: KernelChoice;
  /** Calls that are timed, at least. */
  readonly repeats: number;
  /** Names of the rules to measure. */
  readonly rules: readonly string[] | undefined;
  /** A registered model in place of the 784-100-10 network. */
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
