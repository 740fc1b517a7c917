import { mean, silhouette } from 'simple-statistics';
import type { Stream } from '../data/random.js';

/** All pairs are compared, so of more points than this so many are drawn: the mean of 1,000 is known to within 0.01 or so. */
const MOST = 1000;

/** Mean silhouette (Rousseeuw 1987) of points in two clusters, or of as many of them as are drawn from the stream; 0 for a cluster of one. */
export function meanSilhouette(points: readonly number[][], clusters: readonly number[], random: Stream): number {
  const places = Uint32Array.from(points.keys());
  const drawn = Array.from(places.length <= MOST ? places : random.shuffle(places).subarray(0, MOST));
  const labels = drawn.map((place) => clusters[place] as number);
  // A cluster of which none was drawn is too small to be told.
  if (new Set(labels).size < 2) return 0;
  return mean(silhouette(drawn.map((place) => points[place] as number[]), labels));
}
