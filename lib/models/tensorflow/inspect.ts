import { Stream } from '../../data/random.js';
import { ModuleError } from '../../modules/module.js';
import { buildModel, importModel, parametersOf, type Task } from './build.js';
import type { Backend } from './engine-choice.js';
import { enginesFor, startEngine } from './engine.js';
import { findMissingGradient } from './missing-gradient.js';
import { TensorFlowModel } from './model.js';
import type { ModelFacts } from './specification.js';
import { inTurn, type Turn } from './turn.js';

/** What is asked of a model before its run is planned. */
export interface ModelInspection extends Task {
  readonly file: string;
  readonly backend: Backend | 'auto';
  /** The module's own parameters, as the scenario gives them. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly turn: Turn;
}

/** Builds a user's model once, on the first backend that has a gradient for every layer. Runs the user's code: only in a thread. Throws a ModuleError. */
export async function inspectModel({ file, backend, given, shape, classes, turn }: ModelInspection): Promise<ModelFacts> {
  return inTurn(turn, async () => {
    const module = await importModel(file, 'inspection');
    const parameters = parametersOf(module, given, file);
    const { choices, note } = enginesFor(file, backend);
    let without: string | undefined;
    for (const choice of choices) {
      const engine = await startEngine(choice, file);
      const { model, layout } = await buildModel(engine, module, parameters, { shape, classes }, new Stream(0, 'initialisation'), file);
      const missing = findMissingGradient(engine, model);
      if (missing !== undefined) {
        without = missing.message;
        if (missing.ofBackend) continue;
        break;
      }
      const built = new TensorFlowModel(engine, model, layout);
      return {
        ...choice, file, parameters, shape, version: engine.version,
        inputs: shape[0] * shape[1] * shape[2],
        outputs: classes,
        parameterCount: built.parameterCount,
        tensors: built.tensors,
        hidden: built.hiddenSize,
        weights: model.trainableWeights.map((weight) => ({ name: weight.originalName, shape: weight.shape as number[] })),
        note: note === undefined ? undefined : `it runs on the backend "${choice.backend}" of ${choice.engine} ${engine.version}, because ${note}`,
      };
    }
    throw new ModuleError(`${file}: ${without ?? 'there is no backend to run it on'}`);
  });
}
