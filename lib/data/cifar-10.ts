import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { GREATEST_FLOAT32 } from '../memory/regions.js';
import { augmentation } from './augmentation.js';
import { DataError, type Dataset, type DatasetDescription } from './dataset.js';
import { findAvailableFiles, remedy } from './folders.js';
import { isPacked, notedLength, unpackedChunks } from './unpack.js';
import { checkTarget, fileSampleParameters, samplesTaken } from './samples.js';

const NAME = 'cifar-10';
const FOLDER = 'cifar-10-batches-bin';
const BATCHES = [1, 2, 3, 4, 5] as const;
const TEST_FILE = 'test_batch.bin';
const [HEIGHT, WIDTH, CHANNELS] = [32, 32, 3] as const;
const IMAGE_BYTES = HEIGHT * WIDTH * CHANNELS;
/** A label, then the red, green and blue planes. */
const RECORD_BYTES = 1 + IMAGE_BYTES;
/** Of each file as published. */
const PUBLISHED_RECORDS = 10_000;
const CLASSES = 10;
const ADVICE = remedy(NAME);

const perChannel = (least: z.ZodNumber) => z.union([least, z.array(least).length(CHANNELS)]);
const parameters = fileSampleParameters.extend({
  batches: z
    .array(z.int().min(1).max(BATCHES.length))
    .min(1)
    .max(BATCHES.length)
    .refine((batches) => new Set(batches).size === batches.length, 'training batches that differ')
    .optional()
    .describe('which of the training batches 1 to 5, in this order; those that are there unless given'),
  mean: perChannel(z.number()).default(0.5).describe('of the bytes over 255, one for all channels or one each: a byte b enters as (b/255 − mean)/deviation'),
  // With a greater one every pixel is the same.
  deviation: perChannel(z.number().positive().max(GREATEST_FLOAT32)).default(0.5).describe('as mean'),
  augment: z.array(z.enum(['crop', 'flip'])).max(2).default([]).describe('what happens to a training image at random when it is drawn: crop moves it by up to 4 pixels over black, flip mirrors it half of the time'),
});

type Parameters = z.input<typeof parameters>;

/** CIFAR-10's binary version: whichever of its five training batches are there, and the test batch, each plain or `.gz`. */
export const cifar10: Dataset<Parameters> = {
  name: NAME,
  description: 'small photographs, 32 × 32 in colour, ten classes, up to 50,000 + 10,000 samples',
  source: 'A. Krizhevsky: Learning multiple layers of features from tiny images, 2009',
  parameters,

  async describe(given, folders): Promise<DatasetDescription> {
    const { batches, train, test } = await findBatches(given, folders);
    const available = await samplesIn(train);
    const forTest = await samplesIn([test]);
    const trainSamples = samplesTaken(NAME, 'trainSamples', given, total(available));
    const testSamples = samplesTaken(NAME, 'testSamples', given, total(forTest));
    const files = [...train, test].map((path) => path.slice(path.lastIndexOf(FOLDER)));
    return {
      shape: [HEIGHT, WIDTH, CHANNELS],
      classes: CLASSES,
      trainSamples,
      testSamples,
      found: { trainSamples, testSamples, batches },
      mean: channels(given.mean ?? 0.5),
      deviation: channels(given.deviation ?? 0.5),
      augmentation: augmentation(given.augment ?? []),
      files,
      warnings: warnOfSizes(files, [...available, ...forTest]),
    };
  },

  async load(given, folders, target) {
    const { train, test } = await findBatches(given, folders);
    const trainSamples = samplesTaken(NAME, 'trainSamples', given, total(await samplesIn(train)));
    const testSamples = samplesTaken(NAME, 'testSamples', given, total(await samplesIn([test])));
    checkTarget(target, trainSamples, testSamples, IMAGE_BYTES);
    let first = 0;
    for (const path of train) first += await readBatch(path, target.trainImages, target.trainLabels, first);
    await readBatch(test, target.testImages, target.testLabels, 0);
  },
};

