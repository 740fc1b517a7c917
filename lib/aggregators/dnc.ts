import { z } from 'zod';
import { gather, type RowTable, squaredDistances } from '../kernels/work.js';
import type { Work } from '../kernels/task.js';
import { f32, u32 } from '../memory/regions.js';
import type { Stream } from '../data/random.js';
import type { Aggregator, RuleInput, Shape } from './aggregator.js';
import { dominantDirection } from './centred-gram.js';
import { distanceRequests } from './distances.js';
import { NoAggregateError } from './errors.js';
import { leastScores } from './krum-scores.js';
import { rowAddress, rowStride } from './row-matrix.js';
import { meanOfSelected } from './selection.js';

const parameters = z.strictObject({
  niters: z.int().min(1).max(1000).optional().describe('how many times rows are scored, each on coordinates of its own, 5 by default: a whole number from 1 to 1000'),
  b: z.int().min(1).optional().describe('how many coordinates are drawn each time, 10,000 by default, or all when there are fewer: a whole number from 1 to d'),
  c: z.number().min(0).max(1e6).optional().describe('how many rows are dropped each time, as a share of f, 1 by default: a number from 0 to 1,000,000'),
});

interface Resolved {
  readonly niters: number;
  readonly b: number;
  readonly c: number;
  /** Rows dropped each time: ⌊c·f⌋. */
  readonly dropped: number;
}

type Memory = ReturnType<typeof memory>;

/** Divide and conquer: the mean of the rows that are never among those that stand out most in the direction of the greatest variance. */
export const dnc: Aggregator<z.infer<typeof parameters>, Resolved, Memory> = {
  name: 'dnc',
  formula:
    'niters times: b random coordinates, centre, scores = squared projections on the top right-singular vector, good = all but the ⌊c·f⌋ largest; ' +
    'the mean of the rows that are good every time; when there is none, an error',
  source: 'Shejwalkar, Houmansadr 2021',
  precondition: '2f < n, ⌊c·f⌋ < n, b ≤ d',
  cost: 'O(n²b + n³) an iteration',
  parameters,
  presets: {},
  properties: () => ({ order: true, translation: true, scale: 'any', meanWithoutByzantine: true, within: 'all values', weights: 'sum' }),
  resolve: ({ niters = 5, b, c = 1 }, { f, d }) => ({ niters, b: b ?? Math.min(10_000, d), c, dropped: shareOf(c, f) }),
  check(shape, resolved) {
    const { n, f } = shape;
    return 2 * f < n ? nothingLeft(shape, resolved) : `dnc needs 2f < n (Shejwalkar, Houmansadr 2021): n = ${n}, f = ${f}`;
  },
  impossible: nothingLeft,
  memory,
  *aggregate(input) {
    const { n, d, random, memory: regions, parameters: { niters, b, dropped } } = input;
    let good = Array.from({ length: n }, (_, row) => row);
    // On all coordinates every iteration says the same.
    const iterations = b === d ? 1 : niters;
    for (let iteration = 0; iteration < iterations; iteration++) {
      const rows = b === d ? input : yield* gatherCoordinates(input, drawCoordinates(random, b, d));
      const kept = new Set(yield* unsuspicious(input, rows, n - dropped));
      good = good.filter((row) => kept.has(row));
    }
    if (good.length === 0) {
      throw new NoAggregateError(`dnc is left without a row: none of ${n} was good in all ${niters} iterations, each of which drops ${dropped}; fewer iterations or a smaller c leave some`);
    }
    return yield* meanOfSelected(input, good, regions.selected);
  },
};

/** b of d coordinates without replacement, every set equally likely (Floyd's algorithm), ascending. */
export function drawCoordinates(random: Stream, b: number, d: number): Uint32Array {
  const drawn = new Set<number>();
  for (let last = d - b; last < d; last++) {
    const coordinate = random.below(last + 1);
    drawn.add(drawn.has(coordinate) ? last : coordinate);
  }
  return Uint32Array.from(drawn).sort();
}

/** The rows' values at these coordinates, as rows of their own. */
function* gatherCoordinates({ arena, table, n, memory: regions }: RuleInput<Resolved, Memory>, coordinates: Uint32Array): Work<RowTable> {
  const d = coordinates.length;
  arena.view(regions.coordinates).set(coordinates);
  arena.view(regions.table).set(Array.from({ length: n }, (_, row) => rowAddress(regions.rows, row, d)));
  const gathered = { table: regions.table.address, n, d };
  yield* gather({ table, n }, regions.coordinates.address, gathered);
  return gathered;
}

/**
 * The rows with the `kept` least squared projections on the direction in which all vary most: the top right-singular vector of the
 * centred rows. Scores go as float32, to which their distances are known: rows that are equally far stay equal, and the smaller index is kept.
 */
function* unsuspicious({ arena, memory: regions }: RuleInput<Resolved, Memory>, rows: RowTable, kept: number): Work<number[]> {
  const { n } = rows;
  const squared = yield* squaredDistances(arena, rows, regions.partials, regions.distances);
  const all = Array.from({ length: n }, (_, row) => row);
  const { projections } = yield* dominantDirection(squared, n, all, new Float64Array(n).fill(1 / n));
  const farthest = projections.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return leastScores(projections.map((value) => (farthest === 0 ? 0 : Math.fround((value / farthest) ** 2))), kept);
}

/** ⌊share · f⌋, to twelve digits: 0.29 · 100 must not come out below 29. */
function shareOf(share: number, f: number): number {
  return Math.floor(Number((share * f).toPrecision(12)));
}

function nothingLeft({ n, f, d }: Shape, { b, c, dropped }: Resolved): string | undefined {
  if (b > d) return `dnc needs b ≤ d, coordinates to draw: b = ${b}, d = ${d}`;
  return dropped < n ? undefined : `dnc needs ⌊c·f⌋ < n, rows to average: c = ${c}, f = ${f}, n = ${n}`;
}

/** Rows are gathered unless all coordinates are taken. */
function memory(shape: Shape, { b }: Resolved) {
  const { n, d } = shape;
  const gathered = b < d ? 1 : 0;
  return {
    ...distanceRequests({ ...shape, d: b }),
    selected: u32(n),
    coordinates: u32(gathered * b),
    table: u32(gathered * n),
    rows: f32(gathered * n * rowStride(b)),
  };
}
