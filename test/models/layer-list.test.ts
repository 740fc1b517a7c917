import t from 'tap';
import { assemble } from '../../lib/models/assemble.js';
import { cnnBaruch2019 } from '../../lib/models/cnn-baruch-2019.js';
import { cnnMnist } from '../../lib/models/cnn-mnist.js';
import type { LayerDescription } from '../../lib/models/layer-list.js';
import { parameterCount } from '../../lib/models/network.js';
import { resnet8 } from '../../lib/models/resnet-8.js';
import type { Shape } from '../../lib/models/shape.js';
import { ParameterError } from '../../lib/registry/problems.js';
import { expand, ScenarioError, simulate } from '../../lib/index.js';

const CIFAR: Shape = { channels: 3, height: 32, width: 32 };
const MNIST: Shape = { channels: 1, height: 28, width: 28 };
const BASE = { workers: 5, dataset: 'digits', aggregator: 'mean' };

t.test('the paper’s networks have the paper’s numbers of parameters', async (t) => {
  t.equal(parameterCount(cnnBaruch2019.layers({}, CIFAR, 10)), 117_706);
  t.equal(parameterCount(cnnMnist.layers({}, MNIST, 10)), 8 * 26 + 16 * 201 + 257 * 64 + 65 * 10);
  const stage = (from: number, to: number): number => to * (9 * from + 1) + to * (9 * to + 1) + 4 * to;
  t.equal(parameterCount(resnet8.layers({}, CIFAR, 10)), 16 * 28 + 32 + stage(16, 16) + stage(16, 32) + 32 * 17 + stage(32, 64) + 64 * 33 + 650);
});

t.test('a list says what each layer takes and gives, from the data to the classes', async (t) => {
  const list: LayerDescription[] = [
    { layer: 'convolution', filters: 5, kernel: 3, stride: 2, padding: 1 }, { layer: 'relu' }, { layer: 'max-pool', size: 3, stride: 2 },
    { layer: 'average-pool', size: 2 }, { layer: 'dense', units: 10, initialisation: 'he-normal' },
  ];
  t.same(assemble(list, { channels: 2, height: 30, width: 28 }, 10, 'model.layers'), [
    { layer: 'convolution', channels: 2, height: 30, width: 28, filters: 5, kernel: 3, stride: 2, padding: 1, initialisation: 'uniform-fan-in' },
    { layer: 'relu', size: 5 * 15 * 14 },
    { layer: 'max-pool', channels: 5, height: 15, width: 14, size: 3, stride: 2 },
    { layer: 'average-pool', channels: 5, height: 7, width: 6, size: 2, stride: 2 },
    { layer: 'dense', inputs: 5 * 3 * 3, outputs: 10, initialisation: 'he-normal' },
  ]);
});

