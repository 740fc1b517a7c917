import { z } from 'zod';
import { dotProducts, fill, pointPartialsLength, squaredNorms, weightedSum } from '../kernels/work.js';
import { f64, u32 } from '../memory/regions.js';
import type { Aggregator, Shape } from './aggregator.js';
import { serverOf } from './server-access.js';

/**
 * Rows count by how far they point where the server's own gradient points, and are brought to its length. A row's weight is its whole
 * factor, so the weights of long rows are small and their sum is 1 only when all rows are as long as the server's.
 */
export const fltrust: Aggregator<Record<string, never>, object, ReturnType<typeof memory>> = {
  name: 'fltrust',
  formula: 's_i = max(0, cos(x_i, g_0)); Σ s_i · (‖g_0‖/‖x_i‖) · x_i / Σ s_i, with g_0 the gradient on the server\'s samples; the zero row when all s_i are 0',
  source: 'Cao et al. 2021',
  precondition: 'g_0 ≠ 0, n ≥ 1',
  cost: 'O(nd) and a gradient',
  needs: 'trusted-row',
  parameters: z.strictObject({}),
  presets: {},
  properties: () => ({ order: true, translation: false, scale: 'none', meanWithoutByzantine: false, within: 'finite', weights: 'shares' }),
  resolve: () => ({}),
  check: () => undefined,
  memory,
  *aggregate(input) {
    const { arena, n, d, output, server, memory: { own, norm, norms, partials, weights } } = input;
    const address = yield* serverOf('fltrust', server).trustedRow();
    arena.view(own)[0] = address;
    const [squaredLength] = yield* squaredNorms(arena, { table: own.address, n: 1, d }, norm);
    const length = Math.sqrt(squaredLength as number);
    const lengths = (yield* squaredNorms(arena, input, norms)).map(Math.sqrt);
    const products = yield* dotProducts(arena, input, address, partials);

    // A row of zeros points nowhere; when the server's gradient is one, so does every row. When that isn't finite, training has diverged.
    const trusted = Number.isFinite(length);
    const trusts = products.map((product, row) => (!trusted ? Number.NaN : product > 0 ? product / (length * (lengths[row] as number)) : 0));
    const total = trusts.reduce((sum, trust) => sum + trust, 0);
    const factors = trusts.map((trust, row) => (trust === 0 ? 0 : (trust / total) * (length / (lengths[row] as number))));
    arena.view(weights).set(factors);
    if (total === 0) yield* fill(output, d, 0);
    else yield* weightedSum({ table: input.table, n, d }, weights, output);
    return factors;
  },
};

function memory({ n, d }: Shape) {
  return { own: u32(1), norm: f64(1), norms: f64(n), partials: f64(pointPartialsLength(n, d)), weights: f64(n) };
}
