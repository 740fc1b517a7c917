import { z } from 'zod';
import { clipRequests, clipRows } from './clip.js';
import type { Preaggregator } from './preaggregator.js';

const parameters = z.strictObject({
  C: z.number().gt(0).describe('the greatest norm that a row keeps: a number above 0, which has to be given'),
});

interface Resolved {
  readonly C: number;
}

/** Static clipping: no row counts for more than a norm of C. */
export const clipping: Preaggregator<z.infer<typeof parameters>, Resolved, ReturnType<typeof clipRequests>> = {
  name: 'clipping',
  formula: 'x_i · min(1, C/‖x_i‖)',
  source: '–',
  precondition: 'C > 0',
  cost: 'O(nd)',
  parameters,
  presets: {},
  mixes: false,
  example: { C: 1 },
  properties: () => ({ order: true, translation: false, scale: 'none', meanWithoutByzantine: false, within: 'finite' }),
  resolve: ({ C }) => ({ C }),
  check: () => undefined,
  rowsOut: ({ n }) => n,
  memory: clipRequests,
  preaggregate: (input) => clipRows(input, () => input.parameters.C),
};
