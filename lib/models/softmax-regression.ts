import { z } from 'zod';
import { initialisation, initialisationOf } from './initialisation.js';
import type { Model } from './model.js';
import { sizeOf } from './shape.js';

const parameters = z.strictObject({ initialisation });

/** One dense layer under the softmax: multinomial logistic regression. */
export const softmaxRegression: Model<z.input<typeof parameters>> = {
  name: 'softmax-regression',
  description: 'one dense layer under the softmax: a linear classifier',
  source: '–',
  parameters,
  layers: (given, input, classes) => [{ layer: 'dense', inputs: sizeOf(input), outputs: classes, initialisation: initialisationOf(given.initialisation, 0) }],
};
