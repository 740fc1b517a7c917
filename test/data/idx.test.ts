import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import t from 'tap';
import { DataError, type DatasetTarget } from '../../lib/data/dataset.js';
import { fashionMnist } from '../../lib/data/fashion-mnist.js';
import { mnist } from '../../lib/data/mnist.js';

const NAMES = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte', 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'] as const;
const TRAIN = 90;
const TEST = 7;

function idx(dimensions: readonly number[], bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.writeUInt32BE(0x0800 + dimensions.length);
  dimensions.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis));
  return Buffer.concat([header, bytes]);
}

function pixels(samples: number, salt: number): Uint8Array {
  return Uint8Array.from({ length: samples * 784 }, (_, i) => (Math.imul(i + salt, 2_654_435_761) >>> 13) & 255);
}

const labels = (samples: number): Uint8Array => Uint8Array.from({ length: samples }, (_, i) => (i * 7) % 10);

const CONTENT: readonly Buffer[] = [
  idx([TRAIN, 28, 28], pixels(TRAIN, 1)),
  idx([TRAIN], labels(TRAIN)),
  idx([TEST, 28, 28], pixels(TEST, 2)),
  idx([TEST], labels(TEST)),
];

type Replacements = Partial<Record<(typeof NAMES)[number], Buffer | null>>;

/** Writes a data set, `.gz` or plain, with some files replaced or left out. Returns the folder to look in. */
async function write(folder: string, packed: boolean, replacements: Replacements = {}, name = 'mnist'): Promise<string> {
  await mkdir(join(folder, name), { recursive: true });
  for (const [i, file] of NAMES.entries()) {
    const replacement = replacements[file];
    if (replacement === null) continue;
    const content = replacement ?? (packed ? gzipSync(CONTENT[i]!) : CONTENT[i]!);
    await writeFile(join(folder, name, packed ? `${file}.gz` : file), content);
  }
  return folder;
}

function targetFor(train: number, test: number): DatasetTarget {
  return {
    trainImages: new Uint8Array(new SharedArrayBuffer(train * 784)),
    trainLabels: new Uint8Array(new SharedArrayBuffer(train)),
    testImages: new Uint8Array(new SharedArrayBuffer(test * 784)),
    testLabels: new Uint8Array(new SharedArrayBuffer(test)),
  };
}

for (const packed of [false, true]) {
  t.test(`${packed ? 'packed' : 'plain'} files arrive byte for byte in shared memory`, async (t) => {
    const folder = await write(t.testdir(), packed);
    t.match(await mnist.describe({}, [folder]), { shape: [28, 28, 1], classes: 10, trainSamples: TRAIN, testSamples: TEST, mean: [0.1307], deviation: [0.3081] });
    const target = targetFor(TRAIN, TEST);
    await mnist.load({}, [folder], target);
    t.ok(Buffer.from(pixels(TRAIN, 1)).equals(target.trainImages));
    t.ok(Buffer.from(labels(TRAIN)).equals(target.trainLabels));
    t.ok(Buffer.from(pixels(TEST, 2)).equals(target.testImages));
    t.ok(Buffer.from(labels(TEST)).equals(target.testLabels));
  });
}

t.test('the first samples are taken when fewer are asked for', async (t) => {
  const folder = await write(t.testdir(), true);
  const given = { trainSamples: 5, testSamples: 2 };
  t.match(await mnist.describe(given, [folder]), { trainSamples: 5, testSamples: 2 });
  const target = targetFor(5, 2);
  await mnist.load(given, [folder], target);
  t.ok(Buffer.from(pixels(TRAIN, 1).subarray(0, 5 * 784)).equals(target.trainImages));
  t.ok(Buffer.from(labels(2)).equals(target.testLabels));
  await t.rejects(mnist.describe({ trainSamples: TRAIN + 1 }, [folder]), new DataError('trainSamples is 91, but the data set "mnist" has 90'));
  await t.rejects(mnist.load({}, [folder], targetFor(5, 2)), /target.trainImages has 3920 bytes; 70560 are needed/);
});

t.test('folders are searched in order, and each data set has its own subfolder', async (t) => {
  const empty = t.testdir({ empty: {}, full: {} });
  const full = await write(join(empty, 'full'), false, {}, 'fashion-mnist');
  t.match(await fashionMnist.describe({}, [join(empty, 'empty'), full]), { trainSamples: TRAIN, mean: [0.286], deviation: [0.353] });
  await t.rejects(mnist.describe({}, [full]), DataError);
});

t.test('a missing file names every folder looked in and the command that gets it', async (t) => {
  const root = t.testdir({ nothing: {}, some: {} });
  const some = await write(join(root, 'some'), true, { 't10k-labels-idx1-ubyte': null });
  const error = await mnist.describe({}, [join(root, 'nothing'), some]).catch((error: unknown) => error);
  t.type(error, DataError);
  const { message } = error as DataError;
  t.match(message, join(root, 'nothing', 'mnist'));
  t.match(message, `${join(some, 'mnist')} (there, but without t10k-labels-idx1-ubyte)`);
  t.match(message, '`npm run data -- mnist`');
  await t.rejects(mnist.describe({}, []), /looked in no folder, because none was given/);
});

