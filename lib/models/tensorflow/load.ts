import { Stream } from '../../data/random.js';
import { buildModel, importModel } from './build.js';
import { startEngine } from './engine.js';
import { keepLoaded } from './loaded.js';
import { findMissingGradient } from './missing-gradient.js';
import { TensorFlowModel } from './model.js';
import type { TensorFlowSpecification } from './specification.js';
import { inTurn, type Turn } from './turn.js';

/**
 * Builds a run's model in this thread, for the layer that a network makes of it. `seed`: the run's, from which every thread draws the same first weights;
 * `key` tells this run's imports from an earlier run's. Throws a ModuleError.
 */
export async function loadModel(specification: TensorFlowSpecification, seed: number, turn: Turn, key: string): Promise<void> {
  const { file, parameters, shape, outputs } = specification;
  await inTurn(turn, async () => {
    const engine = await startEngine(specification, file);
    const module = await importModel(file, key);
    const { model, layout } = await buildModel(engine, module, parameters, { shape, classes: outputs }, new Stream(seed, 'initialisation'), file);
    // The first calls are made while no other thread makes its own.
    findMissingGradient(engine, model);
    keepLoaded(file, new TensorFlowModel(engine, model, layout));
  });
}
