import { z } from 'zod';
import { nearestMean, squaredDistances } from '../kernels/work.js';
import { u32 } from '../memory/regions.js';
import type { Aggregator, Shape } from './aggregator.js';
import { selectByKrum } from './bulyan-selection.js';
import { count, countOf } from './counts.js';
import { distanceRequests } from './distances.js';
import { KRUM_BOUND, krumBound, krumParameters } from './krum-scores.js';
import { middle, networkRequest } from './median.js';
import { selectRows } from './selection.js';

const parameters = z.strictObject({
  ...krumParameters,
  keep: count(['theta-2f', 'theta-2f-1'], 'how many selected values nearest to their median are averaged, where theta = n−2f'),
});

interface Resolved {
  readonly c: number;
  readonly p: number;
  /** Rows selected: n − 2f. */
  readonly theta: number;
  /** Selected values averaged per coordinate. */
  readonly keep: number;
}

/** Krum again and again, to guard the norm; then coordinate by coordinate, to guard each coordinate. */
export const bulyan: Aggregator<z.infer<typeof parameters>, Resolved, ReturnType<typeof memory>> = {
  name: 'bulyan',
  formula:
    'select θ = n−2f rows, each by Krum on the r rows still left, with max(1, r−f−c) neighbours among them; then per coordinate the mean of ' +
    'the `keep` selected values nearest to their median',
  source: 'El Mhamdi et al. 2018',
  precondition: 'n ≥ 4f + 3, 1 ≤ keep ≤ θ',
  cost: 'O(n²d + n³)',
  parameters,
  presets: { 'el-mhamdi-2018': { c: 2, p: 2, keep: 'theta-2f' }, 'baruch-2019-code': { c: 0, p: 1, keep: 'theta-2f-1' } },
  reproduces: { 'el-mhamdi-2018': 'Bulyan as its paper has it', 'baruch-2019-code': 'the released code of Baruch, Baruch, Goldberg 2019' },
  // Where a score sums a single neighbour, two rows that are each other's nearest tie, and the smaller index goes first.
  properties: ({ c = 2, keep = 'theta-2f' }) => ({
    order: c === 0, translation: true, scale: 'any', meanWithoutByzantine: keep === 'theta-2f', within: 'all values', weights: 'none',
  }),
  resolve({ c = 2, p = 2, keep = 'theta-2f' }, shape) {
    return { c, p, theta: shape.n - 2 * shape.f, keep: countOf(keep, shape) };
  },
  check(shape, resolved) {
    const { n, f } = shape;
    return n >= 4 * f + 3 ? nothingLeft(shape, resolved) : `bulyan needs n ≥ 4f + 3 (El Mhamdi et al. 2018): n = ${n}, f = ${f}`;
  },
  impossible: nothingLeft,
  /** Bulyan inherits Krum's bound (El Mhamdi et al. 2018). */
  bound: (shape, resolved) => (shape.n >= 4 * shape.f + 3 ? krumBound(shape, resolved) : undefined),
  boundSource: `${KRUM_BOUND}, which Bulyan inherits (El Mhamdi et al. 2018)`,
  memory,
  *aggregate(input) {
    const { arena, n, f, d, rows, memory: regions, parameters: { c, p, theta, keep } } = input;
    const squared = yield* squaredDistances(arena, input, regions.partials, regions.distances);
    const selected = yield* selectByKrum(squared, n, theta, (left) => Math.max(1, left - f - c), p);
    selectRows(arena, rows, selected, regions.selected);
    const [first, last] = middle(theta);
    yield* nearestMean(arena, { table: regions.selected.address, n: theta, d }, input.output, regions.network, keep, first, last);
    return undefined;
  },
};

function nothingLeft({ n, f }: Shape, { theta, keep }: Resolved): string | undefined {
  if (theta >= 1 && keep >= 1 && keep <= theta) return undefined;
  return `bulyan needs 1 ≤ keep ≤ n − 2f, values to average: keep = ${keep}, n = ${n}, f = ${f}`;
}

/** θ grows by one with each removed row, while n shrinks: the network must fit the greatest θ, which is at most n. */
function memory(shape: Shape) {
  const { n } = shape;
  return { ...distanceRequests(shape), ...networkRequest(shape), selected: u32(n) };
}
