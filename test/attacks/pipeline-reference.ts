/** Rules in float64 behind f equal lies, as an attacker tries them: workers 0 … f − 1 report the lie. */
import * as rules from '../aggregators/reference.js';
import type { Rows } from '../aggregators/reference.js';

export interface Defence {
  readonly rule: string;
  readonly output: (rows: Rows, f: number) => ArrayLike<number>;
  /** What the rows of workers 0 … f − 1 count for; absent where no row has a weight. */
  readonly picks?: (rows: Rows, f: number) => boolean;
}

const krumNeighbours = (rows: Rows, f: number): number => rows.length - f - 2;

export const KRUM: Defence = {
  rule: 'krum',
  output: (rows, f) => rules.krum(rows, krumNeighbours(rows, f), 2),
  picks: (rows, f) => rules.krumOrder(rows, krumNeighbours(rows, f), 2)[0]! < f,
};
export const MULTI_KRUM: Defence = {
  rule: 'multi-krum',
  output: (rows, f) => rules.multiKrum(rows, krumNeighbours(rows, f), 2, rows.length - f),
  picks: (rows, f) => rules.krumOrder(rows, krumNeighbours(rows, f), 2).slice(0, rows.length - f).some((row) => row < f),
};
export const TRIMMED_MEAN: Defence = { rule: 'trimmed-mean', output: (rows, f) => rules.trimmedMean(rows, f) };
export const BULYAN: Defence = { rule: 'bulyan', output: (rows, f) => rules.bulyan(rows, f, 2, 2, rows.length - 4 * f) };
export const MEAN: Defence = { rule: 'mean', output: (rows) => rules.mean(rows), picks: () => true };
export const CGE: Defence = {
  rule: 'cge',
  output: (rows, f) => rules.cge(rows, f),
  picks: (rows, f) => {
    const lie = length(rows[0]!);
    return rows.slice(f).filter((row) => length(row) < lie).length < rows.length - f;
  },
};

/** The rows of all workers when f of them report the lie. */
export function withLie(honest: Rows, lie: ArrayLike<number>, f: number): Rows {
  return [...Array.from({ length: f }, () => lie), ...honest];
}

export function length(row: ArrayLike<number>): number {
  return Math.sqrt(Array.from(row).reduce((sum, value) => sum + value * value, 0));
}

export function minus(x: ArrayLike<number>, y: ArrayLike<number>): number[] {
  return Array.from(x, (value, k) => value - y[k]!);
}
