import { z } from 'zod';
import { PAUSE } from '../kernels/task.js';
import type { Attack } from './attack.js';
import { factor, valueOf } from './factors.js';

const parameters = z.strictObject({
  mean: factor('the mean of each coordinate, 0 by default'),
  sigma: factor('the standard deviation of each coordinate, 1 by default, at least 0'),
});

/** Draws before the event loop may turn: about a millisecond. */
const DRAWN_AT_ONCE = 16_384;

interface Resolved {
  readonly mean: number;
  readonly sigma: number;
}

/** Noise in place of a gradient, drawn anew for each liar and round. */
export const gaussian: Attack<z.infer<typeof parameters>, Resolved> = {
  name: 'gaussian',
  formula: 'N(mean, sigma²) in each coordinate, independently',
  source: '–',
  precondition: 'sigma ≥ 0',
  parameters,
  presets: {},
  expressions: ['mean', 'sigma'],
  resolve: ({ mean, sigma }) => ({ mean: valueOf('gaussian', 'mean', mean, 0), sigma: valueOf('gaussian', 'sigma', sigma, 1) }),
  knowledge: () => 'own',
  shared: () => false,
  check: (_, { sigma }) => (sigma >= 0 ? undefined : `gaussian needs sigma ≥ 0: sigma = ${sigma}`),
  warn: () => undefined,
  memory: () => ({}),
  // One stream draws all coordinates, one after the other: nothing to hand to the threads.
  *craft({ arena, output, d, random, parameters: { mean, sigma } }) {
    const row = arena.row(output, d);
    for (let k = 0; k < d; k++) {
      row[k] = mean + sigma * random.normal();
      if (k % DRAWN_AT_ONCE === 0) yield PAUSE;
    }
  },
};
