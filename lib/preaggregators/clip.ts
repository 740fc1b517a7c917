import type { Shape } from '../aggregators/aggregator.js';
import { scaleRows, squaredNorms } from '../kernels/work.js';
import type { Work } from '../kernels/task.js';
import { f64, type RegionRequest } from '../memory/regions.js';
import type { PreaggregatorInput } from './preaggregator.js';

/** The regions that `clipRows` takes. */
export function clipRequests({ n }: Shape) {
  return { norms: f64(n), factors: f64(n) };
}

type ClipInput = PreaggregatorInput<object, { norms: RegionRequest<'f64'>; factors: RegionRequest<'f64'> }>;

/**
 * Each row x to x · min(1, limit/‖x‖): one above the limit gets that norm, up to the rounding to float32, the others stay bit by bit.
 * `limitOf`: the limit, from the norms of all rows in float64. Returns the origins: every row stays its worker's.
 */
export function* clipRows(input: ClipInput, limitOf: (norms: Float64Array) => number): Work<readonly number[]> {
  const { arena, rows, memory, outputTable } = input;
  const norms = (yield* squaredNorms(arena, input, memory.norms)).map(Math.sqrt);
  const limit = limitOf(norms);
  arena.view(memory.factors).set(norms.map((norm) => (norm > limit ? limit / norm : 1)));
  yield* scaleRows(input, memory.factors, outputTable);
  return Array.from(rows.keys());
}
