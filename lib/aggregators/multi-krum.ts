import { z } from 'zod';
import { u32 } from '../memory/regions.js';
import type { Aggregator, Shape } from './aggregator.js';
import { count, countOf } from './counts.js';
import { distanceRequests } from './distances.js';
import { KRUM_BOUND, KRUM_PEERS, KRUM_PRESETS, krumBound, krumParameters, krumPrecondition, type KrumResolved, krumScores, leastScores, noNeighbours, resolveKrum } from './krum-scores.js';
import { meanOfSelected } from './selection.js';

const parameters = z.strictObject({
  m: count(['n-f', 'n-f-2'], 'how many rows of least score are averaged'),
  ...krumParameters,
});

interface Resolved extends KrumResolved {
  /** Rows averaged. */
  readonly m: number;
}

/** The mean of the rows that Krum likes best. */
export const multiKrum: Aggregator<z.infer<typeof parameters>, Resolved, ReturnType<typeof memory>> = {
  name: 'multi-krum',
  formula: 'mean of the m rows with the least Krum scores; m = n−f unless given',
  source: 'Blanchard et al. 2017',
  precondition: 'n ≥ 2f + 3, 1 ≤ m ≤ n − f, n − f − c ≥ 1',
  cost: 'O(n²d)',
  parameters,
  presets: { ...KRUM_PRESETS, 'el-mhamdi-code': { ...KRUM_PRESETS['el-mhamdi-code'], m: 'n-f-2' } },
  reproduces: KRUM_PEERS,
  properties: ({ m = 'n-f' }) => ({
    order: true, translation: true, scale: 'any', meanWithoutByzantine: m === 'n-f', within: 'all values', weights: 'sum',
  }),
  resolve: ({ m = 'n-f', ...rest }, shape) => ({ m: countOf(m, shape), ...resolveKrum(rest, shape) }),
  check(shape, resolved) {
    const { n, f } = shape;
    const tooMany = resolved.m <= n - f ? undefined : `multi-krum needs m ≤ n − f (Blanchard et al. 2017): m = ${resolved.m}, n = ${n}, f = ${f}`;
    return krumPrecondition('multi-krum', shape) ?? tooMany ?? nothingLeft(shape, resolved);
  },
  impossible: nothingLeft,
  bound: krumBound,
  boundSource: KRUM_BOUND,
  memory,
  *aggregate(input) {
    const scores = yield* krumScores(input.arena, input, input.memory, input.parameters);
    return yield* meanOfSelected(input, leastScores(scores, input.parameters.m), input.memory.selected);
  },
};

function nothingLeft(shape: Shape, resolved: Resolved): string | undefined {
  const { n, f } = shape;
  const { m } = resolved;
  if (m < 1 || m > n) return `multi-krum needs 1 ≤ m ≤ n, rows to average: m = ${m}, n = ${n}, f = ${f}`;
  return noNeighbours('multi-krum', shape, resolved);
}

function memory(shape: Shape) {
  return { ...distanceRequests(shape), selected: u32(shape.n) };
}