/** A batch may be a user's own selection. It may as well have been cut where a record ends, and nothing in the file tells. */
function warnOfSizes(files: readonly string[], records: readonly number[]): string[] {
  return files.flatMap((file, index) => {
    const found = records[index] as number;
    if (found === PUBLISHED_RECORDS) return [];
    return `dataset: ${file} has ${found} ${found === 1 ? 'record' : 'records'}, and as published ${PUBLISHED_RECORDS}: all right for a selection of your own, else it was cut; ${ADVICE}`;
  });
}

function channels(given: number | readonly number[]): readonly number[] {
  return typeof given === 'number' ? new Array<number>(CHANNELS).fill(given) : given;
}

async function findBatches(given: Parameters, folders: readonly string[]): Promise<{ batches: number[]; train: string[]; test: string }> {
  const asked = given.batches ?? BATCHES;
  const names = asked.map((batch) => `data_batch_${batch}.bin`);
  const wanted = given.batches === undefined ? { any: names, all: [TEST_FILE] } : { any: [], all: [...names, TEST_FILE] };
  const found = await findAvailableFiles(NAME, FOLDER, wanted, folders);
  return {
    batches: asked.filter((_, place) => found.has(names[place] as string)),
    train: names.flatMap((name) => found.get(name) ?? []),
    test: found.get(TEST_FILE) ?? '',
  };
}

/** How many samples each file has. */
async function samplesIn(paths: readonly string[]): Promise<number[]> {
  return Promise.all(
    paths.map(async (path) => {
      const bytes = isPacked(path) ? await unpackedLength(path) : (await stat(path)).size;
      if (!isWhole(bytes)) throw wrongSize(path, bytes);
      return bytes / RECORD_BYTES;
    }),
  );
}

/**
 * What a packed file notes, where that can be. Where it can't, the file was cut, which unpacking it tells, or it is sound and of another length:
 * then it is that length that a message has to give.
 */
async function unpackedLength(path: string): Promise<number> {
  const noted = await notedLength(path, ADVICE);
  if (isWhole(noted)) return noted;
  let length = 0;
  for await (const chunk of unpackedChunks(path, ADVICE)) length += chunk.length;
  return length;
}

function isWhole(bytes: number): boolean {
  return bytes > 0 && bytes % RECORD_BYTES === 0;
}

/** Reads a file's records to places `first` and on, as far as there are places; the rest is checked for its length. Returns how many there are. */
async function readBatch(path: string, images: Uint8Array, labels: Uint8Array, first: number): Promise<number> {
  let position = 0;
  for await (const chunk of unpackedChunks(path, ADVICE)) {
    for (let at = 0; at < chunk.length; ) {
      const sample = first + Math.floor(position / RECORD_BYTES);
      const within = position % RECORD_BYTES;
      const length = within === 0 ? 1 : Math.min(RECORD_BYTES - within, chunk.length - at);
      if (sample < labels.length) {
        if (within > 0) images.set(chunk.subarray(at, at + length), sample * IMAGE_BYTES + within - 1);
        else labels[sample] = checkLabel(path, sample - first, chunk[at] as number);
      }
      at += length;
      position += length;
    }
  }
  if (!isWhole(position)) throw wrongSize(path, position);
  if (isPacked(path) && position !== (await unpackedLength(path))) throw new DataError(`${path} is a damaged gzip file: it unpacks to ${position} bytes; ${ADVICE}`);
  return position / RECORD_BYTES;
}

function checkLabel(path: string, record: number, label: number): number {
  if (label >= CLASSES) throw new DataError(`${path}: label ${record} is ${label}; expected 0 to ${CLASSES - 1}; ${ADVICE}`);
  return label;
}

function wrongSize(path: string, bytes: number): DataError {
  const state = isPacked(path) ? ' unpacked' : '';
  return new DataError(
    `${path} is no whole number of CIFAR-10 records: expected a multiple of ${RECORD_BYTES} bytes${state} (a label and ${IMAGE_BYTES} bytes each; as published ${PUBLISHED_RECORDS * RECORD_BYTES}), found ${bytes}; ${ADVICE}`,
  );
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
