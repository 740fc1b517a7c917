import type { Address } from '../../memory/regions.js';
import { Chain, sharedWorkspace } from '../chain.js';
import type { Layer } from '../layer.js';

/** output = layers(input) + shortcut(input), the shortcut being the input itself when it has no layers. In θ the layers' parameters come first. */
export function residual(layers: readonly Layer[], shortcut: readonly Layer[]): Layer {
  const all = [...layers, ...shortcut];
  const plans = new Map<number, { readonly main: Chain; readonly side: Chain | undefined }>();
  /** What a pass of so many samples keeps, and where. The same for the way back, which has as many. */
  const plan = (batch: number) => {
    const known = plans.get(batch);
    if (known !== undefined) return known;
    const made = { main: new Chain(layers, batch, true), side: shortcut.length === 0 ? undefined : new Chain(shortcut, batch, true) };
    plans.set(batch, made);
    return made;
  };
  const { main: one } = plan(1);
  const outputSize = one.outputSize;
  return {
    inputSize: one.inputSize,
    outputSize,
    parameterCount: all.reduce((sum, layer) => sum + layer.parameterCount, 0),
    inPlace: false,
    keptBytes: (batch) => plan(batch).main.bytes + (plan(batch).side?.bytes ?? 0),
    workspaceBytes: (kernels, batch) => sharedWorkspace(all, kernels, batch),

    forward({ output, kept, ...pass }) {
      const { main, side } = plan(pass.batch);
      const sum = main.forward({ ...pass, memory: kept });
      const parameters = (pass.parameters + 4 * main.parameterCount) as Address;
      const beside = side === undefined ? pass.input : side.forward({ ...pass, parameters, memory: (kept + main.bytes) as Address });
      pass.kernels.add(sum, beside, output, 0, pass.batch * outputSize);
    },

    backward({ output: _output, kept, outputGradient, inputGradient, ...pass }) {
      const { kernels, batch } = pass;
      const { main, side } = plan(batch);
      const wantsInputGradient = inputGradient !== undefined;
      const memory = (kept + main.bytes) as Address;
      // Copies, because a chain overwrites the gradient that it is given.
      kernels.copy(outputGradient, main.outputGradient(kept), 0, batch * outputSize);
      if (side !== undefined) kernels.copy(outputGradient, side.outputGradient(memory), 0, batch * outputSize);
      const slope = main.backward({ ...pass, memory: kept, wantsInputGradient });
      const offset = 4 * main.parameterCount;
      const beside = side === undefined ? outputGradient : side.backward({
        ...pass, memory, wantsInputGradient,
        parameters: (pass.parameters + offset) as Address,
        parametersGradient: (pass.parametersGradient + offset) as Address,
      });
      if (inputGradient !== undefined && slope !== undefined && beside !== undefined) kernels.add(slope, beside, inputGradient, 0, batch * one.inputSize);
    },

    initialise(parameters, stream) {
      one.initialise(parameters, () => stream);
      plan(1).side?.initialise(parameters.subarray(one.parameterCount), () => stream);
    },
  };
}
