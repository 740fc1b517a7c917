import { Stream } from '../../data/random.js';
import type { Address } from '../../memory/regions.js';
import type { Layer } from '../layer.js';
import { loadedModel } from '../tensorflow/loaded.js';
import type { TensorFlowSpecification } from '../tensorflow/specification.js';

const SEED_WORDS = 2;

/**
 * A whole model of the user's own, from the data to the logits, computed by TensorFlow.js. Its way back computes the way there once more, since TensorFlow.js
 * does both in one call; it keeps what its random numbers were drawn from, so that they are the same. Its weights begin as its own initialisers say.
 */
export function tensorflow({ file, inputs, outputs, parameterCount, hidden }: TensorFlowSpecification): Layer {
  return {
    inputSize: inputs,
    outputSize: outputs,
    parameterCount,
    inPlace: false,
    keptBytes: () => 4 * SEED_WORDS,
    workspaceBytes: () => 0,

    forward({ kernels, batch, parameters, input, output, kept, random }) {
      const { buffer } = kernels.memory;
      const values = (address: Address, count: number) => new Float32Array(buffer, address, count);
      const seed = new Uint32Array(buffer, kept, SEED_WORDS);
      seed.set(random === undefined ? [0, 0] : [1, random.uint32()]);
      loadedModel(file).forward(values(parameters, parameterCount), values(input, batch * inputs), batch, values(output, batch * outputs), streamOf(seed));
    },

    backward({ kernels, batch, parameters, parametersGradient, input, outputGradient, inputGradient, kept }) {
      if (inputGradient !== undefined) throw new TypeError('a TensorFlow.js model is a whole network: it has no gradient by its input');
      const { buffer } = kernels.memory;
      const values = (address: Address, count: number) => new Float32Array(buffer, address, count);
      loadedModel(file).backward(
        values(parameters, parameterCount), values(input, batch * inputs), batch, values(outputGradient, batch * outputs), values(parametersGradient, parameterCount),
        streamOf(new Uint32Array(buffer, kept, SEED_WORDS)),
      );
    },

    initialise(parameters) {
      loadedModel(file).copyInitialParameters(parameters);
    },

    hidden: {
      size: hidden,
      compute({ kernels, batch, parameters, input, output }) {
        const { buffer } = kernels.memory;
        const values = (address: Address, count: number) => new Float32Array(buffer, address, count);
        loadedModel(file).hidden(values(parameters, parameterCount), values(input, batch * inputs), batch, values(output, batch * hidden));
      },
    },
  };
}

/** Absent in evaluation. */
function streamOf([training = 0, key = 0]: Uint32Array): Stream | undefined {
  return training === 0 ? undefined : new Stream(key, 'dropout');
}
