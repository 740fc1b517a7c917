import { z } from 'zod';
import { mean as meanOfRows } from '../kernels/work.js';
import type { Aggregator } from './aggregator.js';

/** The baseline that tolerates nobody: one Byzantine row can move it anywhere. */
export const mean: Aggregator<Record<string, never>> = {
  name: 'mean',
  formula: '(1/n) Σ x_i',
  source: '–',
  precondition: 'n ≥ 1',
  cost: 'O(nd)',
  parameters: z.strictObject({}),
  presets: {},
  properties: () => ({ order: true, translation: true, scale: 'any', meanWithoutByzantine: true, within: 'all values', weights: 'sum' }),
  resolve: () => ({}),
  check: () => undefined,
  memory: () => ({}),
  *aggregate(input) {
    yield* meanOfRows(input, input.output);
    return new Float64Array(input.n).fill(1 / input.n);
  },
};
