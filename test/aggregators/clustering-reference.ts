/** The rules that cluster, in float64, written from their formulas and as plainly as possible: what the real ones are compared with. */
import { mean, type Rows } from './reference.js';

export interface Signguard {
  readonly lower: number;
  readonly upper: number;
  readonly quantile: number;
}

/** `coordinates`: those whose signs are counted. */
export function signguard(rows: Rows, coordinates: readonly number[], { lower, upper, quantile }: Signguard): number[] {
  const lengths = rows.map(length);
  const M = quantileOf(lengths, 0.5);
  const points = rows.map((row) => [1, 0, -1].map((sign) => coordinates.filter((k) => Math.sign(row[k]!) === sign).length));
  const bandwidth = quantileOf(pairsOf(rows.length).map(([i, j]) => apart(points[i]!, points[j]!)), quantile);
  const alike = meanShift(points, bandwidth);
  const usual = [...rows.keys()].filter((i) => lengths[i]! >= lower * M && lengths[i]! <= upper * M);
  const both = usual.filter((i) => alike.includes(i));
  return clippedMean(rows, both.length > 0 ? both : usual, M);
}

/** The largest cluster. */
export function meanShift(points: readonly (readonly number[])[], bandwidth: number): number[] {
  const arrivals = points.map((point) => {
    let centre = point;
    for (let move = 0; move <= 300; move++) {
      const near = points.filter((other) => apart(other, centre) <= bandwidth);
      const before = centre;
      centre = mean(near);
      if (apart(centre, before) <= 1e-3 * bandwidth || move === 300) return { centre, seen: near.length };
    }
    throw new Error('unreachable');
  });
  const order = arrivals.map((arrival, start) => ({ ...arrival, start })).sort((a, b) => b.seen - a.seen || a.start - b.start);
  const kept: (typeof order)[number][] = [];
  for (const one of order) if (kept.every(({ centre }) => apart(centre, one.centre) > bandwidth)) kept.push(one);
  const labels = points.map((point) => {
    const nearest = Math.min(...kept.map(({ centre }) => apart(point, centre)));
    return nearest <= bandwidth ? kept.findIndex(({ centre }) => apart(point, centre) === nearest) : -1;
  });
  const clusters = kept.map((_, label) => [...points.keys()].filter((i) => labels[i] === label)).filter((cluster) => cluster.length > 0);
  return clusters.sort((a, b) => b.length - a.length || a[0]! - b[0]!)[0]!;
}

/** `seen`: the norms of the rounds before. */
export function clippedClustering(rows: Rows, seen: readonly number[] = []): number[] {
  const limit = quantileOf([...seen, ...rows.map(length)], 0.5);
  const [first, second = []] = averageLinkage(cosineDistances(rows), 2);
  return clippedMean(rows, second.length > first!.length ? second : first!, limit);
}

/** The clusters by their first points; every mean is taken anew over all pairs. */
export function averageLinkage(distances: readonly (readonly number[])[], count: number): number[][] {
  let clusters = distances.map((_, i) => [i]);
  while (clusters.length > count) {
    let best = { a: 0, b: 1, distance: Infinity };
    for (const [a, b] of pairsOf(clusters.length)) {
      const all = clusters[a]!.flatMap((i) => clusters[b]!.map((j) => distances[i]![j]!));
      const distance = all.reduce((sum, value) => sum + value, 0) / all.length;
      if (distance < best.distance) best = { a, b, distance };
    }
    const joined = [...clusters[best.a]!, ...clusters[best.b]!].sort((i, j) => i - j);
    clusters = clusters.with(best.a, joined).filter((_, k) => k !== best.b);
  }
  return clusters;
}

/** Without noise. */
export function flame(rows: Rows): number[] {
  const distances = cosineDistances(rows);
  return clippedMean(rows, majority(distances, Math.floor(rows.length / 2) + 1), quantileOf(rows.map(length), 0.5));
}

/** The points of the first component of so many, as ever longer links are let in. */
export function majority(distances: readonly (readonly number[])[], size: number): number[] {
  const n = distances.length;
  for (const r of [0, ...pairsOf(n).map(([i, j]) => distances[i]![j]!)].sort((a, b) => a - b)) {
    for (let start = 0; start < n; start++) {
      const reached = new Set([start]);
      for (const i of reached) for (let j = 0; j < n; j++) if (i !== j && distances[i]![j]! <= r) reached.add(j);
      if (reached.size >= size) return [...reached].sort((a, b) => a - b);
    }
  }
  throw new Error('all points are linked in the end');
}

