import type { Stream } from '../../lib/data/random.js';
import { jacobi } from './jacobi.js';
import { mean, type Rows } from './reference.js';

/**
 * The rules that choose by diameters and covariances, in float64 from the rows' coordinates and as plainly as possible: all subsets are
 * looked at, and covariances are made of their rows.
 */

/** All subsets of `size` of the numbers below n, in lexicographic order. */
export function subsets(n: number, size: number, first = 0): number[][] {
  if (size === 0) return [[]];
  const all: number[][] = [];
  for (let row = first; row <= n - size; row++) all.push(...subsets(n, size - 1, row + 1).map((rest) => [row, ...rest]));
  return all;
}

/** The first subset with the least diameter. */
export function mdaSelection(rows: Rows, f: number): number[] {
  const distances = rows.map((row) => rows.map((other) => squaredDistance(row, other)));
  return firstLeast(subsets(rows.length, rows.length - f), (subset) => greatest(subset.flatMap((i) => subset.map((j) => distances[i]![j]!))), 0);
}

export function squaredDiameter(rows: Rows, subset: readonly number[]): number {
  return greatest(subset.flatMap((i) => subset.map((j) => squaredDistance(rows[i]!, rows[j]!))));
}

/** The first subset whose covariance has the least greatest eigenvalue, to a relative 1e-9. */
export function smeaSelection(rows: Rows, f: number): number[] {
  return firstLeast(subsets(rows.length, rows.length - f), (subset) => greatestVariance(rows, subset), 1e-9);
}

export function greatestVariance(rows: Rows, subset: readonly number[]): number {
  const chosen = subset.map((i) => rows[i]!);
  const mu = mean(chosen);
  const centred = chosen.map((row) => mu.map((value, k) => row[k]! - value));
  // Of X Xᵀ and Xᵀ X, which share their greatest eigenvalue, the smaller.
  const lines = mu.length < chosen.length ? mu.map((_, k) => centred.map((row) => row[k]!)) : centred;
  return jacobi(lines.map((x) => lines.map((y) => sum(x.map((value, k) => value * y[k]!)) / chosen.length))).values[0]!;
}

/** `gap`: the least relative distance from the greatest eigenvalue to the next that was met, on which the direction depends. */
export function caf(rows: Rows, f: number): { output: number[]; gap: number; steps: number } {
  let c = rows.map(() => 1);
  let output = mean(rows);
  let least = Infinity;
  let gap = Infinity;
  let steps = 0;
  while (sum(c) > rows.length - 2 * f) {
    steps += 1;
    const { mu, matrix } = covariance(rows, c);
    const { values, vectors } = jacobi(matrix);
    if (values[0]! < least) [least, output] = [values[0]!, mu];
    if (values.length > 1) gap = Math.min(gap, (values[0]! - values[1]!) / values[0]!);
    const t = rows.map((row) => mu.reduce((along, value, k) => along + (row[k]! - value) * vectors[0]![k]!, 0) ** 2);
    const most = Math.max(...t.filter((_, i) => c[i]! > 0));
    if (most === 0) break;
    c = c.map((count, i) => (1 - t[i]! / most < 1e-12 ? 0 : count * (1 - t[i]! / most)));
  }
  return { output, gap, steps };
}

/** b of d coordinates by Floyd's algorithm, ascending. */
export function floyd(random: Stream, b: number, d: number): number[] {
  const chosen = new Set<number>();
  for (let last = d - b; last < d; last++) {
    const coordinate = random.below(last + 1);
    chosen.add(chosen.has(coordinate) ? last : coordinate);
  }
  return [...chosen].sort((x, y) => x - y);
}

/** Squared projections on the top right-singular vector of the centred rows, over some coordinates. */
export function outlierScores(rows: Rows, coordinates: readonly number[]): number[] {
  const chosen = rows.map((row) => coordinates.map((k) => row[k]!));
  const { mu, matrix } = covariance(chosen, chosen.map(() => 1));
  const top = jacobi(matrix).vectors[0]!;
  return chosen.map((row) => row.reduce((along, value, k) => along + (value - mu[k]!) * top[k]!, 0) ** 2);
}

/** The rows that are good for every draw of coordinates. */
export function dncSelection(rows: Rows, dropped: number, draws: readonly (readonly number[])[]): number[] {
  let good = [...rows.keys()];
  for (const coordinates of draws) {
    const scores = outlierScores(rows, coordinates);
    const bad = [...rows.keys()].sort((i, j) => scores[j]! - scores[i]! || j - i).slice(0, dropped);
    good = good.filter((row) => !bad.includes(row));
  }
  return good;
}

function covariance(rows: Rows, c: readonly number[]): { mu: number[]; matrix: number[][] } {
  const total = sum(c);
  const mu = Array.from(rows[0]!, (_, k) => sum(rows.map((row, i) => c[i]! * row[k]!)) / total);
  return { mu, matrix: mu.map((a, k) => mu.map((b, l) => sum(rows.map((row, i) => c[i]! * (row[k]! - a) * (row[l]! - b))) / total)) };
}

function firstLeast(all: readonly number[][], measure: (subset: readonly number[]) => number, tolerance: number): number[] {
  const measures = all.map(measure);
  const least = measures.reduce((a, b) => Math.min(a, b));
  return all[measures.findIndex((value) => value <= least * (1 + tolerance) + 1e-12 * tolerance)]!;
}

function squaredDistance(x: ArrayLike<number>, y: ArrayLike<number>): number {
  return Array.from(x).reduce((total, value, k) => total + (value - y[k]!) ** 2, 0);
}

function greatest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
