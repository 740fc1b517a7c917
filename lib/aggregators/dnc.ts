import { z } from 'zod';
import { dominantDirections, scatterRequests } from '../kernels/scatter.js';
import { eigenpairLength } from '../kernels/sizes.js';
import { gather, type RowTable, squaredDistancesOfSets } from '../kernels/work.js';
import type { Work } from '../kernels/task.js';
import { f32, f64, u32 } from '../memory/regions.js';
import { asWritten } from '../registry/as-written.js';
import type { Aggregator, RuleInput, Shape } from './aggregator.js';
import { distanceRequests } from './distances.js';
import { drawCoordinates, drawRequests } from './draw-coordinates.js';
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

/** Iterations are done together as far as they take this much memory: 7 of 10,000 coordinates of 51 rows. What is left for later ones alone is enough for the threads. */
const BYTES_TOGETHER = 2 ** 24;

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
  resolve: ({ niters = 5, b, c = 1 }, { f, d }) => ({ niters, b: b ?? Math.min(10_000, d), c, dropped: Math.floor(asWritten(c * f)) }),
  check(shape, resolved) {
    const { n, f } = shape;
    return 2 * f < n ? nothingLeft(shape, resolved) : `dnc needs 2f < n (Shejwalkar, Houmansadr 2021): n = ${n}, f = ${f}`;
  },
  impossible: nothingLeft,
  memory,
  *aggregate(input) {
    const { n, d, memory: regions, parameters: { niters, b, dropped } } = input;
    let good = Array.from({ length: n }, (_, row) => row);
    // On all coordinates every iteration says the same.
    const iterations = b === d ? 1 : niters;
    const together = b === d ? 1 : regions.coordinates.length / b;
    for (let first = 0; first < iterations; first += together) {
      const sets = Math.min(together, iterations - first);
      const rows = b === d ? input : yield* gatherCoordinates(input, sets);
      for (const kept of yield* unsuspicious(input, rows, sets)) good = good.filter((row) => kept.has(row));
    }
    if (good.length === 0) {
      throw new NoAggregateError(`dnc is left without a row: none of ${n} was good in all ${niters} iterations, each of which drops ${dropped}; fewer iterations or a smaller c leave some`);
    }
    return yield* meanOfSelected(input, good, regions.selected);
  },
};

/** The rows' values at drawn coordinates, as rows of their own: sets of n rows one behind the other. */
function* gatherCoordinates({ arena, table, n, d, random, memory: regions, parameters: { b } }: RuleInput<Resolved, Memory>, sets: number): Work<RowTable> {
  yield* drawCoordinates(arena, random, b, d, regions, sets);
  arena.view(regions.table).set(Array.from({ length: sets * n }, (_, row) => rowAddress(regions.rows, row, b)));
  const gathered = { table: regions.table.address, n, d: b };
  yield* gather({ table, n }, regions.coordinates.address, gathered, sets);
  return gathered;
}

/**
 * For each set of rows those with the least squared projections on the direction in which all of it vary most: the top right-singular vector of the
 * centred rows. Scores go as float32, to which their distances are known: rows that are equally far stay equal, and the smaller index is kept.
 */
function* unsuspicious({ arena, memory: regions, parameters: { dropped } }: RuleInput<Resolved, Memory>, rows: RowTable, sets: number): Work<ReadonlySet<number>[]> {
  const { n } = rows;
  yield* squaredDistancesOfSets(arena, rows, sets, regions.partials, regions.distances);
  const all = Array.from({ length: n }, (_, row) => row);
  const directions = yield* dominantDirections(arena, regions.distances, n, all, new Float64Array(n).fill(1 / n), regions, sets);
  return directions.map(({ projections }) => {
    const farthest = projections.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return new Set(leastScores(projections.map((value) => (farthest === 0 ? 0 : Math.fround((value / farthest) ** 2))), n - dropped));
  });
}

function nothingLeft({ n, f, d }: Shape, { b, c, dropped }: Resolved): string | undefined {
  if (b > d) return `dnc needs b ≤ d, coordinates to draw: b = ${b}, d = ${d}`;
  return dropped < n ? undefined : `dnc needs ⌊c·f⌋ < n, rows to average: c = ${c}, f = ${f}, n = ${n}`;
}

/** Rows are gathered unless all coordinates are taken. Fewer rows take as many sets: the length of `coordinates` says how many. */
function memory(shape: Shape, { b, niters }: Resolved) {
  const { n, d } = shape;
  const { partials, distances } = distanceRequests({ ...shape, d: b });
  const bytes = 4 * n * rowStride(b) + 8 * (partials.length + distances.length + eigenpairLength(n));
  const gathered = b < d ? Math.max(1, Math.min(niters, Math.floor(BYTES_TOGETHER / bytes))) : 0;
  const sets = Math.max(1, gathered);
  return {
    partials: f64(sets * partials.length),
    distances: f64(sets * distances.length),
    ...scatterRequests(n, sets),
    ...drawRequests(b, gathered === 0 ? 0 : d, gathered),
    selected: u32(n),
    table: u32(gathered * n),
    rows: f32(gathered * n * rowStride(b)),
  };
}
