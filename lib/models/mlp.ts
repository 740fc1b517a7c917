import { z } from 'zod';
import { initialisation, initialisationOf } from './initialisation.js';
import type { Model } from './model.js';
import type { LayerSpecification } from './layer.js';
import { sizeOf } from './shape.js';

/** The network of the ALIE paper. */
const HIDDEN: readonly number[] = [100];

const parameters = z.strictObject({
  hidden: z.array(z.int().min(1).max(1_000_000)).max(64).default([...HIDDEN]).describe('sizes of the hidden layers, in order'),
  initialisation,
});

/** Dense layers with ReLU between them. `hidden: [100]` on 28 × 28 inputs is the network of the ALIE paper, 79,510 parameters. */
export const mlp: Model<z.input<typeof parameters>> = {
  name: 'mlp',
  description: 'dense layers with ReLU between them',
  source: 'Baruch, Baruch, Goldberg 2019 use hidden: [100]',
  parameters,
  layers(given, input, classes) {
    const sizes = [sizeOf(input), ...(given.hidden ?? HIDDEN), classes];
    return sizes.slice(1).flatMap((outputs, index): LayerSpecification[] => {
      const layer = { layer: 'dense', inputs: sizes[index] as number, outputs, initialisation: initialisationOf(given.initialisation, index) } as const;
      return index === sizes.length - 2 ? [layer] : [layer, { layer: 'relu', size: outputs }];
    });
  },
};
