import { outputLength } from '../../kernels/sizes.js';
import type { Layer, PoolGeometry } from '../layer.js';

/** The greatest value of each window; the gradient goes to the first of equal ones. It keeps which ones they were. */
export function maxPool({ channels, height, width, size, stride }: PoolGeometry): Layer {
  const outputSize = channels * outputLength(height, size, stride) * outputLength(width, size, stride);
  return {
    inputSize: channels * height * width,
    outputSize,
    parameterCount: 0,
    inPlace: false,
    keptBytes: (batch) => 4 * batch * outputSize,
    workspaceBytes: () => 0,
    forward({ kernels, batch, input, output, kept }) {
      kernels.maxPool(input, output, kept, batch * channels, height, width, size, stride);
    },
    backward({ kernels, batch, outputGradient, inputGradient, kept }) {
      if (inputGradient !== undefined) kernels.maxPoolBackward(outputGradient, kept, inputGradient, batch * channels, height, width, size, stride);
    },
    initialise() {
      // nothing to initialise: it has no parameters
    },
  };
}
