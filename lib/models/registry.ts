import { mlp } from './mlp.js';
import type { Model } from './model.js';
import { softmaxRegression } from './softmax-regression.js';

export const MODELS: Readonly<Record<string, Model>> = {
  mlp,
  'softmax-regression': softmaxRegression,
};
