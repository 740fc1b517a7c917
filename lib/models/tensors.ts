import { buildLayer } from './build.js';
import type { LayerSpecification } from './layer.js';

/** A layer's weights, or its biases: `length` float32 of θ from `offset` on. */
export interface Tensor {
  readonly offset: number;
  readonly length: number;
}

/** The tensors that θ consists of, in its order: of each layer with parameters first the weights (or scales), then the biases (or shifts); of a TensorFlow.js model its trainable weights. */
export function parameterTensors(layers: readonly LayerSpecification[]): Tensor[] {
  let offset = 0;
  return lengthsOf(layers).map((length) => {
    const tensor = { offset, length };
    offset += length;
    return tensor;
  });
}

function lengthsOf(layers: readonly LayerSpecification[]): number[] {
  return layers.flatMap((layer) => {
    if (layer.layer === 'residual') return lengthsOf([...layer.layers, ...layer.shortcut]);
    if (layer.layer === 'tensorflow') return layer.tensors;
    const { parameterCount } = buildLayer(layer);
    const biases = layer.layer === 'dense' ? layer.outputs : layer.layer === 'convolution' ? layer.filters : layer.layer === 'group-norm' ? layer.channels : 0;
    return [parameterCount - biases, biases].filter((length) => length > 0);
  });
}
