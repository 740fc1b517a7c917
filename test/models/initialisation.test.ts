import t, { type Test } from 'tap';
import { mean, variance } from 'simple-statistics';
import type { LayerSpecification } from '../../lib/models/layer.js';
import { mlp } from '../../lib/models/mlp.js';
import { MODELS } from '../../lib/models/registry.js';
import { vector } from '../../lib/models/shape.js';
import { NetworkBench } from './bench.js';

/** Parameters without which a model can't be had. */
const NEEDED: Readonly<Record<string, object>> = { layers: { layers: [{ layer: 'convolution', filters: 4, kernel: 8, stride: 8 }, { layer: 'dense', units: 4 }] } };

/** As text that is equal only when every bit is. */
function bits(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex');
}

function initialised(layers: LayerSpecification[], seed: number): Float32Array {
  const bench = new NetworkBench(layers, 1);
  bench.network.initialise(bench.parameters, seed);
  return bench.parameters.slice();
}

/** Uniform on ±limit: within it, close to it, mean about 0, variance limit²/3. */
function looksUniform(t: Test, values: ArrayLike<number>, limit: number, what: string): void {
  const list = Array.from(values);
  const greatest = Math.max(...list.map(Math.abs));
  t.ok(greatest <= Math.fround(limit), `${what}: at most ${limit}`);
  if (list.length < 100) return;
  t.ok(greatest > 0.9 * limit, `${what}: reaches to ${limit}`);
  // Six standard errors.
  const n = list.length;
  t.ok(Math.abs(mean(list)) < 6 * (limit / Math.sqrt(3 * n)), `${what}: mean`);
  t.ok(Math.abs(variance(list) / (limit ** 2 / 3) - 1) < 6 * Math.sqrt(0.8 / n), `${what}: variance`);
}

t.test('baruch-2019, the default: Xavier-uniform first weights, everything else uniform ±1/√fan_in', async (t) => {
  const parameters = initialised(mlp.layers({ hidden: [100] }, vector(784), 10), 7);
  looksUniform(t, parameters.subarray(0, 78_400), Math.sqrt(6 / 884), 'first weights');
  looksUniform(t, parameters.subarray(78_400, 78_500), 1 / Math.sqrt(784), 'first biases');
  looksUniform(t, parameters.subarray(78_500, 79_500), 1 / Math.sqrt(100), 'second weights');
  looksUniform(t, parameters.subarray(79_500), 1 / Math.sqrt(100), 'second biases');
  t.equal(bits(initialised(mlp.layers({ hidden: [100], initialisation: 'baruch-2019' }, vector(784), 10), 7)), bits(parameters));
});

t.test('he: normal weights of variance 2/fan_in, biases 0', async (t) => {
  const parameters = initialised(mlp.layers({ hidden: [100], initialisation: 'he' }, vector(784), 10), 7);
  for (const [begin, end, fanIn] of [[0, 78_400, 784], [78_500, 79_500, 100]] as const) {
    const scaled = Array.from(parameters.subarray(begin, end), (value) => value / Math.sqrt(2 / fanIn));
    const n = scaled.length;
    t.ok(Math.abs(mean(scaled)) < 6 / Math.sqrt(n), 'mean');
    t.ok(Math.abs(variance(scaled) - 1) < 6 * Math.sqrt(2 / n), 'variance');
    const withinOne = scaled.filter((value) => Math.abs(value) < 1).length / n;
    t.ok(Math.abs(withinOne - 0.6827) < 6 * Math.sqrt(0.2166 / n), 'the share within one deviation is a normal distribution’s');
  }
  t.ok(parameters.subarray(78_400, 78_500).every((bias) => bias === 0));
  t.ok(parameters.subarray(79_500).every((bias) => bias === 0));
});

t.test('every model begins the same with the same seed and differently with another', async (t) => {
  for (const model of MODELS) {
    // Made of a file of the user's own: test/models/tensorflow-model.test.ts.
    if (model.name === 'tfjs') continue;
    const layers = model.layers(model.parameters.parse(NEEDED[model.name] ?? {}), { channels: 3, height: 32, width: 32 }, 4);
    t.equal(bits(initialised(layers, 1)), bits(initialised(layers, 1)), model.name);
    t.not(bits(initialised(layers, 1)), bits(initialised(layers, 2)), model.name);
  }
});

t.test('layers of the same shape begin differently', async (t) => {
  const parameters = initialised(mlp.layers({ hidden: [8, 8, 8], initialisation: 'he' }, vector(8), 8), 1);
  const layer = 8 * 8 + 8;
  t.not(bits(parameters.slice(0, layer)), bits(parameters.slice(layer, 2 * layer)));
  t.not(bits(parameters.slice(layer, 2 * layer)), bits(parameters.slice(2 * layer, 3 * layer)));
});
