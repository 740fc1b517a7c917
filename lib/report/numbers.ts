import type { RunGroup, Statistic } from './summary.js';

/** What stands where a figure is missing. */
export const MISSING = '–';

/** A share as per cent with one decimal, `± deviation` after it when there is one: `96.1 ± 0.2`. */
export function percent(share: Statistic | undefined): string {
  return withDeviation(share, (value) => (100 * value).toFixed(1));
}

/** A share as per cent with one decimal. */
export function percentOf(share: number | undefined): string {
  return share === undefined || !Number.isFinite(share) ? MISSING : (100 * share).toFixed(1);
}

/** What an attack takes of an accuracy, in points: `holds` where it is no more than the margin. */
export function againstNone(compared: RunGroup['againstNone']): string {
  if (compared === undefined) return '';
  if (compared.holds) return 'holds';
  return compared.lost === undefined ? MISSING : `−${(100 * compared.lost).toFixed(1)}`;
}

/** A loss with two decimals, in exponential notation from a million on. */
export function loss(value: Statistic | undefined): string {
  return withDeviation(value, (part, mean) => (Math.abs(mean) >= 1e6 ? part.toExponential(1) : part.toFixed(2)));
}

/** A figure of any size with about three digits, `± deviation` after it, to the same place, when there is one. */
export function figure(value: Statistic | undefined): string {
  return withDeviation(value, (part, mean) => write(part, Math.abs(mean)));
}

/** About three digits: `0.134`, `2.30`, `41.2`, `1,530`, `4.6e+21`. */
export function significant(value: number): string {
  return write(value, Math.abs(value));
}

/** `value` to the places that suit a figure of this size. */
function write(value: number, size: number): string {
  if (!Number.isFinite(value)) return MISSING;
  if (size >= 1e6 || (size !== 0 && size < 1e-3)) return value.toExponential(1);
  if (size >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

function withDeviation(statistic: Statistic | undefined, format: (value: number, mean: number) => string): string {
  if (statistic === undefined) return MISSING;
  const { mean, deviation } = statistic;
  return deviation === undefined ? format(mean, mean) : `${format(mean, mean)} ± ${format(deviation, mean)}`;
}
