import { outputLength, type ConvolutionGeometry } from '../../kernels/sizes.js';
import { initialiseWeights } from '../initialise.js';
import type { Initialisation, Layer } from '../layer.js';

/** output = input ∗ W + b, with W (filters × channels × kernel × kernel) before b (filters) in θ: cross-correlation, as everybody calls convolution. */
export function convolution(geometry: ConvolutionGeometry, initialisation: Initialisation): Layer {
  const { channels, height, width, filters, kernel, stride, padding } = geometry;
  const patch = channels * kernel * kernel;
  const weightCount = filters * patch;
  const positions = outputLength(height + 2 * padding, kernel, stride) * outputLength(width + 2 * padding, kernel, stride);
  return {
    inputSize: channels * height * width,
    outputSize: filters * positions,
    parameterCount: weightCount + filters,
    inPlace: false,
    keptBytes: () => 0,
    workspaceBytes: (kernels) => kernels.convolutionWorkspace(geometry),

    forward({ kernels, batch, parameters, input, output, workspace }) {
      kernels.convolution(input, parameters, output, batch, channels, height, width, filters, kernel, stride, padding, workspace);
    },

    backward({ kernels, batch, parameters, parametersGradient, input, outputGradient, inputGradient, workspace }) {
      kernels.convolutionParametersGradient(
        input, outputGradient, parametersGradient, batch, channels, height, width, filters, kernel, stride, padding, workspace,
      );
      if (inputGradient !== undefined) {
        kernels.convolutionInputGradient(
          outputGradient, parameters, inputGradient, batch, channels, height, width, filters, kernel, stride, padding, workspace,
        );
      }
    },

    initialise(parameters, stream) {
      const [weights, biases] = [parameters.subarray(0, weightCount), parameters.subarray(weightCount)];
      initialiseWeights(initialisation, weights, biases, patch, filters * kernel * kernel, stream);
    },
  };
}
