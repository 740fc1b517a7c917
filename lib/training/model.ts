import type { DatasetDescription } from '../data/dataset.js';
import type { LayerSpecification } from '../models/layer.js';
import type { ModelInspection } from '../models/tensorflow/inspect.js';
import { type ModelFacts, PlannedTensorFlowModel } from '../models/tensorflow/specification.js';
import { endTurn, newTurn } from '../models/tensorflow/turn.js';
import type { RunConfiguration } from '../scenario/configuration.js';
import { canonicalJson } from '../scenario/hash.js';
import { ask, askingPool } from './ask.js';
import { DEFAULT_STALL_TIMEOUT } from './thread-pool.js';

/** What models said, by what they were asked: the runs of a grid ask the same. */
export type ModelInspections = Map<string, Promise<ModelFacts>>;

/** Keys of `model` that are no parameters of the module's own. */
const APART: readonly string[] = ['name', 'tfjs', 'sha256', 'backend'];

/** How long a model may take, and what ends the wait for it. */
export interface InspectionLimits {
  /** Seconds that it has to be built and to compute one gradient: as long as a phase may go without a sign of work. */
  readonly stallTimeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A configuration whose TensorFlow.js model, if it has one, has said what it is for the data set: built once, in a thread of its own. Throws a ModuleError for
 * one that can't be used, because of the module, the data set's shape or classes, what is installed, or a layer without a gradient; and the signal's reason.
 */
export async function inspectModel(configuration: RunConfiguration, { shape, classes }: DatasetDescription, known: ModelInspections, limits: InspectionLimits): Promise<RunConfiguration> {
  const { model } = configuration;
  const { name, tfjs: file } = model;
  if (name !== 'tfjs' || typeof file !== 'string') return configuration;
  const given = Object.fromEntries(Object.entries(model).filter(([key]) => !APART.includes(key)));
  const request: Omit<ModelInspection, 'turn'> = { file, backend: model['backend'] as ModelInspection['backend'], given, shape, classes };
  const key = canonicalJson([request, model['sha256']]);
  const facts = known.get(key) ?? buildOnce(request, limits);
  known.set(key, facts);
  return { ...configuration, model: { ...model, planned: new PlannedTensorFlowModel(await facts) } };
}

/** Whether only threads have the model, so that its first parameters come from one of them. */
export function isOfThreads(layers: readonly LayerSpecification[]): boolean {
  return layers.some(({ layer }) => layer === 'tensorflow');
}

async function buildOnce(given: Omit<ModelInspection, 'turn'>, { stallTimeout: patience = DEFAULT_STALL_TIMEOUT, signal }: InspectionLimits): Promise<ModelFacts> {
  // The pool's threads are the only ones to compute with. Native code reads it when it is first called, and only the main thread can set it for the process.
  process.env['TF_NUM_INTRAOP_THREADS'] ??= '1';
  const turn = newTurn();
  const request: ModelInspection = { ...given, turn };
  const pool = askingPool('inspectTensorFlow');
  const late = `didn't build a model and compute a gradient within ${patience} s, the stall timeout`;
  try {
    return await ask<ModelFacts>(pool, { request, patience, late }, signal);
  } finally {
    await pool.destroy();
    endTurn(turn);
  }
}
