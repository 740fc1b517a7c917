import { z } from 'zod';
import { scale } from '../kernels/work.js';
import { optimal, searchParameters } from './optimal.js';

const parameters = z.strictObject(searchParameters);

/** IPM by an attacker who knows the defence, with the epsilon that harms it most. The paper's factor, of μ − factor·μ, is 1 + epsilon. */
export const optimalIpm = optimal({
  name: 'optimal-ipm',
  formula: '−epsilon × the mean of the honest rows',
  parameters,
  least: 1,
  resolve: () => ({}),
  row: ({ d }, honestMean, output, epsilon) => scale(d, -epsilon, honestMean, output),
});
