import { z } from 'zod';
import { assemble } from './assemble.js';
import { layerDescription } from './layer-list.js';
import type { Model } from './model.js';

const parameters = z.strictObject({
  layers: z.array(layerDescription).min(1).max(256).describe('the layers in order, from the data to one value for each class'),
});

/** Whatever the scenario lists. */
export const layersModel: Model<z.input<typeof parameters>> = {
  name: 'layers',
  description: 'the layers that the scenario lists, in order; flattening before a dense layer is implied, and so is the softmax at the end',
  source: '–',
  parameters,
  impliedBy: 'layers',
  layers: (given, input, classes) => assemble(given.layers, input, classes, 'model.layers'),
};
