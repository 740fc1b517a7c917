import t from 'tap';
import { Stream } from '../../lib/data/random.js';
import type { LayerSpecification } from '../../lib/models/layer.js';
import { NetworkBench } from './bench.js';
import { dropoutMask } from './dropout-mask.js';

const dense = (inputs: number, outputs: number): LayerSpecification => ({ layer: 'dense', inputs, outputs, initialisation: 'uniform-fan-in' });

function stream(): Stream {
  return new Stream(3, 'dropout', 4, 5);
}

t.test('what is dropped follows from the stream alone, a share of the rate, and the rest is scaled up', async (t) => {
  const [samples, size] = [20, 50];
  for (const rate of [0.25, 0.5, 0.9]) {
    const [dropping, plain] = [[{ layer: 'dropout', size, rate } as const, dense(size, 3)], [dense(size, 3)]].map((layers) => new NetworkBench(layers, samples));
    for (const bench of [dropping!, plain!]) bench.parameters.set(Array.from({ length: 3 * size + 3 }, (_, k) => ((k * 37) % 19) / 19 - 0.5));
    const inputs = Float32Array.from({ length: samples * size }, (_, k) => ((k * 29) % 23) - 11.5);
    const labels = Array.from({ length: samples }, (_, k) => k % 3);
    const mask = dropoutMask(stream(), inputs.length, rate);
    const masked = inputs.map((value, k) => value * mask[k]!);
    t.same(dropping!.gradient(inputs, labels, stream()), plain!.gradient(masked, labels), `rate ${rate}`);
    const share = mask.filter((factor) => factor === 0).length / mask.length;
    t.ok(Math.abs(share - rate) < 5 * Math.sqrt((rate * (1 - rate)) / mask.length), `${share} are dropped`);
    t.same(dropping!.evaluate(inputs, labels), plain!.evaluate(inputs, labels), 'in evaluation nothing is');
    t.same(dropping!.gradient(inputs, labels), plain!.gradient(inputs, labels), 'nor without a stream');
  }
});

t.test('a unit that was dropped has no gradient, and two layers drop different ones', async (t) => {
  const size = 64;
  const dropout = { layer: 'dropout', size, rate: 0.5 } as const;
  const bench = new NetworkBench([dense(2, size), dropout, dense(size, size), dropout, dense(size, 2)], 1);
  bench.network.initialise(bench.parameters, 1);
  const { gradient } = bench.gradient([1, -2], [1], stream());
  const first = gradient.subarray(2 * size, 3 * size);
  const second = gradient.subarray(3 * size + size * size, 4 * size + size * size);
  for (const biases of [first, second]) {
    const dropped = biases.filter((slope) => slope === 0).length;
    t.ok(dropped > size / 4 && dropped < (3 * size) / 4, `${dropped} of ${size}`);
  }
  t.ok(first.some((slope, unit) => (slope === 0) !== (second[unit] === 0)));
});

t.test('a NaN is not dropped', async (t) => {
  const bench = new NetworkBench([{ layer: 'dropout', size: 8, rate: 0.9 }, dense(8, 2)], 1);
  bench.network.initialise(bench.parameters, 1);
  t.ok(Number.isNaN(bench.gradient(new Float32Array(8).fill(NaN), [0], stream()).loss));
});
