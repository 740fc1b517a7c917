import type { LayersModel, Variable } from '@tensorflow/tfjs';
import type { TensorFlow } from './engine.js';

/** The trainable weights of a model or a layer, as what gradients are taken by. */
export function variablesOf(tf: TensorFlow, { trainableWeights }: Pick<LayersModel, 'trainableWeights'>): Variable[] {
  return trainableWeights.map((weight): Variable => {
    const variable: unknown = weight.read();
    if (!(variable instanceof tf.Variable)) throw new TypeError(`the weight ${weight.name} is no variable`);
    return variable as Variable;
  });
}
