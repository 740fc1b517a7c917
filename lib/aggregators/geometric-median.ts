import { z } from 'zod';
import type { Aggregator, Shape } from './aggregator.js';
import { medianRobustness } from './median.js';
import { EXACT, weiszfeld, type WeiszfeldParameters, weiszfeldRequests } from './weiszfeld.js';

const parameters = z.strictObject({
  start: z.enum(['median', 'mean', 'zero']).optional().describe('where it starts, "median" (by coordinate) by default: "median", "mean" or "zero"'),
  // Between these neither 1/nu nor a sum of many overflows or vanishes.
  nu: z.number().min(1e-30).max(1e30).optional().describe('distances count as at least this, 1e-12 by default: a number from 1e-30 to 1e30'),
  T: z.int().min(1).max(100_000).optional().describe('how many steps are taken at most, 1,000 by default: a whole number from 1 to 100,000'),
  tolerance: z.number().min(0).max(1).optional().describe("a step shorter than this share of the point's norm is the last, 1e-7 by default; 0: all T steps are taken"),
});

/** The point whose distances to the rows have the least sum. A row's weight is its share in the last step's weighted mean. */
export const geometricMedian: Aggregator<z.infer<typeof parameters>, WeiszfeldParameters, ReturnType<typeof memory>> = {
  name: 'geometric-median',
  formula:
    'argmin_z Σ ‖z − x_i‖ by Weiszfeld: T times, or until a step is shorter than tolerance · ‖z‖, z ← Σ(x_i/w_i) / Σ(1/w_i), w_i = max(nu, ‖z − x_i‖); ' +
    'with a tolerance, a row that is not the minimum is left by the step of Vardi, Zhang 2000',
  source: 'Weiszfeld 1937; Pillutla et al. 2022 (rfa); the library ByzFL (byzfl)',
  precondition: '2f < n',
  cost: 'O(nd) a step, and O(n log² n · d) to start at the median',
  parameters,
  presets: {
    exact: EXACT,
    rfa: { start: 'mean', nu: 1e-6, T: 3, tolerance: 0 },
    byzfl: { start: 'zero', nu: 0.1, T: 3, tolerance: 0 },
  },
  reproduces: { exact: 'the geometric median itself', rfa: 'RFA of Pillutla, Kakade, Harchaoui 2022', byzfl: 'the library ByzFL' },
  properties: ({ start = EXACT.start, nu = EXACT.nu }) => ({
    // A least distance is a length: below it rows are no longer told apart by theirs. EXACT's is below that of any gradients.
    order: true, translation: start !== 'zero', scale: nu <= EXACT.nu ? 'any' : 'none', meanWithoutByzantine: false, within: 'all values', weights: 'sum',
  }),
  resolve: ({ start = EXACT.start, nu = EXACT.nu, T = EXACT.T, tolerance = EXACT.tolerance }) => ({ start, nu, T, tolerance }),
  check: ({ n, f }) => (2 * f < n ? undefined : `geometric-median needs 2f < n (Pillutla et al. 2022): n = ${n}, f = ${f}`),
  robustness: (shape, parameters) => (isExact(parameters) ? medianRobustness(shape) : undefined),
  robustnessSource: '4(1 + f/(n−2f))², of the exact one: Allouah et al. 2023',
  memory,
  *aggregate(input) {
    return yield* weiszfeld(input.arena, input, input.memory, input.parameters, input.output);
  },
};

/** Does it go on to the minimum? The theory speaks of that, and not of a fixed number of steps. */
function isExact({ nu, T, tolerance }: WeiszfeldParameters): boolean {
  return nu <= EXACT.nu && T >= EXACT.T && tolerance > 0 && tolerance <= EXACT.tolerance;
}

function memory({ n, d }: Shape) {
  return weiszfeldRequests(n, d);
}
