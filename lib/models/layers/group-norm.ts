import type { Address } from '../../memory/regions.js';
import type { Layer } from '../layer.js';

const NOT_WANTED = 0 as Address;

/** Wu and He 2018: each group of channels of a sample to mean 0 and variance 1, then a scale and a shift for each channel, in θ in this order. */
export function groupNorm(channels: number, positions: number, groups: number): Layer {
  return {
    inputSize: channels * positions,
    outputSize: channels * positions,
    parameterCount: 2 * channels,
    inPlace: false,
    keptBytes: (batch) => 16 * batch * groups,
    workspaceBytes: () => 16 * channels,
    forward({ kernels, batch, parameters, input, output, kept }) {
      kernels.groupNorm(input, parameters, output, kept, batch, channels, positions, groups);
    },
    backward({ kernels, batch, parameters, parametersGradient, input, outputGradient, inputGradient = NOT_WANTED, kept, workspace }) {
      kernels.groupNormBackward(input, parameters, outputGradient, kept, parametersGradient, inputGradient, workspace, batch, channels, positions, groups);
    },
    initialise(parameters) {
      parameters.fill(1, 0, channels).fill(0, channels);
    },
  };
}
