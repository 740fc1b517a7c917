import { z } from 'zod';
import { normsAndSigns } from '../kernels/comparisons.js';
import { f64 } from '../memory/regions.js';
import { asWritten } from '../registry/as-written.js';
import type { Aggregator, Shape } from './aggregator.js';
import { clippedMeanOf } from './clipped-mean.js';
import { drawCoordinates, drawRequests } from './draw-coordinates.js';
import { largestByMeanShift, pairDistances } from './mean-shift.js';
import { medianOf } from './norm-clipping.js';
import { quantile as quantileOf } from './quantile.js';

const parameters = z.strictObject({
  lower: z.number().min(0).max(1).optional().describe('rows with less than this share of the median norm are ignored, 0.1 by default: a number from 0 to 1'),
  upper: z.number().min(1).optional().describe('rows with more than this multiple of the median norm are ignored, 3 by default: a number of at least 1'),
  share: z.number().gt(0).max(1).optional().describe('the share of the coordinates whose signs are counted, 0.1 by default: a number above 0, at most 1'),
  quantile: z.number().min(0).max(1).optional().describe('the bandwidth, as a quantile of the distances between sign counts, 0.5 by default: a number from 0 to 1'),
});

interface Resolved {
  readonly lower: number;
  readonly upper: number;
  readonly share: number;
  readonly quantile: number;
  /** ⌊share · d⌋ coordinates, and at least one. */
  readonly coordinates: number;
}

/**
 * The mean of the rows of usual length whose signs are like most rows', clipped to the median norm M. Signs are counted, not their shares:
 * all that clustering does is the same in units of the number of coordinates (the authors' code divides each kind by its greatest share).
 * Clustering is `largestByMeanShift`.
 *
 * When no row is in both sets, the formula has nothing to average. Then the rows of usual length count: the signs that most rows agreed on
 * are those of rows of unusual length alone, so they say nothing about the others, and clipping bounds what each can do. (No step at all
 * would let the Byzantine workers stop the training.)
 */
export const signguard: Aggregator<z.infer<typeof parameters>, Resolved, ReturnType<typeof memory>> = {
  name: 'signguard',
  formula:
    'M = the median norm; set 1: norms in [lower·M, upper·M]; set 2: the largest mean-shift cluster of the counts of +, 0, − on a random share of the coordinates; ' +
    'mean over set 1 ∩ set 2, or over set 1 when that is empty, of the rows clipped to M',
  source: 'Xu et al. 2022',
  precondition: '2f < n',
  cost: 'O(nd + n² log n)',
  parameters,
  presets: {},
  properties: () => ({ order: true, translation: false, scale: 'any', meanWithoutByzantine: false, within: 'honest norm', weights: 'sum' }),
  resolve: ({ lower = 0.1, upper = 3, share = 0.1, quantile = 0.5 }, { d }) => ({ lower, upper, share, quantile, coordinates: Math.max(1, Math.floor(asWritten(share * d))) }),
  check: ({ n, f }) => (2 * f < n ? undefined : `signguard needs 2f < n (Xu et al. 2022): n = ${n}, f = ${f}`),
  memory,
  *aggregate(input) {
    const { arena, d, random, memory: regions, parameters: { lower, upper, quantile, coordinates: count } } = input;
    yield* drawCoordinates(arena, random, count, d, regions);
    const { squared, above, below } = yield* normsAndSigns(arena, input, regions.coordinates, count, regions.norms, regions.signs);
    const lengths = squared.map(Math.sqrt);
    const limit = medianOf(lengths);
    const points = { x: above, y: above.map((positive, row) => count - positive - (below[row] as number)), z: below };
    const alike = new Set(yield* largestByMeanShift(points, yield* quantileOf(pairDistances(points), quantile)));
    const usual = Array.from(lengths.keys()).filter((row) => lower * limit <= (lengths[row] as number) && (lengths[row] as number) <= upper * limit);
    const both = usual.filter((row) => alike.has(row));
    return yield* clippedMeanOf(input, both.length > 0 ? both : usual, lengths, limit, regions.weights);
  },
};

function memory({ n, d }: Shape, { coordinates }: Resolved) {
  return { norms: f64(n), ...drawRequests(coordinates, d), signs: f64(2 * n), weights: f64(n) };
}
