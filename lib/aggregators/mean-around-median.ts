import { z } from 'zod';
import { nearestMean } from '../kernels/work.js';
import type { Aggregator, Shape } from './aggregator.js';
import { count, countOf } from './counts.js';
import { middle, networkRequest } from './median.js';

const parameters = z.strictObject({
  keep: count(['n-f', 'n-2f', 'n-f-1'], 'how many values nearest to the median are averaged'),
});

interface Resolved {
  /** Values averaged per coordinate. */
  readonly keep: number;
}

/** Coordinate-wise mean of the values nearest to the median: three published rules that differ in how many. */
export const meanAroundMedian: Aggregator<z.infer<typeof parameters>, Resolved, ReturnType<typeof networkRequest>> = {
  name: 'mean-around-median',
  formula: 'per coordinate average the `keep` values nearest to the median',
  source: 'Xie et al. 2018 (meamed); El Mhamdi et al. 2018, as Baruch et al. 2019 name it (bulyan-phase-2); the released code of Baruch et al. 2019',
  precondition: '1 ≤ keep ≤ n',
  cost: 'O(n log² n · d)',
  parameters,
  presets: { meamed: { keep: 'n-f' }, 'bulyan-phase-2': { keep: 'n-2f' }, 'baruch-2019-code': { keep: 'n-f-1' } },
  reproduces: {
    meamed: 'MeaMed of Xie, Koyejo, Gupta 2018',
    'bulyan-phase-2': 'the "Trimmed Mean" of the text of Baruch, Baruch, Goldberg 2019',
    'baruch-2019-code': 'the "Trimmed Mean" of its released code',
  },
  // A value beyond the honest ones may be nearer to the median than an honest one on the other side.
  properties: ({ keep = 'n-f' }) => ({
    order: true, translation: true, scale: 'any', meanWithoutByzantine: keep === 'n-f' || keep === 'n-2f', within: 'all values', weights: 'none',
  }),
  resolve({ keep = 'n-f' }, shape) {
    const wanted = countOf(keep, shape);
    // A value of a removed row is infinitely far: it can't be among those kept.
    return { keep: shape.removed > 0 ? Math.min(wanted, shape.n) : wanted };
  },
  check: outOfRange,
  impossible: outOfRange,
  memory: networkRequest,
  *aggregate(input) {
    const [first, last] = middle(input.n);
    yield* nearestMean(input.arena, input, input.output, input.memory.network, input.parameters.keep, first, last);
    return undefined;
  },
};

function outOfRange({ n, f }: Shape, { keep }: Resolved): string | undefined {
  if (keep >= 1 && keep <= n) return undefined;
  return `mean-around-median needs 1 ≤ keep ≤ n (Xie et al. 2018): keep = ${keep}, n = ${n}, f = ${f}`;
}
