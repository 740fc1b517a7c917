import type { Stream } from '../../data/random.js';
import type { Address } from '../../memory/regions.js';
import type { Initialisation, Layer } from '../layer.js';

/** output = input · W + b, with W (inputs × outputs, row-major) before b (outputs) in θ. */
export function dense(inputs: number, outputs: number, initialisation: Initialisation): Layer {
  const weightCount = inputs * outputs;
  const biasOf = (parameters: Address): Address => (parameters + 4 * weightCount) as Address;
  return {
    inputSize: inputs,
    outputSize: outputs,
    parameterCount: weightCount + outputs,
    inPlace: false,

    workspaceBytes: (kernels, batch) =>
      Math.max(
        kernels.multiplyWorkspace(batch, outputs, inputs),
        kernels.multiplyWorkspace(inputs, outputs, batch),
        kernels.multiplyWorkspace(batch, inputs, outputs),
      ),

    forward({ kernels, batch, parameters, input, output, workspace }) {
      kernels.multiply(input, parameters, output, batch, outputs, inputs, workspace);
      kernels.addBias(output, biasOf(parameters), batch, outputs);
    },

    backward({ kernels, batch, parameters, parametersGradient, input, outputGradient, inputGradient, workspace }) {
      kernels.multiplyTransposedA(input, outputGradient, parametersGradient, inputs, outputs, batch, workspace);
      kernels.sumRows(outputGradient, biasOf(parametersGradient), batch, outputs);
      if (inputGradient !== undefined) {
        kernels.multiplyTransposedB(outputGradient, parameters, inputGradient, batch, inputs, outputs, workspace);
      }
    },

    initialise(parameters, stream) {
      const weights = parameters.subarray(0, weightCount);
      const biases = parameters.subarray(weightCount, weightCount + outputs);
      switch (initialisation) {
        case 'xavier-uniform': // Glorot and Bengio 2010; biases as PyTorch's linear layer
          fillUniform(weights, Math.sqrt(6 / (inputs + outputs)), stream);
          fillUniform(biases, 1 / Math.sqrt(inputs), stream);
          return;
        case 'uniform-fan-in': // PyTorch's linear layer
          fillUniform(weights, 1 / Math.sqrt(inputs), stream);
          fillUniform(biases, 1 / Math.sqrt(inputs), stream);
          return;
        case 'he-normal': // He et al. 2015
          for (let i = 0; i < weights.length; i++) weights[i] = stream.normal() * Math.sqrt(2 / inputs);
          biases.fill(0);
          return;
      }
    },
  };
}

function fillUniform(values: Float32Array, limit: number, stream: Stream): void {
  for (let i = 0; i < values.length; i++) values[i] = (2 * stream.uniform() - 1) * limit;
}
