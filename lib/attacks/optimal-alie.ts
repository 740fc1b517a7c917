import { z } from 'zod';
import { shiftedMean } from '../kernels/work.js';
import { optimal, type ResolvedSearch, searchParameters } from './optimal.js';

const parameters = z.strictObject({
  ...searchParameters,
  sign: z.union([z.literal(-1), z.literal(1)]).optional().describe('the side of the mean that the lie is on, 1 by default: −1 or 1'),
});

interface Resolved extends ResolvedSearch {
  readonly sign: -1 | 1;
}

/** ALIE by an attacker who knows the defence, with the z that harms it most. As in the paper's code, σ has ddof 1 and the lie is above the mean. */
export const optimalAlie = optimal<z.infer<typeof parameters>, Resolved>({
  name: 'optimal-alie',
  formula: 'per coordinate μ + sign·z·σ over the honest rows, σ with ddof 1',
  parameters,
  least: 2,
  resolve: ({ sign = 1 }) => ({ sign }),
  row: (honest, _, output, factor, { sign }) => shiftedMean(honest, output, sign * factor, 1),
});
