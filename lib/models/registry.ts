import { registry } from '../registry/registry.js';
import { mlp } from './mlp.js';
import type { Model } from './model.js';
import { softmaxRegression } from './softmax-regression.js';

/** Every model, in the order of the catalogue. */
export const MODELS = registry<Model>('model', [
  mlp,
  softmaxRegression,
]);
