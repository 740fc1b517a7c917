import { DataError, type Dataset, type DatasetDescription } from './dataset.js';
import { findFiles, remedy } from './folders.js';
import { readIdxElements, readIdxHeader, type IdxFile } from './idx.js';
import { checkTarget, fileSampleParameters, samplesTaken, type SampleParameters } from './samples.js';

const HEIGHT = 28;
const WIDTH = 28;
const CLASSES = 10;

/** The four files of MNIST, whose names its successors kept; each may be plain or `.gz`. */
const IDX_FILES = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte', 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'] as const;

interface IdxDatasetFacts {
  /** Also the subfolder that holds the files. */
  readonly name: string;
  readonly description: string;
  readonly source: string;
  /** Of the training images' bytes over 255. */
  readonly mean: number;
  readonly deviation: number;
}

/** A data set in MNIST's four IDX files: 28 × 28 grey bytes, ten classes. */
export function idxDataset({ name, description, source, mean, deviation }: IdxDatasetFacts): Dataset<SampleParameters> {
  const shape = [HEIGHT, WIDTH, 1] as const;
  const advice = remedy(name);

  async function headers(folders: readonly string[]): Promise<{ train: ImagesAndLabels; test: ImagesAndLabels }> {
    const [trainImages = '', trainLabels = '', testImages = '', testLabels = ''] = await findFiles(name, name, IDX_FILES, folders);
    return { train: await readHeaders(trainImages, trainLabels, advice), test: await readHeaders(testImages, testLabels, advice) };
  }

  return {
    name,
    description,
    source,
    parameters: fileSampleParameters,

    async describe(given, folders): Promise<DatasetDescription> {
      const { train, test } = await headers(folders);
      const trainSamples = samplesTaken(name, 'trainSamples', given, train.samples);
      const testSamples = samplesTaken(name, 'testSamples', given, test.samples);
      return { shape, classes: CLASSES, trainSamples, testSamples, mean: [mean], deviation: [deviation], found: { trainSamples, testSamples } };
    },

    async load(given, folders, target) {
      const { train, test } = await headers(folders);
      const trainSamples = samplesTaken(name, 'trainSamples', given, train.samples);
      const testSamples = samplesTaken(name, 'testSamples', given, test.samples);
      checkTarget(target, trainSamples, testSamples, HEIGHT * WIDTH);
      await readIdxElements(train.images, target.trainImages, advice);
      await readLabels(train.labels, target.trainLabels, advice);
      await readIdxElements(test.images, target.testImages, advice);
      await readLabels(test.labels, target.testLabels, advice);
    },
  };
}

interface ImagesAndLabels {
  readonly images: IdxFile;
  readonly labels: IdxFile;
  readonly samples: number;
}

async function readHeaders(imagesPath: string, labelsPath: string, advice: string): Promise<ImagesAndLabels> {
  const images = await readIdxHeader(imagesPath, 3, advice);
  const labels = await readIdxHeader(labelsPath, 1, advice);
  const [samples = 0, height, width] = images.dimensions;
  if (height !== HEIGHT || width !== WIDTH) {
    throw new DataError(`${imagesPath} has images of ${String(height)} × ${String(width)}; expected ${HEIGHT} × ${WIDTH}; ${advice}`);
  }
  if (samples === 0) throw new DataError(`${imagesPath} has no images; ${advice}`);
  if (labels.dimensions[0] !== samples) {
    throw new DataError(`${imagesPath} has ${samples} images and ${labelsPath} has ${String(labels.dimensions[0])} labels; the numbers must be equal; ${advice}`);
  }
  return { images, labels, samples };
}

async function readLabels(file: IdxFile, target: Uint8Array, advice: string): Promise<void> {
  await readIdxElements(file, target, advice);
  const wrong = target.findIndex((label) => label >= CLASSES);
  if (wrong >= 0) throw new DataError(`${file.path}: label ${wrong} is ${String(target[wrong])}; expected 0 to ${CLASSES - 1}; ${advice}`);
}
