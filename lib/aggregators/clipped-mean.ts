import { type RowTable, weightedSum } from '../kernels/work.js';
import type { Work } from '../kernels/task.js';
import type { Arena } from '../memory/arena.js';
import type { Address, Region } from '../memory/regions.js';
import { clippingFactor } from './norm-clipping.js';

/**
 * output = the mean of the selected rows, clipped to the limit; the zero row when none is selected. `lengths`: of all rows. `region`: n
 * float64. Returns the weights over all rows: what is left of a selected one over their number, 0 for the others.
 */
export function* clippedMeanOf(
  input: RowTable & { readonly arena: Arena; readonly output: Address }, selected: readonly number[], lengths: Float64Array, limit: number, region: Region<'f64'>,
): Work<Float64Array> {
  const { arena, n, output } = input;
  const weights = new Float64Array(n);
  for (const row of selected) weights[row] = clippingFactor(lengths[row] as number, limit) / selected.length;
  arena.view(region).set(weights);
  yield* weightedSum(input, region, output);
  return weights;
}
