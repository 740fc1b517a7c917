/** The pre-aggregators in float64, written from their formulas and as plainly as possible. Every function takes rows and gives rows. */
import { mean, type Rows } from '../aggregators/reference.js';

export function nnm(rows: Rows, f: number): number[][] {
  return rows.map((row, i) => {
    const others = rows.map((_, j) => j).filter((j) => j !== i);
    const far = (j: number): number => norm(Array.from(row, (value, k) => value - rows[j]![k]!));
    const nearest = others.map((j) => ({ j, far: far(j) })).sort((a, b) => a.far - b.far || a.j - b.j).slice(0, rows.length - f - 1);
    return mean([row, ...nearest.map(({ j }) => rows[j]!)]);
  });
}

export function clipping(rows: Rows, limit: number): number[][] {
  return rows.map((row) => clip(row, limit));
}

export function arc(rows: Rows, f: number): number[][] {
  const k = Number((2n * BigInt(f) * BigInt(rows.length - f)) / BigInt(rows.length));
  const largestFirst = rows.map((row, i) => ({ i, norm: norm(row) })).sort((a, b) => b.norm - a.norm || a.i - b.i);
  const clipped = new Set(largestFirst.slice(0, k).map(({ i }) => i));
  return rows.map((row, i) => (clipped.has(i) ? clip(row, largestFirst[k]!.norm) : Array.from(row)));
}

export function norm(row: ArrayLike<number>): number {
  return Math.sqrt(Array.from(row).reduce((sum, value) => sum + value * value, 0));
}

function clip(row: ArrayLike<number>, limit: number): number[] {
  const length = norm(row);
  return Array.from(row, (value) => (length > limit ? (value / length) * limit : value));
}
