import { z } from 'zod';
import type { Shape } from '../aggregators/aggregator.js';
import { distanceRequests } from '../aggregators/distances.js';
import { PAUSE, type Work } from '../kernels/task.js';
import { squaredDistances, subsetMasksLength, subsetMeans } from '../kernels/work.js';
import { u8 } from '../memory/regions.js';
import type { Preaggregator } from './preaggregator.js';

interface Resolved {
  /** Others that a row is averaged with: n − f − 1. */
  readonly neighbours: number;
}

/** Nearest-neighbour mixing: no row can stay far from the n − f − 1 that it is nearest to. */
export const nnm: Preaggregator<Record<string, never>, Resolved, ReturnType<typeof memory>> = {
  name: 'nnm',
  formula: 'row i ← the mean of row i and of the n−f−1 others nearest to it',
  source: 'Allouah et al. 2023',
  precondition: 'f < n',
  cost: 'O(n²d)',
  parameters: z.strictObject({}),
  presets: {},
  mixes: true,
  properties: () => ({ order: true, translation: true, scale: 'any', meanWithoutByzantine: true, within: 'all values' }),
  resolve: (_, { n, f }) => ({ neighbours: n - f - 1 }),
  check: nothingToMix,
  impossible: nothingToMix,
  rowsOut: ({ n }) => n,
  memory,
  *preaggregate(input) {
    const { arena, rows, n, memory: regions, parameters: { neighbours } } = input;
    const squared = yield* squaredDistances(arena, input, regions.partials, regions.distances);
    yield* subsetMeans(arena, input, yield* neighbourhoods(squared, n, neighbours), regions.masks, input.outputTable);
    // Mixed or not, row i is what the chain goes on with for worker i.
    return Array.from(rows.keys());
  },
};

function memory(shape: Shape) {
  const { n } = shape;
  return { ...distanceRequests(shape), masks: u8(subsetMasksLength(n, n)) };
}

function nothingToMix({ n, f }: Shape): string | undefined {
  return f < n ? undefined : `nnm needs f < n, a row to average: n = ${n}, f = ${f}`;
}

/** Each row with the `neighbours` others nearest to it, in the order of the rows; of equally far ones the smaller row. */
function* neighbourhoods(squared: Float64Array, n: number, neighbours: number): Work<number[][]> {
  const all: number[][] = [];
  for (let row = 0; row < n; row++) {
    all.push(withNearest(squared.subarray(row * n, (row + 1) * n), row, neighbours));
    if (row % ROWS_PER_PAUSE === 0) yield PAUSE;
  }
  return all;
}

/** A thousand distances are sorted in 0.1 ms. */
const ROWS_PER_PAUSE = 16;

/** `distances`: from this row to all. */
function withNearest(distances: Float64Array, row: number, neighbours: number): number[] {
  // Sorted as numbers, without a comparison in JavaScript: that tells how far the last neighbour is, and how many are as far.
  const sorted = distances.toSorted();
  // The row itself is at distance 0, and counted apart.
  const limit = sorted[neighbours] as number;
  let ties = neighbours + 1 - sorted.indexOf(limit);
  if (limit === 0) ties -= 1;
  return Array.from(distances.keys()).filter((other) => {
    if (other === row || (distances[other] as number) < limit) return true;
    return distances[other] === limit && ties-- > 0;
  });
}
