import type { z } from 'zod';
import type { Augmentation } from './augmentation.js';

/** What is known about a data set before its samples are in memory. */
export interface DatasetDescription {
  /** Height, width, channels of a sample; bytes are stored channel by channel. */
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly classes: number;
  readonly trainSamples: number;
  readonly testSamples: number;
  /** For each channel: a byte b enters the model as (b/255 − mean)/deviation. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  /** What happens to a training image when it is drawn; undefined for nothing. */
  readonly augmentation?: Augmentation | undefined;
  /** Parameters that say what was found, where those given leave it open: with them the same samples are taken, or the run is refused. */
  readonly found?: Readonly<Record<string, unknown>>;
  /** The files that the samples come from, where a data set can do with some of its files: the manifest lists them. */
  readonly files?: readonly string[];
  /** What a user should know of the files before a run starts, where there is anything: a run goes on all the same, and its manifest says it too. */
  readonly warnings?: readonly string[];
}

/** Where the samples go: views on the arena. Images are `samples × channels·height·width` bytes, labels one byte each. */
export interface DatasetTarget {
  readonly trainImages: Uint8Array;
  readonly trainLabels: Uint8Array;
  readonly testImages: Uint8Array;
  readonly testLabels: Uint8Array;
}

/** One data set. A file exports one such object and the registry lists it. */
export interface Dataset<Given extends object = object> {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly parameters: z.ZodType<Given>;
  /** Looks at what is there (file headers, no samples). `folders`: where to look, in order. Throws a DataError that says what to do. */
  describe(given: Given, folders: readonly string[]): Promise<DatasetDescription>;
  /** Fills the target, whose sizes are those of `describe`. Throws a DataError when a file is damaged. */
  load(given: Given, folders: readonly string[], target: DatasetTarget): Promise<void>;
}

/** A missing or damaged data file: names the file, what was expected and found, and the command that gets it. */
export class DataError extends Error {
  override name = 'DataError';
}
