import { z } from 'zod';
import { batchRows } from '../kernels/operations.js';
import { batchMeans } from '../kernels/work.js';
import { f32, u32 } from '../memory/regions.js';
import { asWritten } from '../registry/as-written.js';
import type { Aggregator, Shape } from './aggregator.js';
import { rowAddress, rowStride } from './row-matrix.js';
import { EXACT, weiszfeld, weiszfeldRequests } from './weiszfeld.js';

const parameters = z.strictObject({
  epsilon: z.number().min(0).max(1e6).default(0.1).describe('how many more batches there are than 2f, as a share of it: a number from 0 to 1,000,000'),
  k: z.int().min(1).optional().describe('how many batches there are, 2(1 + epsilon)f rounded up by default, but at least 1 and at most n: a whole number from 1 to n'),
});

interface Resolved {
  readonly epsilon: number;
  /** Batches. */
  readonly k: number;
}

/** The geometric median of the means of batches. A row's weight is its batch's over the batch's size. */
export const geometricMedianOfMeans: Aggregator<z.input<typeof parameters>, Resolved, ReturnType<typeof memory>> = {
  name: 'geometric-median-of-means',
  formula: 'k batches, batch j = rows ⌊jn/k⌋ … ⌊(j+1)n/k⌋−1; the geometric median (preset exact) of the batch means; k = max(1, min(n, ⌈2(1+epsilon)f⌉)) unless given',
  source: 'Chen, Su, Xu 2017',
  precondition: '2(1+epsilon)f ≤ n, 1 ≤ k ≤ n',
  cost: 'O(nd) and O(k log² k · d), and O(kd) a step',
  parameters,
  presets: {},
  properties: ({ k }) => ({
    order: false, translation: true, scale: 'any', meanWithoutByzantine: k === undefined || k === 1, within: 'all values', weights: 'sum',
  }),
  resolve({ epsilon = 0.1, k }, shape) {
    const { n, removed } = shape;
    const wanted = k ?? Math.max(1, Math.min(n, Math.ceil(fewestBatches(shape, epsilon))));
    return { epsilon, k: removed > 0 ? Math.min(wanted, n) : wanted };
  },
  check(shape, resolved) {
    const { n, f } = shape;
    const { epsilon } = resolved;
    if (fewestBatches(shape, epsilon) <= n) return tooMany(shape, resolved);
    return `geometric-median-of-means needs 2(1 + epsilon)f ≤ n (Chen, Su, Xu 2017): n = ${n}, f = ${f}, epsilon = ${epsilon}`;
  },
  impossible: tooMany,
  memory,
  *aggregate(input) {
    const { arena, n, d, output, memory: { batches, means, ...regions }, parameters: { k } } = input;
    const rows = Array.from({ length: k }, (_, batch) => rowAddress(means, batch, d));
    arena.view(batches).set(rows);
    const table = { table: batches.address, n: k, d, rows };
    yield* batchMeans(input, table);
    const ofBatches = yield* weiszfeld(arena, table, regions, EXACT, output);
    const weights = new Float64Array(n);
    for (const [batch, weight] of ofBatches.entries()) {
      const [first, next] = batchRows(batch, n, k);
      weights.fill(weight / (next - first), first, next);
    }
    return weights;
  },
};

/** 2(1 + ε)f. */
function fewestBatches({ f }: Shape, epsilon: number): number {
  return asWritten(2 * (1 + epsilon) * f);
}

function tooMany({ n }: Shape, { k }: Resolved): string | undefined {
  return k <= n ? undefined : `geometric-median-of-means needs k ≤ n, a row for each batch: k = ${k}, n = ${n}`;
}

function memory({ d }: Shape, { k }: Resolved) {
  return { batches: u32(k), means: f32(k * rowStride(d)), ...weiszfeldRequests(k, d) };
}
