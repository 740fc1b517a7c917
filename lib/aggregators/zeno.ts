import { z } from 'zod';
import { squaredNorms } from '../kernels/work.js';
import { f64, u32 } from '../memory/regions.js';
import type { Aggregator, Shape } from './aggregator.js';
import { NoAggregateError } from './errors.js';
import { leastScores } from './krum-scores.js';
import { meanOfSelected } from './selection.js';
import { serverOf } from './server-access.js';

const parameters = z.strictObject({
  b: z.int().min(0).optional().describe('how many rows are left out, f by default: a whole number of at least 0'),
  gamma: z.union([z.number().positive(), z.literal('learning-rate')]).optional().describe('the step along a row whose loss is tried, the round\'s learning rate by default: a number above 0, or "learning-rate"'),
  rho: z.union([z.number().min(0), z.literal('gamma/1000')]).optional().describe('what each unit of a row\'s squared norm costs it, gamma/1000 by default: a number of at least 0, or "gamma/1000"'),
});

interface Resolved {
  readonly b: number;
  readonly gamma: number | 'learning-rate';
  readonly rho: number | 'gamma/1000';
}

/** The mean of the rows that lower the server's own loss most, long rows being charged for their length. */
export const zeno: Aggregator<z.infer<typeof parameters>, Resolved, ReturnType<typeof memory>> = {
  name: 'zeno',
  formula: 'mean of the n−b rows of greatest L(θ) − L(θ − gamma·x_i) − rho·‖x_i‖², L the mean loss on the server\'s samples; b = f unless given',
  source: 'Xie, Koyejo, Gupta 2019',
  precondition: 'b < n',
  cost: 'O(nd) and n + 1 losses',
  needs: 'score',
  parameters,
  presets: {},
  /** Rows removed as not finite are among the b that were to be left out; f is already without them. */
  resolve: ({ b, gamma = 'learning-rate', rho = 'gamma/1000' }, { f, removed }) => ({ b: b === undefined ? f : Math.max(0, b - removed), gamma, rho }),
  properties: () => ({ order: true, translation: false, scale: 'none', meanWithoutByzantine: true, within: 'all values', weights: 'sum' }),
  check: tooFew,
  impossible: tooFew,
  memory,
  *aggregate(input) {
    const { arena, n, memory: { norms, selected }, parameters: { b, gamma, rho } } = input;
    const server = serverOf('zeno', input.server);
    const step = gamma === 'learning-rate' ? server.learningRate : gamma;
    const cost = rho === 'gamma/1000' ? step / 1000 : rho;
    const gains = yield* server.scores(input, step);
    const squared = yield* squaredNorms(arena, input, norms);
    // A loss that is no number loses against all others.
    const losses = gains.map((gain, row) => cost * (squared[row] as number) - gain);
    // If all are none, nothing says which rows to leave out.
    if (!losses.some(Number.isFinite)) {
      throw new NoAggregateError(`zeno can't tell rows apart: of none of ${n} is the server's loss after a step along it, with what its length costs, a finite number; gamma = ${step}, rho = ${cost}`);
    }
    return yield* meanOfSelected(input, leastScores(losses, n - b), selected);
  },
};

function tooFew({ n }: Shape, { b }: Resolved): string | undefined {
  return b < n ? undefined : `zeno needs b < n (Xie, Koyejo, Gupta 2019): n = ${n}, b = ${b}`;
}

function memory({ n }: Shape) {
  return { norms: f64(n), selected: u32(n) };
}
