import { createHash } from 'node:crypto';
import t from 'tap';
import type { DatasetTarget } from '../../lib/data/dataset.js';
import { digits } from '../../lib/data/digits.js';

function targetFor(train: number, test: number): DatasetTarget {
  return {
    trainImages: new Uint8Array(train * 784).fill(99),
    trainLabels: new Uint8Array(train).fill(99),
    testImages: new Uint8Array(test * 784).fill(99),
    testLabels: new Uint8Array(test).fill(99),
  };
}

async function generate(trainSamples: number, testSamples: number): Promise<DatasetTarget> {
  const target = targetFor(trainSamples, testSamples);
  await digits.load({ trainSamples, testSamples }, [], target);
  return target;
}

function sha256({ trainImages, trainLabels, testImages, testLabels }: DatasetTarget): string {
  const hash = createHash('sha256');
  for (const bytes of [trainImages, trainLabels, testImages, testLabels]) hash.update(bytes);
  return hash.digest('hex');
}

// These two freeze the data set. Results are published on these bytes, so no improvement may change them: it is a new data set then.
t.test('frozen: the first 200 + 100 samples', async (t) => {
  t.equal(sha256(await generate(200, 100)), '9b45a7367a4f7941a1067aed0528d27c5a6563dd6dddc4e0696d5fdc6921c0a9');
});

t.test('frozen: all 60,000 + 10,000 samples, their mean and their deviation', async (t) => {
  const target = targetFor(60_000, 10_000);
  await digits.load({}, [], target);
  t.equal(sha256(target), 'fd506df4ced204024afb5db431735062b21f8391be30e255c76b3278efe12c39');

  const description = await digits.describe({}, []);
  t.match(description, { shape: [28, 28, 1], classes: 10, trainSamples: 60_000, testSamples: 10_000 });
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < target.trainImages.length; i++) {
    const byte = target.trainImages[i]!;
    sum += byte;
    squares += byte * byte;
  }
  const mean = sum / target.trainImages.length / 255;
  const deviation = Math.sqrt(squares / target.trainImages.length / 255 ** 2 - mean ** 2);
  t.equal(description.mean[0], Number(mean.toFixed(4)));
  t.equal(description.deviation[0], Number(deviation.toFixed(4)));

  for (const [labels, each] of [
    [target.trainLabels, 6000],
    [target.testLabels, 1000],
  ] as const) {
    const counts = new Array<number>(10).fill(0);
    for (const label of labels) counts[label]! += 1;
    t.ok(counts.every((count) => Math.abs(count - each) < 5 * Math.sqrt(each)), counts.join());
  }
  const distinct = new Set<string>();
  for (let sample = 0; sample < 10_000; sample++) distinct.add(Buffer.from(target.testImages.buffer, sample * 784, 784).toString('latin1'));
  t.equal(distinct.size, 10_000, 'no two test images are the same');
});

t.test('any subset is the same bytes', async (t) => {
  const many = await generate(60, 40);
  const few = await generate(17, 5);
  const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(Buffer.from(b));
  t.ok(equal(few.trainImages, many.trainImages.slice(0, 17 * 784)));
  t.ok(equal(few.trainLabels, many.trainLabels.slice(0, 17)));
  t.ok(equal(few.testImages, many.testImages.slice(0, 5 * 784)));
  t.notOk(equal(few.testImages.slice(0, 784), few.trainImages.slice(0, 784)), 'training and test samples have keys of their own');
});

t.test('every image has ink, and most of it is background', async (t) => {
  const { trainImages } = await generate(500, 1);
  for (let sample = 0; sample < 500; sample++) {
    const inked = trainImages.subarray(sample * 784, (sample + 1) * 784).filter((byte) => byte > 60).length;
    if (inked < 15 || inked > 350) t.fail(`sample ${sample} has ${inked} inked pixels`);
  }
});

t.test('samples beyond the end, and targets of another size, are refused', async (t) => {
  await t.rejects(digits.describe({ trainSamples: 60_001 }, []), { name: 'DataError', message: 'trainSamples is 60001, but the data set "digits" has 60000' });
  await t.rejects(digits.describe({ testSamples: 10_001 }, []), { name: 'DataError' });
  await t.rejects(digits.load({ trainSamples: 3, testSamples: 2 }, [], targetFor(3, 1)), RangeError);
  for (const trainSamples of [0, -1, 1.5, '3']) t.notOk(digits.parameters.safeParse({ trainSamples }).success);
  t.notOk(digits.parameters.safeParse({ samples: 3 }).success);
});
