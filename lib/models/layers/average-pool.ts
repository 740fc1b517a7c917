import { outputLength } from '../../kernels/sizes.js';
import type { Layer, PoolGeometry } from '../layer.js';

/** The mean of each window. */
export function averagePool({ channels, height, width, size, stride }: PoolGeometry): Layer {
  return {
    inputSize: channels * height * width,
    outputSize: channels * outputLength(height, size, stride) * outputLength(width, size, stride),
    parameterCount: 0,
    inPlace: false,
    keptBytes: () => 0,
    workspaceBytes: () => 0,
    forward({ kernels, batch, input, output }) {
      kernels.averagePool(input, output, batch * channels, height, width, size, stride);
    },
    backward({ kernels, batch, outputGradient, inputGradient }) {
      if (inputGradient !== undefined) kernels.averagePoolBackward(outputGradient, inputGradient, batch * channels, height, width, size, stride);
    },
    initialise() {
      // nothing to initialise: it has no parameters
    },
  };
}
