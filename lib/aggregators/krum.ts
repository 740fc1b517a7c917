import { z } from 'zod';
import { u32 } from '../memory/regions.js';
import type { Aggregator, Shape } from './aggregator.js';
import { distanceRequests } from './distances.js';
import { KRUM_BOUND, KRUM_PEERS, KRUM_PRESETS, krumBound, krumParameters, krumPrecondition, type KrumResolved, krumScores, leastScores, noNeighbours, resolveKrum } from './krum-scores.js';
import { meanOfSelected } from './selection.js';

const parameters = z.strictObject(krumParameters);

/** The one row that is nearest to its nearest others. */
export const krum: Aggregator<z.infer<typeof parameters>, KrumResolved, ReturnType<typeof memory>> = {
  name: 'krum',
  formula: 'argmin_i Σ over the n−f−c nearest others of ‖x_i − x_j‖^p; that row itself',
  source: 'Blanchard et al. 2017',
  precondition: 'n ≥ 2f + 3, n − f − c ≥ 1',
  cost: 'O(n²d)',
  parameters,
  presets: KRUM_PRESETS,
  reproduces: KRUM_PEERS,
  properties: () => ({ order: true, translation: true, scale: 'any', meanWithoutByzantine: false, within: 'a row', weights: 'sum' }),
  resolve: resolveKrum,
  check: (shape, resolved) => krumPrecondition('krum', shape) ?? noNeighbours('krum', shape, resolved),
  impossible: (shape, resolved) => noNeighbours('krum', shape, resolved),
  bound: krumBound,
  boundSource: KRUM_BOUND,
  // Theirs sums over the n − f nearest rows, the row itself among them: c = 1 here.
  robustness: ({ n, f }, { c, p }) => (c === 1 && p === 2 && 2 * f < n ? 6 * (1 + f / (n - 2 * f)) : undefined),
  robustnessSource: '6(1 + f/(n−2f)) with c = 1 and p = 2: Allouah et al. 2023',
  memory,
  *aggregate(input) {
    const scores = yield* krumScores(input.arena, input, input.memory, input.parameters);
    return yield* meanOfSelected(input, leastScores(scores, 1), input.memory.selected);
  },
};

function memory(shape: Shape) {
  return { ...distanceRequests(shape), selected: u32(1) };
}
