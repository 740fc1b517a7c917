import { z } from 'zod';
import { assemble } from './assemble.js';
import { initialisation, initialisationOf } from './initialisation.js';
import type { Model } from './model.js';

const parameters = z.strictObject({ initialisation });

/** The CIFAR-10 network of the ALIE paper: on 3 × 32 × 32 inputs and ten classes 117,706 parameters. */
export const cnnBaruch2019: Model<z.input<typeof parameters>> = {
  name: 'cnn-baruch-2019',
  description: 'two convolutions (16 of 3 × 3, 64 of 4 × 4), each with ReLU and max-pooling (3, 4), and dense layers of 384, 192 and the classes with ReLU between them',
  source: 'Baruch, Baruch, Goldberg 2019, CIFAR-10',
  parameters,
  layers: (given, input, classes) => {
    const begins = (weighted: number) => ({ initialisation: initialisationOf(given.initialisation, weighted) });
    return assemble(
      [
        { layer: 'convolution', filters: 16, kernel: 3, ...begins(0) },
        { layer: 'relu' },
        { layer: 'max-pool', size: 3 },
        { layer: 'convolution', filters: 64, kernel: 4, ...begins(1) },
        { layer: 'relu' },
        { layer: 'max-pool', size: 4 },
        { layer: 'dense', units: 384, ...begins(2) },
        { layer: 'relu' },
        { layer: 'dense', units: 192, ...begins(3) },
        { layer: 'relu' },
        { layer: 'dense', units: classes, ...begins(4) },
      ],
      input, classes, 'model',
    );
  },
};
