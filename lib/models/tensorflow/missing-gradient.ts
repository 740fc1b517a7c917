import type { LayersModel, SymbolicTensor, Tensor } from '@tensorflow/tfjs';
import { messageOf } from '../../modules/exports.js';
import type { Engine } from './engine.js';
import { layersOf } from './layers.js';
import { variablesOf } from './variables.js';

/** What keeps a model from being trained on a backend: names the layer and what to do. */
export interface MissingGradient {
  readonly message: string;
  /** Another backend may have it. */
  readonly ofBackend: boolean;
}

/** Tries a gradient of two samples; undefined when there is one. */
export function findMissingGradient({ tf, backend, engine }: Engine, model: LayersModel): MissingGradient | undefined {
  const samples = (shape: SymbolicTensor['shape']): Tensor => tf.ones([2, ...shape.slice(1).map((length) => length ?? 1)]);
  const attempt = (work: () => unknown): string | undefined => {
    try {
      tf.tidy(() => { work(); });
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  };
  const whole = attempt(() => {
    const x = samples(model.inputs[0]?.shape ?? []);
    return tf.variableGrads(() => tf.sum(model.apply(x, { training: true }) as Tensor), variablesOf(tf, model));
  });
  if (whole === undefined) return undefined;

  const ofBackend = whole.includes('not registered');
  const todo = ofBackend
    ? `use "backend": "cpu", or install @tensorflow/tfjs-node`
    : 'no backend of TensorFlow.js can train through it';
  let weighted = false;
  for (const { layer, name, isModel, isPart } of layersOf(tf, model)) {
    if (isModel || isPart || layer.getClassName() === 'InputLayer') continue;
    const before = weighted;
    weighted ||= layer.trainableWeights.length > 0;
    const cause = attempt(() => {
      const inputs = [layer.getInputAt(0)].flat().map(({ shape }) => samples(shape));
      const out = (...x: Tensor[]): Tensor => tf.sum([layer.apply(x.length === 1 ? (x[0] as Tensor) : x, { training: true })].flat()[0] as Tensor);
      if (layer.trainableWeights.length > 0) tf.variableGrads(() => out(...inputs) as ReturnType<typeof tf.scalar>, variablesOf(tf, layer));
      // Nobody needs the gradient by the data.
      if (before) tf.grads(out)(inputs);
    });
    if (cause !== undefined) return { ofBackend, message: `${name}, has no gradient on the backend "${backend}" of ${engine} (${cause}): ${todo}` };
  }
  return { ofBackend, message: `the model has no gradient on the backend "${backend}" of ${engine} (${whole}): ${todo}` };
}
