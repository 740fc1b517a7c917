import type { ReportedRun } from './types.js';

/** How a run's honest rows compare with the limit under which the rule is proven. */
export interface BoundComparison {
  /** The limit on (standard deviation / norm) of the honest rows, from the manifest. */
  readonly bound: number;
  /** Share of the recorded rounds with a finite ratio in which the ratio is at most the limit; NaN when there are none. */
  readonly within: number;
}

/** Undefined for a run whose rule has no proven limit, or which left no manifest. */
export function compareWithBound({ manifest, records }: ReportedRun): BoundComparison | undefined {
  const bound = manifest?.manifest.resolved.aggregator['bound'];
  if (typeof bound !== 'number') return undefined;
  const ratios = records.map(({ deviationToNorm }) => deviationToNorm).filter(Number.isFinite);
  return { bound, within: ratios.filter((ratio) => ratio <= bound).length / ratios.length };
}
