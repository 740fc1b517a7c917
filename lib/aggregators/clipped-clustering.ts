import { z } from 'zod';
import { f64 } from '../memory/regions.js';
import type { Aggregator, Shape } from './aggregator.js';
import { averageLinkage } from './average-linkage.js';
import { clippedMeanOf } from './clipped-mean.js';
import { cosineDistances, cosineRequests, cosinesOf } from './cosines.js';
import { medianOf } from './norm-clipping.js';

const parameters = z.strictObject({
  history: z.int().min(1).max(1_000_000).optional().describe('how many rounds\' norms the median is taken over, the latest ones, 1000 by default: a whole number from 1 to 1,000,000'),
});

interface Resolved {
  readonly history: number;
}

/**
 * The mean of the larger of two clusters of the rows' directions, the rows clipped to the median of all norms seen so far, this round's
 * among them. Clipping turns no row, so the cosines are those of the rows as they came.
 *
 * How long a run is the rule can't know, and its memory is planned before the first round. So norms are kept one by one, for an exact
 * median, up to `history` rounds of n; from then on a new norm takes the oldest one's place. A row that was not finite has no norm.
 */
export const clippedClustering: Aggregator<z.infer<typeof parameters>, Resolved, ReturnType<typeof memory>, ReturnType<typeof state>> = {
  name: 'clipped-clustering',
  formula:
    'rows clipped to the median of all norms seen (of the last `history` rounds); agglomerative clustering by cosine distance, average linkage, two clusters; ' +
    'mean of the larger, of equal ones that with the smaller index',
  source: 'Li et al. 2023',
  precondition: '2f < n',
  cost: 'O(n²d + n³), O(n · history) memory',
  parameters,
  presets: {},
  // Of two clusters of one size, that with the smaller index is taken.
  properties: () => ({ order: false, translation: false, scale: 'any', meanWithoutByzantine: false, within: 'honest norm', weights: 'sum' }),
  resolve: ({ history = 1000 }) => ({ history }),
  check: ({ n, f }) => (2 * f < n ? undefined : `clipped-clustering needs 2f < n (Li et al. 2023): n = ${n}, f = ${f}`),
  memory,
  state,
  *aggregate(input) {
    const { arena, n, memory: { partials, products, weights }, state: { norms, seen } } = input;
    const { cosines, lengths } = yield* cosinesOf(arena, input, { partials, products });
    const kept = arena.view(norms);
    const total = arena.view(seen);
    for (const length of lengths) {
      const number = total[0] as number;
      kept[number % kept.length] = length;
      total[0] = number + 1;
    }
    const limit = medianOf(kept.slice(0, Math.min(kept.length, total[0] as number)));
    const clusters = yield* averageLinkage(cosineDistances(cosines, n), n, 2);
    const larger = clusters.reduce((best, cluster) => (cluster.length > best.length ? cluster : best));
    return yield* clippedMeanOf(input, larger, lengths, limit, weights);
  },
};

function memory(shape: Shape) {
  return { ...cosineRequests(shape), weights: f64(shape.n) };
}

/** The latest norms, each in the place of its number, and how many there ever were. */
function state({ n }: Shape, { history }: Resolved) {
  return { norms: f64(n * history), seen: f64(1) };
}
