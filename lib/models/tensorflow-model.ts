import { z } from 'zod';
import { ParameterError } from '../registry/problems.js';
import type { Model } from './model.js';
import { plannedModel } from './tensorflow/specification.js';

/** Other keys are the module's own parameters; `planned` is added when the run is planned. */
const parameters = z.looseObject({
  tfjs: z.string().min(1).describe("the file of an ES module of your own whose default export is a function (tf, { shape, classes, parameters }) that returns a tf.LayersModel, relative to the scenario's; it runs with your rights"),
  backend: z
    .enum(['auto', 'tensorflow', 'wasm', 'cpu'])
    .default('auto')
    .describe('auto: tensorflow (@tensorflow/tfjs-node) where that is installed, else wasm where @tensorflow/tfjs-backend-wasm is and has a gradient for every layer, else cpu'),
  sha256: z.string().optional().describe('what the file has to be, lower-case hexadecimal; written into manifests'),
});

/** A TensorFlow.js layers model of the user's own. */
export const tensorflowModel: Model<z.input<typeof parameters>> = {
  name: 'tfjs',
  description: 'a TensorFlow.js layers model of your own, computed by the TensorFlow.js that you install',
  source: 'https://js.tensorflow.org/api/latest/#Models-Creation',
  parameters,
  impliedBy: 'tfjs',
  layers(given) {
    const facts = plannedModel(given);
    if (facts === undefined) throw new ParameterError([{ path: 'model.tfjs', message: `${given.tfjs} has not been asked yet what it is` }]);
    const { engine, backend, file, parameters, shape, inputs, outputs, parameterCount, tensors, hidden } = facts;
    return [{ layer: 'tensorflow', engine, backend, file, parameters, shape, inputs, outputs, parameterCount, tensors, hidden }];
  },
};
