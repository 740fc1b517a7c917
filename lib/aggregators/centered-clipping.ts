import { z } from 'zod';
import { copyToRows, pointPartialsLength, squaredDistancesTo, weightedSum } from '../kernels/work.js';
import { f32, f64, u32 } from '../memory/regions.js';
import type { Aggregator, Shape } from './aggregator.js';
import { clippingFactor } from './norm-clipping.js';

const parameters = z.strictObject({
  tau: z.number().positive().default(10).describe('how far a row may pull from the last aggregate: a number above 0'),
  L: z.int().min(1).max(1000).default(1).describe('how many steps are taken each round: a whole number from 1 to 1000'),
});

interface Resolved {
  readonly tau: number;
  readonly L: number;
}

/**
 * The last aggregate, moved by the mean of what the rows differ from it, long differences shortened. A row's weight is its share in the
 * new aggregate, 1/n after one step when its difference is not clipped; what is missing to a sum of 1 is the last aggregate's.
 */
export const centeredClipping: Aggregator<z.input<typeof parameters>, Resolved, ReturnType<typeof memory>, ReturnType<typeof state>> = {
  name: 'centered-clipping',
  formula: 'L times v ← v + (1/n) Σ (x_i − v) · min(1, tau/‖x_i − v‖); v is kept from round to round, 0 at first',
  source: 'Karimireddy et al. 2021',
  precondition: 'n ≥ 1',
  cost: 'O(nd) a step',
  parameters,
  presets: {},
  properties: () => ({ order: true, translation: false, scale: 'none', meanWithoutByzantine: false, within: 'finite', weights: 'sum' }),
  resolve: ({ tau = 10, L = 1 }) => ({ tau, L }),
  check: () => undefined,
  memory,
  state,
  *aggregate(input) {
    const { arena, n, d, rows, output, memory: { table, target, partials, weights }, state: { v }, parameters: { tau, L } } = input;
    const all = new Float64Array(n);
    // v is the last of n + 1 rows: v + (1/n) Σ s_i (x_i − v) = Σ (s_i/n) x_i + (1 − Σ s_i/n) v.
    arena.view(table).set([...rows, v.address]);
    arena.view(target)[0] = v.address;
    for (let step = 0; step < L; step++) {
      const squared = yield* squaredDistancesTo(arena, input, v.address, partials);
      const factors = squared.map((value) => clippingFactor(Math.sqrt(value), tau));
      const kept = 1 - factors.reduce((sum, factor) => sum + factor, 0) / n;
      for (const [row, factor] of factors.entries()) all[row] = (all[row] as number) * kept + factor / n;
      arena.view(weights).set([...factors.map((factor) => factor / n), kept]);
      yield* weightedSum({ table: table.address, n: n + 1, d }, weights, output);
      yield* copyToRows({ table: target.address, n: 1, d }, output);
    }
    return all;
  },
};

function memory({ n, d }: Shape) {
  return { table: u32(n + 1), target: u32(1), partials: f64(pointPartialsLength(n, d)), weights: f64(n + 1) };
}

/** v: the last aggregate. */
function state({ d }: Shape) {
  return { v: f32(d) };
}
