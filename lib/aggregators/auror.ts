import { z } from 'zod';
import { countSmaller, twoMeans } from '../kernels/comparisons.js';
import { pointPartialsLength } from '../kernels/work.js';
import { f32, f64, u32 } from '../memory/regions.js';
import type { Aggregator, Shape } from './aggregator.js';
import { networkRequest } from './median.js';
import { quantile } from './quantile.js';
import { meanOfSelected } from './selection.js';

const parameters = z.strictObject({
  alpha: z
    .union([z.number().min(0), z.literal('quantile')])
    .optional()
    .describe(
      'a coordinate is indicative when its centres are more than this apart, "quantile" (the 0.9 quantile of all coordinates\' distances) by default: ' +
        'a number of at least 0, or "quantile"',
    ),
  share: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('a worker in the smaller cluster of more than this share of the indicative coordinates is dropped, 0.5 by default: a number from 0 to 1'),
});

interface Resolved {
  readonly alpha: number | 'quantile';
  readonly share: number;
}

const QUANTILE = 0.9;

/**
 * The mean of the rows that are seldom in the minority where it matters. In a coordinate the values are split in two by exact 2-means
 * (assembly/splits.ts), of equally good splits by that with the fewest low values.
 *
 * "More than alpha apart" is strict, so with the quantile no coordinate is indicative when all centres are equally far apart (a single
 * coordinate, or rows so far off that nothing else is left of the distances), and the rule is the mean: give alpha where that can happen.
 * With a share of ½ or more some worker always stays; with less, where all would be dropped, those stay that are in the smaller cluster
 * least often.
 */
export const auror: Aggregator<z.infer<typeof parameters>, Resolved, ReturnType<typeof memory>> = {
  name: 'auror',
  formula:
    'per coordinate the exact 2-means split of the n values, indicative when the centres are more than alpha apart; ' +
    'a worker in the smaller cluster (of equal ones in neither) of more than share of the indicative coordinates is dropped; mean of the rest',
  source: 'Shen, Tople, Saxena 2016',
  precondition: '2f < n',
  cost: 'O(n log² n · d)',
  parameters,
  presets: {},
  properties: () => ({ order: true, translation: true, scale: 'any', meanWithoutByzantine: false, within: 'all values', weights: 'sum' }),
  resolve: ({ alpha = 'quantile', share = 0.5 }) => ({ alpha, share }),
  check: ({ n, f }) => (2 * f < n ? undefined : `auror needs 2f < n (Shen, Tople, Saxena 2016): n = ${n}, f = ${f}`),
  memory,
  *aggregate(input) {
    const { arena, memory: { network, distances, low, high, partials, selected }, parameters: { alpha, share } } = input;
    const splits = { distances, low, high };
    yield* twoMeans(arena, input, network, splits);
    const threshold = alpha === 'quantile' ? yield* quantile(arena.view(distances), QUANTILE) : alpha;
    const { counts, indicative } = yield* countSmaller(arena, input, splits, threshold, partials);
    const limit = Math.max(share * indicative, Math.min(...counts));
    return yield* meanOfSelected(input, Array.from(counts.keys()).filter((row) => (counts[row] as number) <= limit), selected);
  },
};

function memory(shape: Shape) {
  const { n, d } = shape;
  return { ...networkRequest(shape), distances: f64(d), low: f32(d), high: f32(d), partials: f64(pointPartialsLength(n + 1, d)), selected: u32(n) };
}
