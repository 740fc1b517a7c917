import type { Dataset, DatasetDescription } from './dataset.js';
import { drawDigit } from './digits-drawing.js';
import { checkTarget, knownSampleParameters, samplesTaken, type SampleParameters } from './samples.js';

const TRAIN_SAMPLES = 60_000;
const TEST_SAMPLES = 10_000;
const PIXELS = 784;

/** Which part of the data set a sample belongs to; part of its key. */
const TRAIN = 0;
const TEST = 1;

/**
 * Digits drawn by strokes under random distortion. Sample i is keyed by its part and by i alone: any subset is the same bytes.
 */
export const digits: Dataset<SampleParameters> = {
  name: 'digits',
  description: 'digits drawn by distorted strokes, built in: 28 × 28 grey, ten classes, 60,000 + 10,000 samples, no file needed',
  source: 'generated here; see lib/data/README.md',
  parameters: knownSampleParameters(TRAIN_SAMPLES, TEST_SAMPLES),

  // eslint-disable-next-line @typescript-eslint/require-await -- the contract is asynchronous, for data sets that read files
  async describe(given): Promise<DatasetDescription> {
    return {
      shape: [28, 28, 1],
      classes: 10,
      trainSamples: samplesTaken('digits', 'trainSamples', given, TRAIN_SAMPLES),
      testSamples: samplesTaken('digits', 'testSamples', given, TEST_SAMPLES),
      // Of all 60,000 training images; a test computes them again.
      mean: [0.0757],
      deviation: [0.1993],
    };
  },

  // eslint-disable-next-line @typescript-eslint/require-await -- as above
  async load(given, _folders, target) {
    const trainSamples = samplesTaken('digits', 'trainSamples', given, TRAIN_SAMPLES);
    const testSamples = samplesTaken('digits', 'testSamples', given, TEST_SAMPLES);
    checkTarget(target, trainSamples, testSamples, PIXELS);
    drawAll(TRAIN, target.trainImages, target.trainLabels);
    drawAll(TEST, target.testImages, target.testLabels);
  },
};

function drawAll(part: number, images: Uint8Array, labels: Uint8Array): void {
  for (let sample = 0; sample < labels.length; sample++) {
    labels[sample] = drawDigit(part, sample, images, sample * PIXELS);
  }
}
