import { z } from 'zod';
import type { Initialisation } from './layer.js';

/** The `initialisation` parameter that all models share. */
export const initialisation = z
  .enum(['baruch-2019', 'he'])
  .default('baruch-2019')
  .describe('baruch-2019: Xavier-uniform first layer, the others uniform ±1/√fan_in, biases likewise; he: normal with variance 2/fan_in, biases 0');

/** How the layer begins that is the `index`-th with weights. */
export function initialisationOf(given: z.input<typeof initialisation>, index: number): Initialisation {
  if (given === 'he') return 'he-normal';
  return index === 0 ? 'xavier-uniform' : 'uniform-fan-in';
}
