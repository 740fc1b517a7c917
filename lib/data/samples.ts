import { z } from 'zod';
import { DataError, type DatasetTarget } from './dataset.js';

/** How many of a data set's samples to use, always the first ones; all of them unless given. */
export interface SampleParameters {
  readonly trainSamples?: number | typeof ALL | undefined;
  readonly testSamples?: number | typeof ALL | undefined;
}

const ALL = 'all';

const some = z.int().min(1);
const someOrAll = z.union([some, z.literal(ALL)]).default(ALL);

/** The parameters of a data set in files: how many samples there are is known when the files are. */
export const fileSampleParameters = z.strictObject({
  trainSamples: someOrAll.describe('use the first so many training samples, or "all"'),
  testSamples: someOrAll.describe('use the first so many test samples, or "all"'),
});

/** The parameters of a data set that always has so many samples. */
export function knownSampleParameters(trainSamples: number, testSamples: number) {
  return z.strictObject({
    trainSamples: some.default(trainSamples).describe('use the first so many training samples'),
    testSamples: some.default(testSamples).describe('use the first so many test samples'),
  });
}

/** The number that was asked for. Throws a DataError when there are fewer. */
export function samplesTaken(dataset: string, parameter: keyof SampleParameters, given: SampleParameters, available: number): number {
  const { [parameter]: asked = ALL } = given;
  if (asked === ALL) return available;
  if (asked > available) throw new DataError(`${parameter} is ${asked}, but the data set "${dataset}" has ${available}`);
  return asked;
}

/** Throws a RangeError when a target has not the sizes that `describe` announced: a mistake of the caller, not of a file. */
export function checkTarget(target: DatasetTarget, trainSamples: number, testSamples: number, bytesPerSample: number): void {
  const sizes = [
    ['trainImages', trainSamples * bytesPerSample],
    ['trainLabels', trainSamples],
    ['testImages', testSamples * bytesPerSample],
    ['testLabels', testSamples],
  ] as const;
  for (const [view, bytes] of sizes) {
    if (target[view].length !== bytes) throw new RangeError(`target.${view} has ${target[view].length} bytes; ${bytes} are needed`);
  }
}
