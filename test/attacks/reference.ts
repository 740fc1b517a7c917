/** What min-max and min-sum are held to, in float64 and from their definitions: the largest γ by bisection over all distances. */
import { deviation, mean, type Rows } from '../aggregators/reference.js';

export type Direction = 'deviation' | 'unit' | 'sign';

/** What a lie is measured by, and what of it the rows allow. */
export interface Constraint {
  readonly measure: (lie: ArrayLike<number>, rows: Rows) => number;
  readonly limit: (rows: Rows) => number;
}

export const greatestDistance: Constraint = {
  measure: (lie, rows) => Math.sqrt(Math.max(...rows.map((row) => squaredDistance(lie, row)))),
  limit: (rows) => Math.max(...rows.map((row) => greatestDistance.measure(row, rows))),
};

export const sumOfSquares: Constraint = {
  measure: (lie, rows) => rows.reduce((sum, row) => sum + squaredDistance(lie, row), 0),
  limit: (rows) => Math.max(...rows.map((row) => sumOfSquares.measure(row, rows))),
};

/** μ + γp, or μ where p is 0 everywhere. */
export function farthestLie(rows: Rows, direction: Direction, { measure, limit }: Constraint): number[] {
  const mu = mean(rows);
  const p = directionOf(rows, direction);
  const length = Math.sqrt(p.reduce((sum, value) => sum + value * value, 0));
  if (length === 0) return mu;
  const most = limit(rows);
  const lie = (factor: number): number[] => mu.map((value, k) => value + factor * p[k]!);
  // Beyond twice the distance to the farthest row from μ, no lie is near.
  let [low, high] = [0, (2 * Math.sqrt(Math.max(...rows.map((row) => squaredDistance(row, mu))) * rows.length) + 1e-300) / length];
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (measure(lie(middle), rows) <= most) low = middle;
    else high = middle;
  }
  return lie(low);
}

export function directionOf(rows: Rows, direction: Direction): number[] {
  if (direction === 'deviation') return deviation(rows, 1).map((value) => -value);
  const mu = mean(rows);
  const length = Math.sqrt(mu.reduce((sum, value) => sum + value * value, 0));
  return mu.map((value) => (direction === 'sign' ? -Math.sign(value) : length === 0 ? 0 : -value / length));
}

export function squaredDistance(x: ArrayLike<number>, y: ArrayLike<number>): number {
  return Array.from(x).reduce((sum, value, k) => sum + (value - y[k]!) ** 2, 0);
}
