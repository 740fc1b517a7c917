import type { Layer } from '../layer.js';

const STATE_WORDS = 4;

/**
 * Srivastava et al. 2014, scaled in training: a share `rate` of the values is set to 0 and the others are divided by 1 − rate, in place; in evaluation
 * nothing happens. It keeps the state of its generator, drawn from the pass's stream; all zeros, which no generator can have, means nothing was dropped.
 */
export function dropout(size: number, rate: number): Layer {
  const threshold = Math.min(2 ** 32 - 1, Math.round(rate * 2 ** 32));
  const scale = 1 / (1 - rate);
  return {
    inputSize: size,
    outputSize: size,
    parameterCount: 0,
    inPlace: true,
    keptBytes: () => 4 * STATE_WORDS,
    workspaceBytes: () => 0,
    forward({ kernels, batch, output, kept, random }) {
      const state = new Uint32Array(kernels.memory.buffer, kept, STATE_WORDS).fill(0);
      if (random === undefined || rate === 0) return;
      for (let word = 0; word < STATE_WORDS; word++) state[word] = random.uint32();
      if (state.every((word) => word === 0)) state[0] = 1;
      kernels.dropout(output, batch * size, threshold, scale, kept);
    },
    backward({ kernels, batch, outputGradient, kept }) {
      const dropped = new Uint32Array(kernels.memory.buffer, kept, STATE_WORDS).some((word) => word !== 0);
      if (dropped) kernels.dropout(outputGradient, batch * size, threshold, scale, kept);
    },
    initialise() {
      // nothing to initialise: it has no parameters
    },
  };
}
