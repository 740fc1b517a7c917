import { z } from 'zod';
import { majoritySign } from '../kernels/work.js';
import type { Aggregator } from './aggregator.js';

/** Coordinate-wise vote on the sign: the result's coordinates are 1, 0 and −1, whatever the rows' scale. */
export const signMajority: Aggregator<Record<string, never>> = {
  name: 'sign-majority',
  formula: 'sign(Σ sign(x_i)), coordinate by coordinate',
  source: 'Bernstein et al. 2019',
  precondition: '2f < n',
  cost: 'O(nd)',
  parameters: z.strictObject({}),
  presets: {},
  properties: () => ({ order: true, translation: false, scale: 'none', meanWithoutByzantine: false, within: 'signs', weights: 'none' }),
  resolve: () => ({}),
  check: ({ n, f }) => (2 * f < n ? undefined : `sign-majority needs 2f < n (Bernstein et al. 2019): n = ${n}, f = ${f}`),
  memory: () => ({}),
  *aggregate(input) {
    yield* majoritySign(input, input.output);
    return undefined;
  },
};
