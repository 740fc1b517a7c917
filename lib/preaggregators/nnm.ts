import { z } from 'zod';
import type { Shape } from '../aggregators/aggregator.js';
import { distanceRequests } from '../aggregators/distances.js';
import { groupMeans, squaredDistances } from '../kernels/work.js';
import { type Address, u32 } from '../memory/regions.js';
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
    const { arena, rows, n, d, memory: regions, parameters: { neighbours } } = input;
    const squared = yield* squaredDistances(arena, input, regions.partials, regions.distances);
    const groups = rows.map((_, row) => withNearest(squared, n, row, neighbours).map((member) => rows[member] as Address));
    yield* groupMeans(arena, groups, d, regions, input.outputTable);
    // Mixed or not, row i is what the chain goes on with for worker i.
    return Array.from(rows.keys());
  },
};

function memory(shape: Shape) {
  const { n, f } = shape;
  return { ...distanceRequests(shape), members: u32(n * Math.max(0, n - f)), bounds: u32(n + 1) };
}

function nothingToMix({ n, f }: Shape): string | undefined {
  return f < n ? undefined : `nnm needs f < n, a row to average: n = ${n}, f = ${f}`;
}

/** A row and the `neighbours` others nearest to it, in the order of the rows; of equally far ones the smaller row. */
function withNearest(squared: Float64Array, n: number, row: number, neighbours: number): number[] {
  const distances = squared.subarray(row * n, (row + 1) * n);
  const others = Array.from({ length: n }, (_, other) => other).filter((other) => other !== row);
  others.sort((a, b) => (distances[a] as number) - (distances[b] as number) || a - b);
  return [row, ...others.slice(0, neighbours)].sort((a, b) => a - b);
}
