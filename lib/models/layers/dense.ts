import type { Address } from '../../memory/regions.js';
import { initialiseWeights } from '../initialise.js';
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
    keptBytes: () => 0,

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
      initialiseWeights(initialisation, parameters.subarray(0, weightCount), parameters.subarray(weightCount), inputs, outputs, stream);
    },
  };
}