/** `alpha`: the 0.9 quantile unless given. */
export function auror(rows: Rows, share: number, alpha?: number): number[] {
  const splits = Array.from(rows[0]!, (_, k) => bestSplit(rows.map((row) => row[k]!)));
  const threshold = alpha ?? quantileOf(splits.map(({ distance }) => distance), 0.9);
  const indicative = splits.filter(({ distance }) => distance > threshold);
  const counts = rows.map((_, i) => indicative.filter(({ smaller }) => smaller.includes(i)).length);
  const left = [...rows.keys()].filter((i) => counts[i]! <= share * indicative.length);
  return mean((left.length > 0 ? left : [...rows.keys()].filter((i) => counts[i] === Math.min(...counts))).map((i) => rows[i]!));
}

/** From the sums of squares about the means; sums of whole numbers and their products are exact, and so the ties. */
function bestSplit(values: readonly number[]): { distance: number; smaller: readonly number[] } {
  const n = values.length;
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  let best: { distance: number; smaller: readonly number[] } = { distance: 0, smaller: [] };
  let most = { top: 0, bottom: 1 };
  for (let i = 1; i < n; i++) {
    const [lower, upper] = [order.slice(0, i), order.slice(i)];
    const [L, U] = [lower, upper].map((rows) => rows.reduce((sum, row) => sum + values[row]!, 0)) as [number, number];
    const between = i * U - (n - i) * L;
    const { top, bottom } = { top: between ** 2, bottom: i * (n - i) };
    if (top * most.bottom > most.top * bottom) {
      most = { top, bottom };
      best = { distance: between / (i * (n - i)), smaller: i < n - i ? lower : i > n - i ? upper : [] };
    }
  }
  return best;
}

/** `histories`: each worker's sum of rows, this round's included. `least`: what similarities count from. */
export function foolsgold(rows: Rows, histories: Rows = rows, least = 0): number[] {
  const n = rows.length;
  const cs = histories.map((x) => histories.map((y) => cosine(x, y)));
  const most = (values: readonly number[], own: number): number => Math.max(...values.filter((_, j) => j !== own));
  const v = cs.map((row, i) => Math.max(least, most(row, i)));
  const a = cs.map((row, i) => Math.min(1, Math.max(0, 1 - most(row.map((value, j) => (v[j]! > v[i]! ? value * v[i]! / v[j]! : value)), i))));
  const largest = Math.max(...a);
  if (largest === 0) return mean(rows).map(() => 0);
  const shares = a.map((value) => value / largest).map((value) => (value === 1 ? 0.99 : value)).map((value) => Math.min(1, Math.max(0, Math.log(value / (1 - value)) + 0.5)));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return mean(rows.map((row, i) => Array.from(row, (value) => value * n * (shares[i]! / total))));
}

/** Between the two nearest of the sorted values, in proportion. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const lower = sorted[Math.floor(place)] ?? 0;
  return lower + (place - Math.floor(place)) * ((sorted[Math.ceil(place)] ?? 0) - lower);
}

/** The zero row when none is selected. */
function clippedMean(rows: Rows, selected: readonly number[], limit: number): number[] {
  if (selected.length === 0) return mean(rows).map(() => 0);
  return mean(selected.map((i) => {
    const norm = length(rows[i]!);
    return Array.from(rows[i]!, (value) => value * (norm > limit ? limit / norm : 1));
  }));
}

function cosineDistances(rows: Rows): number[][] {
  return rows.map((x, i) => rows.map((y, j) => (i === j ? 0 : 1 - cosine(x, y))));
}

function cosine(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const scale = Math.sqrt(product(x, x) * product(y, y));
  return scale === 0 ? 0 : product(x, y) / scale;
}

function length(x: ArrayLike<number>): number {
  return Math.sqrt(product(x, x));
}

function product(x: ArrayLike<number>, y: ArrayLike<number>): number {
  return Array.from(x).reduce((sum, value, k) => sum + value * y[k]!, 0);
}

function apart(x: readonly number[], y: readonly number[]): number {
  return Math.sqrt(x.reduce((sum, value, k) => sum + (value - y[k]!) ** 2, 0));
}

function pairsOf(n: number): [number, number][] {
  return Array.from({ length: n }, (_, i) => Array.from({ length: n - i - 1 }, (_, j): [number, number] => [i, i + 1 + j])).flat();
}
