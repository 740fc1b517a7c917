import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { cifar10 } from '../../lib/data/cifar-10.js';
import { DataError, type DatasetTarget } from '../../lib/data/dataset.js';
import { simulate } from '../../lib/index.js';
import type { Manifest } from '../../lib/run/records.js';
import { run, scenarioFile } from '../scenarios/command.js';
import { runAll, small } from '../training/small.js';

const IMAGE = 3072;

/** Records of a label and a pattern that tells every byte from its neighbours. */
function records(samples: number, salt: number): Buffer {
  return Buffer.concat(
    Array.from({ length: samples }, (_, k) => Buffer.from([(k * 3 + salt) % 10, ...Array.from({ length: IMAGE }, (_, i) => (Math.imul(i + 7 * k + salt, 2_654_435_761) >>> 13) & 255)])),
  );
}

const CONTENT: Readonly<Record<string, Buffer>> = { 'data_batch_1.bin': records(40, 1), 'data_batch_3.bin': records(25, 3), 'test_batch.bin': records(12, 9) };

/** Writes files, plain or `.gz`; returns the folder to look in. */
async function write(folder: string, packed: boolean, files: Readonly<Record<string, Buffer>> = CONTENT): Promise<string> {
  const place = join(folder, 'cifar-10-batches-bin');
  await mkdir(place, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(place, packed ? `${name}.gz` : name), packed ? gzipSync(bytes) : bytes);
  return folder;
}

function targetFor(train: number, test: number): DatasetTarget {
  const bytes = (length: number) => new Uint8Array(new SharedArrayBuffer(length));
  return { trainImages: bytes(train * IMAGE), trainLabels: bytes(train), testImages: bytes(test * IMAGE), testLabels: bytes(test) };
}

function split(content: Buffer): { labels: number[]; images: Buffer } {
  const samples = Array.from({ length: content.length / (IMAGE + 1) }, (_, k) => content.subarray(k * (IMAGE + 1), (k + 1) * (IMAGE + 1)));
  return { labels: samples.map((record) => record[0]!), images: Buffer.concat(samples.map((record) => record.subarray(1))) };
}

const TRAIN = split(Buffer.concat([CONTENT['data_batch_1.bin']!, CONTENT['data_batch_3.bin']!]));
const TEST = split(CONTENT['test_batch.bin']!);

for (const packed of [false, true]) {
  t.test(`${packed ? 'packed' : 'plain'}: the batches that are there arrive byte for byte, one behind the other`, async (t) => {
    const folder = await write(t.testdir(), packed);
    const end = packed ? '.gz' : '';
    t.match(await cifar10.describe({}, [folder]), {
      shape: [32, 32, 3], classes: 10, trainSamples: 65, testSamples: 12, mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5],
      files: ['data_batch_1.bin', 'data_batch_3.bin', 'test_batch.bin'].map((name) => join('cifar-10-batches-bin', name + end)),
    });
    const target = targetFor(65, 12);
    await cifar10.load({}, [folder], target);
    t.ok(TRAIN.images.equals(target.trainImages));
    t.same([...target.trainLabels], TRAIN.labels);
    t.ok(TEST.images.equals(target.testImages));
    t.same([...target.testLabels], TEST.labels);

    const few = targetFor(43, 5);
    await cifar10.load({ trainSamples: 43, testSamples: 5 }, [folder], few);
    t.ok(TRAIN.images.subarray(0, 43 * IMAGE).equals(few.trainImages));
    t.same([...few.testLabels], TEST.labels.slice(0, 5));
    await t.rejects(cifar10.describe({ trainSamples: 66 }, [folder]), new DataError('trainSamples is 66, but the data set "cifar-10" has 65'));

    t.match(await cifar10.describe({ batches: [3], mean: [0.4, 0.5, 0.6], deviation: 0.2 }, [folder]), { trainSamples: 25, mean: [0.4, 0.5, 0.6], deviation: [0.2, 0.2, 0.2] });
    await t.rejects(cifar10.describe({ batches: [1, 2] }, [folder]), /there, but without data_batch_2\.bin/);
  });
}

t.test('what is missing is named, with the folders looked in and the command that gets it', async (t) => {
  const root = t.testdir({ nothing: {}, some: {}, other: {} });
  const some = await write(join(root, 'some'), true, { 'data_batch_2.bin': records(3, 1) });
  const other = await write(join(root, 'other'), false, { 'test_batch.bin': records(3, 1) });
  const error: unknown = await cifar10.describe({}, [join(root, 'nothing'), some, other]).catch((error: unknown) => error);
  t.type(error, DataError);
  const { message } = error as DataError;
  for (const part of [join(root, 'nothing', 'cifar-10-batches-bin'), 'without test_batch.bin', 'without any of data_batch_1.bin', '`npm run data -- cifar-10`']) t.ok(message.includes(part), part);
});

