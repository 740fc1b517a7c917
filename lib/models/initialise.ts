import type { Stream } from '../data/random.js';
import type { Initialisation } from './layer.js';

/** Fills a layer's first weights and biases. `fanIn`, `fanOut`: how many inputs an output depends on, and outputs an input goes to. */
export function initialiseWeights(
  initialisation: Initialisation, weights: Float32Array, biases: Float32Array, fanIn: number, fanOut: number, stream: Stream,
): void {
  switch (initialisation) {
    case 'xavier-uniform': // Glorot and Bengio 2010; biases as PyTorch's layers
      fillUniform(weights, Math.sqrt(6 / (fanIn + fanOut)), stream);
      fillUniform(biases, 1 / Math.sqrt(fanIn), stream);
      return;
    case 'uniform-fan-in': // PyTorch's linear and convolutional layers
      fillUniform(weights, 1 / Math.sqrt(fanIn), stream);
      fillUniform(biases, 1 / Math.sqrt(fanIn), stream);
      return;
    case 'he-normal': // He et al. 2015
      for (let i = 0; i < weights.length; i++) weights[i] = stream.normal() * Math.sqrt(2 / fanIn);
      biases.fill(0);
      return;
  }
}

function fillUniform(values: Float32Array, limit: number, stream: Stream): void {
  for (let i = 0; i < values.length; i++) values[i] = (2 * stream.uniform() - 1) * limit;
}
