import { z } from 'zod';
import { PAUSE } from '../kernels/task.js';
import { f64 } from '../memory/regions.js';
import type { Aggregator, Shape } from './aggregator.js';
import { clippedMeanOf } from './clipped-mean.js';
import { cosineDistances, cosineRequests, cosinesOf } from './cosines.js';
import { majorityComponent } from './majority-component.js';
import { medianOf } from './norm-clipping.js';

const parameters = z.strictObject({
  lambda: z.number().min(0).optional().describe('the standard deviation of the noise over the median norm, 0.001 by default: a number of at least 0'),
});

interface Resolved {
  readonly lambda: number;
}

/** Draws before the event loop may turn: about a millisecond. */
const DRAWN_AT_ONCE = 16_384;

/**
 * The mean of the rows that point one way, clipped to the median norm of all rows, plus noise. The weights are the mean's; the noise has
 * none.
 *
 * The paper clusters by HDBSCAN with min_cluster_size ⌊n/2⌋+1 and min_samples 1, released implementations with allow_single_cluster,
 * without which it would find none. With one sample the mutual reachability distance is the distance itself, so its tree is that of single
 * linkage; no two clusters of more than half the rows can part, so what is left is a single one, whose label (in hdbscan and scikit-learn)
 * only the rows get that stay together to the last: the first cluster of more than half the rows that single linkage makes. That is what is
 * computed here (`majorityComponent`), with no density estimate and whatever the ties.
 */
export const flame: Aggregator<z.infer<typeof parameters>, Resolved, ReturnType<typeof memory>> = {
  name: 'flame',
  formula:
    'the first cluster of at least ⌊n/2⌋+1 rows that single linkage by cosine distance makes; mean of its rows clipped to the median norm of all, ' +
    'plus normal noise of std lambda·(median norm)',
  source: 'Nguyen et al. 2022',
  precondition: '2f < n',
  cost: 'O(n²d)',
  parameters,
  presets: {},
  properties: () => ({ order: true, translation: false, scale: 'positive', meanWithoutByzantine: false, within: 'finite', weights: 'shares' }),
  resolve: ({ lambda = 0.001 }) => ({ lambda }),
  check: ({ n, f }) => (2 * f < n ? undefined : `flame needs 2f < n (Nguyen et al. 2022): n = ${n}, f = ${f}`),
  memory,
  *aggregate(input) {
    const { arena, n, d, output, random, memory: { partials, products, weights }, parameters: { lambda } } = input;
    const { cosines, lengths } = yield* cosinesOf(arena, input, { partials, products });
    const together = yield* majorityComponent(cosineDistances(cosines, n), n, Math.floor(n / 2) + 1);
    const limit = medianOf(lengths);
    const shares = yield* clippedMeanOf(input, together, lengths, limit, weights);
    const deviation = lambda * limit;
    if (deviation === 0) return shares;
    const row = arena.row(output, d);
    // One stream draws all coordinates, one after the other: nothing to hand to the threads.
    for (let k = 0; k < d; k++) {
      row[k] = (row[k] as number) + deviation * random.normal();
      if (k % DRAWN_AT_ONCE === 0) yield PAUSE;
    }
    return shares;
  },
};

function memory(shape: Shape) {
  return { ...cosineRequests(shape), weights: f64(shape.n) };
}
