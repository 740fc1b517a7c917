import type { z } from 'zod';

/** What is known of the samples that a finished model was trained on. */
export interface InspectedSamples {
  /** For each sample the values that the model's last layer reads, all of the same length. */
  readonly activations: readonly Float32Array[];
  /** The label that each was trained with, from 0 to `classes` − 1. */
  readonly labels: ArrayLike<number>;
  readonly classes: number;
  /** Which of them are poisoned, in truth: 0 or false for those that aren't. Absent when nobody knows. */
  readonly poisoned?: ArrayLike<number | boolean> | undefined;
  /** What is random is drawn from streams keyed by it. */
  readonly seed: number;
}

/** What an inspection says of a model and its data. Plain JSON: it stands in a run's result. */
export interface InspectionReport {
  readonly name: string;
  readonly classes: readonly InspectedClass[];
  readonly suspectedClasses: readonly number[];
  readonly samples: number;
  readonly suspectedSamples: number;
  /** Labels that can't be judged because of samples whose activations are NaN or infinite, as those of a diverged model are; absent when all can. */
  readonly unjudgedClasses?: readonly number[];
  /** How many samples have such activations; absent when none has. */
  readonly nonFiniteSamples?: number;
  /**
   * Poisoned in truth, and the share of the suspected ones that are (absent when none is suspected), and of the poisoned ones that are suspected (absent when none is poisoned, and when
   * a label can't be judged).
   */
  readonly poisonedSamples?: number;
  readonly precision?: number;
  readonly recall?: number;
}

export interface InspectedClass {
  readonly label: number;
  readonly samples: number;
  /** Share of its samples in the smaller of its clusters, 0 when it doesn't fall into two. */
  readonly smaller: number;
  /** Mean silhouette of the two clusters, from −1 to 1: how clearly they are two. Absent when they aren't. */
  readonly silhouette?: number;
  /** False where the label can't be judged, too. */
  readonly suspected: boolean;
  /** Samples whose activations are NaN or infinite, for which the label can't be judged; absent when there is none. */
  readonly nonFinite?: number;
  /** Poisoned in truth, where that is known. */
  readonly poisoned?: number;
}

/** One way to look at a finished model. A file exports one such object and the registry lists it. */
export interface Inspection<Given extends object = object> {
  readonly name: string;
  readonly description: string;
  readonly formula: string;
  readonly source: string;
  readonly parameters: z.ZodType<Given>;
  /** Class by class, so that whoever runs it can turn to something else between them; returns which samples it suspects, with the report. */
  inspect(given: Given, samples: InspectedSamples): Generator<void, Inspected>;
}

export interface Inspected {
  readonly report: InspectionReport;
  /** For each sample 1 when it is suspected, else 0. */
  readonly suspected: Uint8Array;
}