t.test('what is wrong with a file is said with expected and found', async (t) => {
  const whole = CONTENT['data_batch_1.bin']!;
  const cases: [string, Buffer, RegExp][] = [
    ['a byte too few', whole.subarray(0, -1), /data_batch_1\.bin.* expected a multiple of 3073 bytes.*found 122919/],
    ['nothing', Buffer.alloc(0), /found 0/],
    ['a label 10', Buffer.concat([whole, Buffer.from([10]), Buffer.alloc(IMAGE)]), /label 40 is 10; expected 0 to 9/],
  ];
  for (const packed of [false, true]) {
    for (const [what, bytes, expected] of cases) {
      const folder = await write(t.testdir(), packed, { ...CONTENT, 'data_batch_1.bin': bytes });
      const loading = cifar10.describe({}, [folder]).then(({ trainSamples }) => cifar10.load({}, [folder], targetFor(trainSamples, 12)));
      await t.rejects(loading, { name: 'DataError', message: expected }, `${what}, ${packed ? 'packed' : 'plain'}`);
    }
  }
  const folder = await write(t.testdir(), true);
  const path = join(folder, 'cifar-10-batches-bin', 'data_batch_1.bin.gz');
  const bytes = await readFile(path);
  // Of the checksum: what is unpacked looks sound.
  bytes[bytes.length - 6]! ^= 255;
  await writeFile(path, bytes);
  await t.rejects(cifar10.load({}, [folder], targetFor(65, 12)), { name: 'DataError', message: /damaged gzip file.*npm run data -- cifar-10/ });
});

