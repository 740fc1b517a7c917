import { z } from 'zod';
import { pointPartialsLength, squaredDistancesTo } from '../kernels/work.js';
import { type Address, f64, u32 } from '../memory/regions.js';
import type { Aggregator, Shape } from './aggregator.js';
import { leastScores } from './krum-scores.js';
import { meanOfSelected, noRowLeft } from './selection.js';

const parameters = z.strictObject({
  pivot: z.int().min(0).default(0).describe('the worker whose row the others are compared with: a whole number below n'),
});

interface Resolved {
  readonly pivot: number;
}

/** The mean of the rows nearest to one trusted worker's: as good as that worker is honest. */
export const monna: Aggregator<z.input<typeof parameters>, Resolved, ReturnType<typeof memory>> = {
  name: 'monna',
  formula: "mean of the n−f rows nearest to the row of the worker `pivot`, itself included; of the next worker when that row is not finite",
  source: 'Farhadkhani et al. 2023',
  precondition: '2f < n, pivot < n',
  cost: 'O(nd)',
  parameters,
  presets: {},
  properties: () => ({ order: false, translation: true, scale: 'any', meanWithoutByzantine: true, within: 'all values', weights: 'sum' }),
  resolve: ({ pivot = 0 }) => ({ pivot }),
  check(shape, resolved) {
    const { n, f } = shape;
    return 2 * f < n ? nothingLeft(shape, resolved) : `monna needs 2f < n (Farhadkhani et al. 2023): n = ${n}, f = ${f}`;
  },
  impossible: nothingLeft,
  trusts: ({ pivot }) => pivot,
  memory,
  *aggregate(input) {
    const { arena, n, f, rows, workers, memory: { partials, selected }, parameters: { pivot } } = input;
    const row = rowOfPivot(workers, pivot);
    const scores = yield* squaredDistancesTo(arena, input, rows[row] as Address, partials);
    // Before any copy of it.
    scores[row] = -1;
    return yield* meanOfSelected(input, leastScores(scores, n - f), selected);
  },
};

/** The pivot's row; when it was removed as not finite, the first row of a later worker, or of any. */
function rowOfPivot(workers: readonly number[], pivot: number): number {
  const row = workers.indexOf(pivot);
  return row >= 0 ? row : Math.max(0, workers.findIndex((worker) => worker > pivot));
}

function nothingLeft(shape: Shape, { pivot }: Resolved): string | undefined {
  const { n, removed } = shape;
  return pivot < n + removed ? noRowLeft('monna', shape) : `monna needs pivot < n, a worker to compare with: pivot = ${pivot}, n = ${n}`;
}

function memory({ n, d }: Shape) {
  return { partials: f64(pointPartialsLength(n, d)), selected: u32(n) };
}
