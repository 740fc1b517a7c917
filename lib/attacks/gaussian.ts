import { z } from 'zod';
import { PAUSE } from '../kernels/task.js';
import { GREATEST_FLOAT32 } from '../memory/regions.js';
import type { Attack } from './attack.js';
import { factor, valueOf } from './factors.js';

const parameters = z.strictObject({
  mean: factor('the mean of each coordinate', 0),
  sigma: factor('the standard deviation of each coordinate, at least 0', 1),
});

/** Draws before the event loop may turn: about a millisecond. */
const DRAWN_AT_ONCE = 16_384;

interface Resolved {
  readonly mean: number;
  readonly sigma: number;
}

/** Noise in place of a gradient, drawn anew for each Byzantine worker and round. */
export const gaussian: Attack<z.input<typeof parameters>, Resolved> = {
  name: 'gaussian',
  formula: 'N(mean, sigma²) in each coordinate, independently',
  source: '–',
  precondition: '|mean| ≤ 3.4e38, 0 ≤ sigma ≤ 3.4e38',
  parameters,
  presets: {},
  expressions: ['mean', 'sigma'],
  resolve: ({ mean, sigma }) => ({ mean: valueOf('gaussian', 'mean', mean, 0), sigma: valueOf('gaussian', 'sigma', sigma, 1) }),
  knowledge: () => 'own',
  shared: () => false,
  check(_, { mean, sigma }) {
    if (!(sigma >= 0)) return `gaussian needs sigma ≥ 0: sigma = ${sigma}`;
    if (Math.max(Math.abs(mean), sigma) <= GREATEST_FLOAT32) return undefined;
    return `gaussian needs |mean| and sigma ≤ ${GREATEST_FLOAT32}, the greatest float32: mean = ${mean}, sigma = ${sigma}; the attack "inf" reports infinities`;
  },
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
