import { registry } from '../registry/registry.js';
import { cnnBaruch2019 } from './cnn-baruch-2019.js';
import { cnnMnist } from './cnn-mnist.js';
import { layersModel } from './layers-model.js';
import { mlp } from './mlp.js';
import type { Model } from './model.js';
import { resnet8 } from './resnet-8.js';
import { softmaxRegression } from './softmax-regression.js';
import { tensorflowModel } from './tensorflow-model.js';

/** Every model, in the order of the catalogue. */
export const MODELS = registry<Model>('model', [
  mlp,
  softmaxRegression,
  cnnMnist,
  cnnBaruch2019,
  resnet8,
  layersModel,
  tensorflowModel,
]);
