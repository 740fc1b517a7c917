import { z } from 'zod';
import { squaredNorms } from '../kernels/work.js';
import { f64, u32 } from '../memory/regions.js';
import type { Aggregator, Shape } from './aggregator.js';
import { leastScores } from './krum-scores.js';
import { meanOfSelected, noRowLeft } from './selection.js';

/** Comparative gradient elimination: the mean of the rows of least norm. */
export const cge: Aggregator<Record<string, never>, object, ReturnType<typeof memory>> = {
  name: 'cge',
  formula: 'mean of the n−f rows of least norm',
  source: 'Gupta, Liu, Vaidya 2020',
  precondition: '2f < n',
  cost: 'O(nd)',
  parameters: z.strictObject({}),
  presets: {},
  properties: () => ({ order: true, translation: false, scale: 'any', meanWithoutByzantine: true, within: 'honest norm', weights: 'sum' }),
  resolve: () => ({}),
  check: ({ n, f }) => (2 * f < n ? undefined : `cge needs 2f < n (Gupta, Liu, Vaidya 2020): n = ${n}, f = ${f}`),
  impossible: (shape) => noRowLeft('cge', shape),
  memory,
  *aggregate(input) {
    const { arena, n, f, memory: { norms, selected } } = input;
    const squared = yield* squaredNorms(arena, input, norms);
    return yield* meanOfSelected(input, leastScores(squared, n - f), selected);
  },
};

function memory({ n }: Shape) {
  return { norms: f64(n), selected: u32(n) };
}
