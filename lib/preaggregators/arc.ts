import { z } from 'zod';
import { clipRequests, clipRows } from './clip.js';
import type { Preaggregator } from './preaggregator.js';

interface Resolved {
  /** Rows that are clipped: ⌊2f(n−f)/n⌋, at most half of them. */
  readonly k: number;
}

/** Adaptive robust clipping: the norm that the largest rows are clipped to follows the others from round to round. */
export const arc: Preaggregator<Record<string, never>, Resolved, ReturnType<typeof clipRequests>> = {
  name: 'arc',
  formula: 'k = ⌊2f(n−f)/n⌋; the k rows of largest norm are clipped to the (k+1)-th largest norm',
  source: 'Allouah et al. 2025',
  precondition: 'n ≥ 1',
  cost: 'O(nd)',
  parameters: z.strictObject({}),
  presets: {},
  mixes: false,
  // At least f rows are clipped, so that the limit is the norm of an honest row or below it.
  properties: () => ({ order: true, translation: false, scale: 'any', meanWithoutByzantine: true, within: 'honest norm' }),
  resolve(_, { n, f }) {
    const product = 2 * f * (n - f);
    return { k: (product - (product % n)) / n };
  },
  check: () => undefined,
  rowsOut: ({ n }) => n,
  memory: clipRequests,
  // Rows as large as the limit stay as they are, so it doesn't matter which of equal ones are counted among the k.
  preaggregate: (input) => clipRows(input, (norms) => norms.toSorted().at(-1 - input.parameters.k) as number),
};
