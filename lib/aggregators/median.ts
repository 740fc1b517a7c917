import { z } from 'zod';
import { maximumComparators } from '../kernels/network.js';
import { sortedMean } from '../kernels/work.js';
import { u32 } from '../memory/regions.js';
import type { Aggregator } from './aggregator.js';

/** Coordinate-wise median: the mean of the two middle values when n is even. */
export const median: Aggregator<Record<string, never>, object, ReturnType<typeof networkRequest>> = {
  name: 'median',
  formula: 'per coordinate the median; the mean of the two middle values when n is even',
  source: 'Yin et al. 2018',
  precondition: '2f < n',
  cost: 'O(n log² n · d)',
  parameters: z.strictObject({}),
  presets: {},
  properties: () => ({ order: true, translation: true, scale: 'any', meanWithoutByzantine: false, within: 'honest values', weights: 'none' }),
  resolve: () => ({}),
  check: ({ n, f }) => (2 * f < n ? undefined : `median needs 2f < n (Yin et al. 2018): n = ${n}, f = ${f}`),
  /** Xie, Koyejo, Gupta 2018, as El Mhamdi, Guerraoui, Rouault 2021 state it. */
  bound: ({ n, f }) => (2 * f < n ? 1 / Math.sqrt(n - f) : undefined),
  boundSource: '1/√(n−f): Xie, Koyejo, Gupta 2018, as El Mhamdi, Guerraoui, Rouault 2021 state it',
  robustness: medianRobustness,
  robustnessSource: '4(1 + f/(n−2f))²: Allouah et al. 2023',
  memory: networkRequest,
  *aggregate(input) {
    const [first, last] = middle(input.n);
    yield* sortedMean(input.arena, input, input.output, input.memory.network, first, last);
    return undefined;
  },
};

/** κ of the geometric median, of which the coordinate-wise one is the case of one dimension. */
export function medianRobustness({ n, f }: { readonly n: number; readonly f: number }): number | undefined {
  const factor = 1 + f / (n - 2 * f);
  return 2 * f < n ? 4 * factor * factor : undefined;
}

/** The sorted positions whose mean is the median of n values. */
export function middle(n: number): [first: number, last: number] {
  return [Math.floor((n - 1) / 2), Math.floor(n / 2)];
}

/** The region that a comparator network over n rows takes. */
export function networkRequest({ n }: { readonly n: number }) {
  return { network: u32(2 * maximumComparators(n)) };
}
