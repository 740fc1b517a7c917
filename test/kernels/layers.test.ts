import fc from 'fast-check';
import t from 'tap';
import { isClose, numbers, seeds, uniform } from './arbitraries.js';
import { WORKBENCHES } from './workbench.js';

const sizes = fc.integer({ min: 1, max: 40 });

for (const bench of WORKBENCHES) {
  const { kernels } = bench;

  t.test(`${bench.kind}: addBias and sumRows treat every column alike`, async () => {
    fc.assert(
      fc.property(sizes, sizes, seeds, (rows, columns, seed) => {
        bench.reset();
        const random = uniform(seed);
        const values = numbers(random, rows * columns);
        const x = bench.floats(values);
        const bias = bench.floats(numbers(random, columns));
        const sums = bench.floats(new Float32Array(columns).fill(NaN));
        kernels.sumRows(x.address, sums.address, rows, columns);
        kernels.addBias(x.address, bias.address, rows, columns);
        const expected = new Float64Array(columns);
        values.forEach((value, at) => (expected[at % columns]! += value));
        return (
          x.view.every((value, at) => value === Math.fround(values[at]! + bias.view[at % columns]!)) &&
          sums.view.every((value, at) => isClose(value, expected[at]!, 1e-6, rows)) &&
          x.intact() &&
          sums.intact()
        );
      }),
    );
  });

  t.test(`${bench.kind}: relu clears what is below 0 and keeps NaN; its derivative is 1 above 0 only`, async () => {
    fc.assert(
      fc.property(fc.array(fc.float(), { minLength: 1, maxLength: 70 }), seeds, (values, seed) => {
        bench.reset();
        const x = bench.floats(values);
        const before = x.view.slice();
        kernels.relu(x.address, values.length);
        const gradient = bench.floats(numbers(uniform(seed), values.length));
        const upstream = gradient.view.slice();
        kernels.reluBackward(gradient.address, x.address, values.length);
        return (
          x.view.every((value, at) => (Number.isNaN(before[at]) ? Number.isNaN(value) : value === Math.max(0, before[at]!))) &&
          gradient.view.every((value, at) => value === (x.view[at]! > 0 ? upstream[at]! : 0)) &&
          x.intact() &&
          gradient.intact()
        );
      }),
    );
  });

  t.test(`${bench.kind}: the loss is the mean cross-entropy of softmax, and the gradient its derivative`, async () => {
    fc.assert(
      fc.property(sizes, sizes, seeds, fc.constantFrom(1, 10, 300), fc.boolean(), (rows, classes, seed, scale, inPlace) => {
        bench.reset();
        const random = uniform(seed);
        const values = numbers(random, rows * classes, scale);
        const labels = Array.from({ length: rows }, () => Math.floor(random() * classes));
        const logits = bench.floats(values);
        const labelsAt = bench.octets(labels);
        const sum = kernels.crossEntropySum(logits.address, labelsAt, rows, classes);
        const gradient = inPlace ? logits : bench.floats(new Float32Array(values.length).fill(NaN));
        const loss = kernels.softmaxCrossEntropy(logits.address, labelsAt, gradient.address, rows, classes);
        const expected = referenceLoss(values, labels, classes);
        return (
          isClose(loss, expected.loss, 2e-7, 1 + Math.abs(expected.loss)) &&
          isClose(sum, expected.loss * rows, 2e-7, rows + Math.abs(expected.loss * rows)) &&
          gradient.view.every((value, at) => isClose(value, expected.gradient[at]!, 3e-7, 1 / rows)) &&
          gradient.intact()
        );
      }),
    );
  });

  t.test(`${bench.kind}: a NaN or infinite logit makes the loss NaN`, async (t) => {
    for (const bad of [NaN, Infinity]) {
      for (let place = 0; place < 6; place++) {
        bench.reset();
        const logits = bench.floats(Float32Array.from({ length: 12 }, (_, at) => (at === place + 6 ? bad : at)));
        const labels = bench.octets([0, 1]);
        t.ok(Number.isNaN(kernels.crossEntropySum(logits.address, labels, 2, 6)));
        t.ok(Number.isNaN(kernels.softmaxCrossEntropy(logits.address, labels, logits.address, 2, 6)));
        t.ok(logits.view.subarray(6).some(Number.isNaN));
      }
    }
  });

  t.test(`${bench.kind}: exp is good to 2.5e-7 of its value and log to 1e-15`, async (t) => {
    bench.reset();
    // Two classes: the loss is log(1 + exp(−gap)), the first gradient softmax itself.
    const gaps = Float32Array.from({ length: 44_300 }, (_, at) => at / 1000);
    const pair = bench.floats([0, 0]);
    const label = bench.octets([0]);
    let worst = 0;
    let worstLoss = 0;
    for (const gap of gaps) {
      pair.view.set([0, -gap]);
      const loss = kernels.softmaxCrossEntropy(pair.address, label, pair.address, 1, 2);
      const tail = Math.exp(-gap) / (1 + Math.exp(-gap));
      worst = Math.max(worst, Math.abs(pair.view[1]! - tail) / tail);
      worstLoss = Math.max(worstLoss, Math.abs(loss - Math.log1p(Math.exp(-gap))));
    }
    t.ok(worst < 2.5e-7, `greatest relative error of exp: ${worst}`);
    t.ok(worstLoss < 1.2e-7, `greatest absolute error of the loss: ${worstLoss}`);
    // From 2⁻⁶⁴ down a share is 0, so that no denormal comes of it, and the loss doesn't know the difference.
    for (const gap of [44.4, 60, 87.3, 100, 200, 1e30, Infinity]) {
      pair.view.set([0, -gap]);
      t.equal(kernels.softmaxCrossEntropy(pair.address, label, pair.address, 1, 2), 0, `the loss at a gap of ${gap}`);
      t.ok(pair.view.every((value) => value === 0), `the gradient at a gap of ${gap}`);
    }
    // 200 equal logits: log 200 exactly, whatever exp does.
    for (const classes of [1, 2, 3, 10, 100, 200]) {
      const equal = bench.floats(new Float32Array(classes));
      t.ok(Math.abs(kernels.crossEntropySum(equal.address, label, 1, classes) - Math.log(classes)) <= 1e-15 * Math.log(classes));
    }
  });

  t.test(`${bench.kind}: countCorrect takes the smaller class of equal logits and no row with NaN`, async (t) => {
    bench.reset();
    const logits = bench.floats([1, 3, 3, 3, 1, 2, NaN, 9, 1, 1, 9, NaN, -Infinity, -Infinity, -Infinity, 0, 0, 1]);
    t.equal(kernels.countCorrect(logits.address, bench.octets([1, 0, 1, 1, 0, 2]), 6, 3), 4);
    t.equal(kernels.countCorrect(logits.address, bench.octets([2, 1, 0, 2, 1, 1]), 6, 3), 0);
  });

  t.test(`${bench.kind}: classify answers with the smaller class of equal logits, and with 255 where a logit is NaN`, async (t) => {
    bench.reset();
    const logits = bench.floats([1, 3, 3, 3, 1, 2, NaN, 9, 1, 1, 9, NaN, -Infinity, -Infinity, -Infinity, 0, 0, 1]);
    const answers = bench.octets([7, 7, 7, 7, 7, 7, 7]);
    kernels.classify(logits.address, answers, 6, 3);
    t.same([...new Uint8Array(kernels.memory.buffer, answers, 7)], [1, 0, 255, 255, 0, 2, 7]);
  });

  t.test(`${bench.kind}: normalize scales and shifts bytes`, async () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 70 }), (bytes) => {
        bench.reset();
        const output = bench.floats(new Float32Array(bytes.length).fill(NaN));
        const [scale, shift] = [Math.fround(1 / 78.5655), Math.fround(-0.4242)];
        kernels.normalize(bench.octets(bytes), output.address, bytes.length, scale, shift);
        return output.view.every((value, at) => isClose(value, bytes[at]! * scale + shift, 1.2e-7, bytes[at]! * scale + 1)) && output.intact();
      }),
    );
  });
}

function referenceLoss(logits: Float32Array, labels: readonly number[], classes: number): { loss: number; gradient: Float64Array } {
  const gradient = new Float64Array(logits.length);
  let loss = 0;
  labels.forEach((label, row) => {
    const own = [...logits.subarray(row * classes, (row + 1) * classes)];
    const greatest = Math.max(...own);
    const sum = own.reduce((total, logit) => total + Math.exp(logit - greatest), 0);
    loss += Math.log(sum) + greatest - own[label]!;
    own.forEach((logit, at) => {
      gradient[row * classes + at] = (Math.exp(logit - greatest) / sum - (at === label ? 1 : 0)) / labels.length;
    });
  });
  return { loss: loss / labels.length, gradient };
}