/** A list that can't be, and what is said of it. */
const IMPOSSIBLE: readonly (readonly [list: LayerDescription[], path: string, message: RegExp])[] = [
  [[{ layer: 'relu' }, { layer: 'convolution', filters: 4, kernel: 29 }], 'model.layers.1', /layer 1, convolution: a kernel of 29 × 29 doesn't fit into the 1 × 28 × 28 .*a kernel from 1 to 28 does/],
  [[{ layer: 'convolution', filters: 4, kernel: 31, padding: 1 }], 'model.layers.0', /with a margin of 1.*from 1 to 30/],
  [[{ layer: 'max-pool', size: 14 }, { layer: 'average-pool', size: 3 }], 'model.layers.1', /layer 1, average-pool: a window of 3 × 3 doesn't fit into the 1 × 2 × 2 .*a size from 1 to 2/],
  [[{ layer: 'dense', units: 10 }, { layer: 'max-pool', size: 2 }], 'model.layers.1', /into the 10 × 1 × 1/],
  [[{ layer: 'dense', units: 12 }], 'model.layers.0', /layer 0, dense: 12 × 1 × 1 .* comes out of the last layer and the data set has 10 classes; end with a dense layer of 10 units/],
  [[{ layer: 'relu' }], 'model.layers.0', /1 × 28 × 28/],
  [[{ layer: 'dense', units: 12 }, { layer: 'group-norm', groups: 5 }], 'model.layers.1', /layer 1, group-norm: 5 groups don't divide the channels of the 12 × 1 × 1 .*1, 2, 3, 4, 6 or 12/],
  [[{ layer: 'residual', layers: [{ layer: 'dense', units: 9 }] }], 'model.layers.0', /layer 0, residual: its layers give 9 × 1 × 1 .* its shortcut gives 1 × 28 × 28/],
  [[{ layer: 'residual', layers: [{ layer: 'relu' }], shortcut: [{ layer: 'relu' }, { layer: 'max-pool', size: 29 }] }], 'model.layers.0.shortcut.1', /layer 1, max-pool/],
];

t.test('a list that doesn’t fit together is refused, naming the layer, what comes in and what is allowed', async (t) => {
  for (const [list, path, message] of IMPOSSIBLE) {
    try {
      assemble(list, MNIST, 10, 'model.layers');
      t.fail(JSON.stringify(list));
    } catch (error) {
      t.type(error, ParameterError);
      t.match((error as ParameterError).problems, [{ path, message }], JSON.stringify(list));
    }
  }
  t.throws(() => cnnBaruch2019.layers({}, { channels: 1, height: 10, width: 10 }, 10), /^model: layer 3, convolution: a kernel of 4 × 4 doesn't fit into the 16 × 2 × 2/);
});

t.test('a run with such a list is refused before anything starts', async (t) => {
  const model = { layers: [{ layer: 'max-pool', size: 40 }, { layer: 'dense', units: 10 }] };
  await t.rejects(simulate({ ...BASE, model }).result, { name: 'ParameterError', message: /^model\.layers\.0: layer 0, max-pool: a window of 40 × 40/ });
});

t.test('a list needs no name, and a grid may vary what is in it', async (t) => {
  const layers = [{ layer: 'convolution', filters: 4, kernel: 3 }, { layer: 'dense', units: 10 }];
  const runs = expand({ ...BASE, model: { layers }, grid: { 'model.layers.0.filters': [4, 8] } });
  const whole = { layer: 'convolution', kernel: 3, stride: 1, padding: 0, initialisation: 'uniform-fan-in' };
  t.same(runs.map(({ configuration }) => configuration.model), [4, 8].map((filters) => ({ name: 'layers', layers: [{ ...whole, filters }, { layer: 'dense', units: 10, initialisation: 'uniform-fan-in' }] })));
  t.same(expand(runs[0]?.configuration)[0]?.configuration.model, runs[0]?.configuration.model, 'as in a manifest');
});

/** What is wrong inside a list, and what is said of it. */
const REFUSED: readonly (readonly [model: object, path: string, message: RegExp])[] = [
  [{ name: 'layers' }, 'model.layers', /is required: a list/],
  [{ layers: [] }, 'model.layers', /at least 1 long/],
  [{ layers: [{ layer: 'convolutoin' }] }, 'model.layers.0.layer', /"convolutoin" is unknown; allowed: convolution, .*; the nearest is "convolution"/],
  [{ layers: [{ units: 3 }] }, 'model.layers.0.layer', /is required: "convolution", .* or "/],
  [{ layers: [{ layer: 'dense', units: 3, bias: false }] }, 'model.layers.0.bias', /unknown key "bias"; allowed: layer, units, initialisation$/],
  [{ layers: [{ layer: 'dense', units: 0 }] }, 'model.layers.0.units', /at least 1/],
  [{ layers: [{ layer: 'max-pool' }] }, 'model.layers.0.size', /is required/],
  [{ layers: [{ layer: 'convolution', filters: 3, kernel: 3, initialisation: 'he' }] }, 'model.layers.0.initialisation', /"he" is unknown; allowed: uniform-fan-in, he-normal, xavier-uniform/],
  [{ layers: [{ layer: 'residual', layers: [{ layer: 'residual', layers: [] }] }] }, 'model.layers.0.layers.0.layer', /"residual" is unknown/],
  [{ layers: [{ layer: 'dropout', rate: 1 }] }, 'model.layers.0.rate', /less than 1/],
  [{ layers: ['relu'] }, 'model.layers.0', /must be an object/],
  [{ layer: [] }, 'model.name', /is required/],
];

t.test('what is wrong inside a list is said where it stands', async (t) => {
  for (const [model, path, message] of REFUSED) {
    try {
      expand({ ...BASE, model });
      t.fail(JSON.stringify(model));
    } catch (error) {
      t.type(error, ScenarioError);
      t.match((error as ScenarioError).problems, [{ path, message }], JSON.stringify(model));
    }
  }
});
