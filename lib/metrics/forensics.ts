import type { RoundRecord } from '../run/records.js';

export type Forensics = Pick<RoundRecord, 'distance' | 'cosine' | 'withinDeviation' | 'deviationToNorm'>;

/** Of a round without an aggregate. */
export const NO_FORENSICS: Forensics = { distance: Number.NaN, cosine: Number.NaN, withinDeviation: [Number.NaN, Number.NaN, Number.NaN], deviationToNorm: Number.NaN };

/**
 * A round's forensics from the eight sums of the kernel `forensics`: Σ(a−μ)², Σσ², Σμ², Σa², Σaμ and the counts of coordinates with
 * |μ| < zσ for z = ½, 1, 2 (Baruch et al. 2019, figure 2). A quotient by 0 (no deviation among the honest rows, a zero row) is NaN.
 */
export function forensicsOf(sums: ArrayLike<number>, d: number): Forensics {
  const [squaredDistance, variance, squaredMean, squaredAggregate, product, half, one, two] = Array.from(sums) as [
    number, number, number, number, number, number, number, number,
  ];
  return {
    distance: Math.sqrt(squaredDistance) / Math.sqrt(variance),
    cosine: product / (Math.sqrt(squaredMean) * Math.sqrt(squaredAggregate)),
    withinDeviation: [half / d, one / d, two / d],
    deviationToNorm: Math.sqrt(variance) / Math.sqrt(squaredMean),
  };
}

/** The share of the aggregate's weight that lies on Byzantine workers' rows. NaN when all weights are 0. */
export function byzantineWeight(weights: ArrayLike<number>, byzantine: readonly number[]): number {
  const total = Array.from(weights).reduce((sum, weight) => sum + weight, 0);
  return byzantine.reduce((sum, worker) => sum + (weights[worker] as number), 0) / total;
}
