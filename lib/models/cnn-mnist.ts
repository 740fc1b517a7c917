import { z } from 'zod';
import { assemble } from './assemble.js';
import { initialisation, initialisationOf } from './initialisation.js';
import type { Model } from './model.js';

const parameters = z.strictObject({ initialisation });

/** LeNet-5's shape with fewer and wider steps: on 1 × 28 × 28 inputs and ten classes 20,522 parameters, so that rules over many workers stay quick. */
export const cnnMnist: Model<z.input<typeof parameters>> = {
  name: 'cnn-mnist',
  description: 'two convolutions (8 and 16 of 5 × 5), each with ReLU and max-pooling of 2, and dense layers of 64 and the classes with ReLU between them',
  source: 'after LeNet-5, LeCun, Bottou, Bengio, Haffner 1998',
  parameters,
  layers: (given, input, classes) => {
    const begins = (weighted: number) => ({ initialisation: initialisationOf(given.initialisation, weighted) });
    return assemble(
      [
        { layer: 'convolution', filters: 8, kernel: 5, ...begins(0) },
        { layer: 'relu' },
        { layer: 'max-pool', size: 2 },
        { layer: 'convolution', filters: 16, kernel: 5, ...begins(1) },
        { layer: 'relu' },
        { layer: 'max-pool', size: 2 },
        { layer: 'dense', units: 64, ...begins(2) },
        { layer: 'relu' },
        { layer: 'dense', units: classes, ...begins(3) },
      ],
      input, classes, 'model',
    );
  },
};
