import { z } from 'zod';
import type { Stream } from '../data/random.js';
import { countSigns, signPartialsLength } from '../kernels/comparisons.js';
import { PAUSE, type Work } from '../kernels/task.js';
import { squaredNorms } from '../kernels/work.js';
import { f64, u32 } from '../memory/regions.js';
import type { Aggregator, Shape } from './aggregator.js';
import { clippedMeanOf } from './clipped-mean.js';
import { distance, largestByMeanShift, type Point } from './mean-shift.js';
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

/** Draws before the event loop may turn: about a millisecond. */
const DRAWN_AT_ONCE = 16_384;

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
  resolve: ({ lower = 0.1, upper = 3, share = 0.1, quantile = 0.5 }, { d }) => ({ lower, upper, share, quantile, coordinates: Math.max(1, Math.floor(share * d)) }),
  check: ({ n, f }) => (2 * f < n ? undefined : `signguard needs 2f < n (Xu et al. 2022): n = ${n}, f = ${f}`),
  memory,
  *aggregate(input) {
    const { arena, n, d, random, memory: { norms, coordinates, partials, weights }, parameters: { lower, upper, quantile, coordinates: count } } = input;
    const lengths = (yield* squaredNorms(arena, input, norms)).map(Math.sqrt);
    const limit = medianOf(lengths);
    yield* draw(random, d, arena.view(coordinates).subarray(0, count));
    const { above, below } = yield* countSigns(arena, input, coordinates, count, partials);
    const points = Array.from({ length: n }, (_, row): Point => {
      const [positive, negative] = [above[row] as number, below[row] as number];
      return [positive, count - positive - negative, negative];
    });
    const alike = new Set(yield* largestByMeanShift(points, yield* quantileOf(distancesOf(points), quantile)));
    const usual = Array.from(lengths.keys()).filter((row) => lower * limit <= (lengths[row] as number) && (lengths[row] as number) <= upper * limit);
    const both = usual.filter((row) => alike.has(row));
    return yield* clippedMeanOf(input, both.length > 0 ? both : usual, lengths, limit, weights);
  },
};

/**
 * Draws as many of the numbers 0 … d − 1 as there is room for, every set of them equally likely, in ascending order (Knuth's algorithm S).
 */
function* draw(random: Stream, d: number, chosen: Uint32Array): Work {
  let wanted = chosen.length;
  for (let k = 0; wanted > 0; k++) {
    if (random.below(d - k) < wanted) chosen[chosen.length - wanted--] = k;
    if (k % DRAWN_AT_ONCE === 0) yield PAUSE;
  }
}

function distancesOf(points: readonly Point[]): Float64Array {
  return Float64Array.from(points.flatMap((point, i) => points.slice(i + 1).map((other) => distance(point, other))));
}

function memory({ n }: Shape, { coordinates }: Resolved) {
  return { norms: f64(n), coordinates: u32(coordinates), partials: f64(signPartialsLength(n, coordinates)), weights: f64(n) };
}
