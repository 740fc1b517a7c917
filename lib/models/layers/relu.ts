import type { Layer } from '../layer.js';

/** max(0, x), in place. */
export function relu(size: number): Layer {
  return {
    inputSize: size,
    outputSize: size,
    parameterCount: 0,
    inPlace: true,
    keptBytes: () => 0,
    workspaceBytes: () => 0,
    forward({ kernels, batch, output }) {
      kernels.relu(output, batch * size);
    },
    backward({ kernels, batch, output, outputGradient }) {
      kernels.reluBackward(outputGradient, output, batch * size);
    },
    initialise() {
      // nothing to initialise: it has no parameters
    },
  };
}
