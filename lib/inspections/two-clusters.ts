import { kMeansCluster } from 'simple-statistics';
import type { Stream } from '../data/random.js';

/** 2-means ends in a local optimum, and the best of so many is taken. */
const STARTS = 8;

/** Splits points in two by 2-means, from starts drawn from the stream; 0 or 1 for each. Undefined when they don't split. */
export function twoClusters(points: number[][], random: Stream): readonly number[] | undefined {
  let best: { readonly labels: readonly number[]; readonly squares: number } | undefined;
  for (let start = 0; start < STARTS; start++) {
    const found = attempt(points, random);
    if (found === undefined) continue;
    const squares = points.reduce((sum, point, place) => sum + squaredDistance(point, found.centroids[found.labels[place] as number] as number[]), 0);
    if (best === undefined || squares < best.squares) best = { labels: found.labels, squares };
  }
  return best?.labels;
}

/** Undefined when two points that are the same were drawn to start from. */
function attempt(points: number[][], random: Stream): { labels: number[]; centroids: number[][] } | undefined {
  try {
    return kMeansCluster(points, 2, () => random.uniform());
  } catch {
    return undefined;
  }
}

export function squaredDistance(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, k) => sum + (value - (b[k] as number)) ** 2, 0);
}
