import { z } from 'zod';
import { DataError, type DatasetTarget } from './dataset.js';

/** The parameters that every data set takes: how many of its samples to use, always the first ones. */
export const sampleParameters = z.strictObject({
  trainSamples: z.int().min(1).optional().describe('use the first so many training samples; all of them unless given'),
  testSamples: z.int().min(1).optional().describe('use the first so many test samples; all of them unless given'),
});

export type SampleParameters = z.infer<typeof sampleParameters>;

/** `given`, or all. Throws a DataError when more samples are asked for than there are. */
export function samplesTaken(dataset: string, parameter: keyof SampleParameters, given: SampleParameters, available: number): number {
  const asked = given[parameter] ?? available;
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