t.test('what is wrong with a file is said with expected and found', async (t) => {
  const images = CONTENT[0]!;
  const cases: [string, Replacements, RegExp][] = [
    ['labels for images', { 'train-images-idx3-ubyte': CONTENT[1]! }, /3 dimensions: expected the magic number 0x00000803, found 0x00000801/],
    ['a web page', { 't10k-labels-idx1-ubyte': Buffer.from('<html>not found</html>') }, /1 dimension: expected the magic number 0x00000801, found 0x3c68746d/],
    ['half a header', { 'train-images-idx3-ubyte': images.subarray(0, 9) }, /truncated: its header needs 16 bytes and 9 were found/],
    ['an empty file', { 'train-images-idx3-ubyte': Buffer.alloc(0) }, /truncated: its header needs 16 bytes and 0 were found/],
    ['other sizes', { 'train-images-idx3-ubyte': idx([TRAIN, 32, 32], new Uint8Array(TRAIN * 1024)) }, /images of 32 × 32; expected 28 × 28/],
    ['no image', { 'train-images-idx3-ubyte': idx([0, 28, 28], new Uint8Array(0)) }, /has no images/],
    ['fewer labels', { 'train-labels-idx1-ubyte': idx([TRAIN - 1], labels(TRAIN - 1)) }, /90 images and .* has 89 labels/],
    ['a byte too few', { 'train-images-idx3-ubyte': images.subarray(0, -1) }, /truncated: its header announces 70576 bytes.*, found 70575/],
    ['a byte too many', { 'train-images-idx3-ubyte': Buffer.concat([images, Buffer.alloc(1)]) }, /too long: its header announces 70576 bytes.*, found 70577/],
    ['a label 10', { 't10k-labels-idx1-ubyte': idx([TEST], Uint8Array.of(0, 1, 10, 3, 4, 5, 6)) }, /label 2 is 10; expected 0 to 9/],
  ];
  for (const packed of [false, true]) {
    for (const [what, plain, expected] of cases) {
      await t.test(`${what}, ${packed ? 'packed' : 'plain'}`, async (t) => {
        const replacements = Object.fromEntries(Object.entries(plain).map(([name, bytes]) => [name, packed && bytes !== null ? gzipSync(bytes) : bytes]));
        const folder = await write(t.testdir(), packed, replacements);
        const error = await load(folder);
        t.type(error, DataError);
        t.match((error as Error).message, expected);
        t.match((error as Error).message, /npm run data -- mnist/);
      });
    }
  }
});

t.test('a damaged gzip file is named as such', async (t) => {
  const packed = gzipSync(CONTENT[0]!);
  const flipped = Buffer.from(packed);
  flipped[packed.length >> 1]! ^= 0x55;
  const wrongSum = Buffer.from(packed);
  wrongSum[packed.length - 6]! ^= 1;
  for (const [what, bytes] of [['cut', packed.subarray(0, -900)], ['flipped', flipped], ['wrong checksum', wrongSum], ['not gzip', CONTENT[0]!]] as const) {
    await t.test(what, async (t) => {
      const error = await load(await write(t.testdir(), true, { 'train-images-idx3-ubyte': bytes }));
      t.type(error, DataError);
      t.match((error as Error).message, /train-images-idx3-ubyte\.gz is a damaged gzip file \(.*npm run data/);
    });
  }
});

t.test('an unreadable file is a data error', async (t) => {
  const folder = await write(t.testdir(), false, { 'train-images-idx3-ubyte': null });
  await mkdir(join(folder, 'mnist', 'train-images-idx3-ubyte'));
  await t.rejects(mnist.describe({}, [folder]), { name: 'DataError', message: /can't be read \(EISDIR/ });
});

t.test('a file that changes after its header was read is noticed', async (t) => {
  const folder = await write(t.testdir(), false);
  await mnist.describe({}, [folder]);
  const path = join(folder, 'mnist', NAMES[0]);
  await rename(path, `${path}.old`);
  await writeFile(path, idx([TRAIN + 1, 28, 28], pixels(TRAIN + 1, 1)));
  await t.rejects(mnist.load({}, [folder], targetFor(TRAIN, TEST)), DataError);
});

const data = process.env['BYZANTIUM_DATA'];
t.test('the real MNIST is read whole', { skip: data === undefined && 'BYZANTIUM_DATA is not set' }, async (t) => {
  const { trainSamples, testSamples } = await mnist.describe({}, [data!]);
  t.same([trainSamples, testSamples], [60_000, 10_000]);
  const target = targetFor(trainSamples, testSamples);
  await mnist.load({}, [data!], target);
  const file = await readFile(join(data!, 'mnist', `${NAMES[0]}.gz`)).then(gunzipSync, () => readFile(join(data!, 'mnist', NAMES[0])));
  t.ok(file.subarray(16).equals(target.trainImages));
  let sum = 0;
  let squares = 0;
  for (const byte of target.trainImages) {
    sum += byte;
    squares += byte * byte;
  }
  const mean = sum / target.trainImages.length / 255;
  t.ok(Math.abs(mean - 0.1307) < 5e-5);
  t.ok(Math.abs(Math.sqrt(squares / target.trainImages.length / 255 ** 2 - mean ** 2) - 0.3081) < 5e-5);
});

async function load(folder: string): Promise<unknown> {
  try {
    const { trainSamples, testSamples } = await mnist.describe({}, [folder]);
    await mnist.load({}, [folder], targetFor(trainSamples, testSamples));
    return undefined;
  } catch (error) {
    return error;
  }
}
