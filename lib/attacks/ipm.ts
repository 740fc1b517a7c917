import { z } from 'zod';
import { mean, scale } from '../kernels/work.js';
import type { Attack } from './attack.js';
import { factor, valueOf, warnOfFactor } from './factors.js';

const parameters = z.strictObject({ epsilon: factor('the factor of the honest mean that is turned round', 0.5) });

interface Resolved {
  readonly epsilon: number;
}

/** Inner-product manipulation: against what is learned, and for a small epsilon so near to it that rules by distance take it in. */
export const ipm: Attack<z.input<typeof parameters>, Resolved> = {
  name: 'ipm',
  formula: '−epsilon × the mean of the honest rows',
  source: 'Xie, Koyejo, Gupta 2019',
  precondition: 'an honest worker',
  parameters,
  presets: {},
  expressions: ['epsilon'],
  resolve: ({ epsilon }) => ({ epsilon: valueOf('ipm', 'epsilon', epsilon, 0.5) }),
  knowledge: () => 'omniscient',
  shared: () => true,
  check: ({ n, f }) => (f < n ? undefined : `ipm needs an honest worker, whose row to turn round: n = ${n}, f = ${f}`),
  warn(_, { epsilon }) {
    if (epsilon > 0) return warnOfFactor('ipm', 'epsilon', epsilon);
    return `ipm with epsilon = ${epsilon} ${epsilon === 0 ? 'reports zeros' : 'lies in the direction of the honest mean, not against it'}`;
  },
  memory: () => ({}),
  *craft({ table, rows, d, output, parameters: { epsilon } }) {
    yield* mean({ table, n: rows.length, d }, output);
    yield* scale(d, -epsilon, output, output);
  },
};