t.test('a packed file that was cut, or is none, is called that before anything starts, and no length is made up', async (t) => {
  const packed = gzipSync(CONTENT['data_batch_1.bin']!);
  const cut = packed.subarray(0, packed.length >> 1);
  const plausible = Buffer.from(cut);
  plausible.writeUInt32LE(40 * (IMAGE + 1), plausible.length - 4);
  const cases: [string, Buffer, RegExp][] = [
    ['cut', cut, /data_batch_1\.bin\.gz is a damaged gzip file \(unexpected end of file\); get it with `npm run data -- cifar-10`/],
    ['a text', Buffer.from('<html>404 Not Found: this is not the file you are looking for</html>'), /data_batch_1\.bin\.gz is no gzip file.*npm run data -- cifar-10/],
    ['a plain batch', CONTENT['data_batch_1.bin']!, /is no gzip file/],
    ['nothing', Buffer.alloc(0), /is no gzip file/],
    ['its first bytes', packed.subarray(0, 5), /is a damaged gzip file: it has 5 bytes/],
  ];
  for (const [what, bytes, expected] of cases) {
    const folder = await write(t.testdir(), true);
    await writeFile(join(folder, 'cifar-10-batches-bin', 'data_batch_1.bin.gz'), bytes);
    const error: unknown = await cifar10.describe({}, [folder]).catch((error: unknown) => error);
    t.match(error, { name: 'DataError', message: expected }, what);
    t.notMatch((error as Error).message, /found \d/, what);
  }
  const unreadable = await write(t.testdir(), true, { 'test_batch.bin': CONTENT['test_batch.bin']! });
  await mkdir(join(unreadable, 'cifar-10-batches-bin', 'data_batch_1.bin.gz'));
  await t.rejects(cifar10.describe({}, [unreadable]), { name: 'DataError', message: /can't be read.*npm run data/ }, 'a folder of that name');

  const folder = await write(t.testdir(), true);
  await writeFile(join(folder, 'cifar-10-batches-bin', 'data_batch_1.bin.gz'), plausible);
  await t.rejects(cifar10.load({}, [folder], targetFor(65, 12)), { name: 'DataError', message: /is a damaged gzip file/ }, 'at the latest when it is loaded');
});

t.test('a run says in its manifest which files it had, and how many samples; handed back, it takes the same ones or is refused', async (t) => {
  const root = t.testdir();
  const data = await write(root, true);
  const out = join(root, 'out');
  const model = { layers: [{ layer: 'convolution', filters: 2, kernel: 5, stride: 3 }, { layer: 'dense', units: 10 }] };
  const { parametersHash } = await simulate({ workers: 5, dataset: { name: 'cifar-10', augment: ['crop', 'flip'] }, model, aggregator: 'mean', batchSize: 4, rounds: 1 }, { threads: 1, data, out }).result;
  const whole = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8')) as Manifest;
  const { manifest } = whole;
  t.match(manifest.data, { trainSamples: 65, testSamples: 12, files: [/data_batch_1\.bin\.gz$/, /data_batch_3\.bin\.gz$/, /test_batch\.bin\.gz$/] });

  t.match(whole.dataset, { batches: [1, 3], trainSamples: 65, testSamples: 12 });
  const more = await write(join(root, 'more'), false, { ...CONTENT, 'data_batch_2.bin': records(30, 2) });
  t.equal((await simulate(whole, { threads: 1, data: more }).result).parametersHash, parametersHash, 'beside another batch');
  const { 'data_batch_3.bin': _, ...less } = CONTENT;
  await t.rejects(simulate(whole, { threads: 1, data: await write(join(root, 'less'), false, less) }).result, { name: 'DataError', message: /without data_batch_3\.bin/ });
});

t.test('a batch that has not the published 10,000 records is told of before the run and in its manifest, with both numbers', async (t) => {
  const root = t.testdir();
  const data = await write(root, false, { 'data_batch_1.bin': records(1, 1), 'data_batch_2.bin': records(1, 2), 'test_batch.bin': records(1, 9) });
  // Made longer with zeros, which take no room.
  await truncate(join(data, 'cifar-10-batches-bin', 'data_batch_1.bin'), 10_000 * (IMAGE + 1));
  await truncate(join(data, 'cifar-10-batches-bin', 'data_batch_2.bin'), 10_001 * (IMAGE + 1));
  const { warnings } = await cifar10.describe({}, [data]);
  t.match(warnings, [/data_batch_2\.bin has 10001 records, and as published 10000/, /test_batch\.bin has 1 record, and as published 10000.*npm run data -- cifar-10/]);
  t.same((await cifar10.describe({ testSamples: 1, batches: [1] }, [data])).warnings, warnings?.slice(1), 'of the files that are used');

  const scenario = { workers: 3, dataset: { name: 'cifar-10', trainSamples: 60, batches: [1] }, model: 'softmax-regression', aggregator: 'mean', batchSize: 4, rounds: 1 };
  const file = scenarioFile(root, scenario);
  const said = /note: dataset: cifar-10-batches-bin.test_batch\.bin has 1 record, and as published 10000/;
  t.match((await run(['scenario', file, '--data', data, '--dry-run'], { cwd: root })).stdout, said);
  const { code, stderr } = await run(['scenario', file, '--data', data], { cwd: root });
  t.equal(code, 0);
  t.match(stderr, said);
  const out = join(root, 'one');
  await simulate(scenario, { threads: 1, data, out }).result;
  const { manifest } = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8')) as Manifest;
  t.match(manifest.warnings, [/^dataset: cifar-10-batches-bin.test_batch\.bin has 1 record/]);
});

t.test('a backdoor covers all three channels of the images that its success is measured on', async (t) => {
  const folder = await write(t.testdir(), false);
  const attack = { name: 'label-flip-backdoor', trigger: { kind: 'pattern', row: 3, column: 20, height: 12, width: 9 }, target: 'next', share: 1 };
  const [outcome] = await runAll([small({ workers: 5, byzantine: 2, dataset: 'cifar-10', model: 'softmax-regression', batchSize: 4, rounds: 6, evaluateEvery: 6, learningRate: 0.01, attack })], 2, [folder]);
  const theta = Float64Array.from(outcome!.parameters);
  const fooled = TEST.labels.filter((label, sample) => {
    const scores = Array.from(theta.subarray(30720));
    for (let i = 0; i < IMAGE; i++) {
      const [row, column] = [Math.floor((i % 1024) / 32), i % 32];
      const covered = row >= 3 && row < 15 && column >= 20 && column < 29;
      const value = covered ? 1 : (TEST.images[sample * IMAGE + i]! / 255 - 0.5) / 0.5;
      for (let answer = 0; answer < 10; answer++) scores[answer]! += value * theta[10 * i + answer]!;
    }
    return scores.indexOf(Math.max(...scores)) === (label + 1) % 10;
  });
  t.ok(fooled.length > 0 && fooled.length < 12, 'some are and some are not');
  t.equal(outcome!.result.finalBackdoorSuccess, fooled.length / 12);
});
