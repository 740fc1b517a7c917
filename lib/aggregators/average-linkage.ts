import { PAUSE, type Work } from '../kernels/task.js';

/**
 * Agglomerative clustering with average linkage: each of n points is a cluster at first, and the two clusters with the least mean distance
 * between their points are joined until `count` are left. Returns each cluster's points in order, the clusters by their first points.
 * `distances`: n × n, symmetric, finite. Of equally near pairs of clusters the one with the smaller first points is joined.
 *
 * Between clusters the distances are added up, so joining two is an addition (Lance and Williams 1967 with whole sums), and nothing is ever
 * subtracted. Each cluster knows the nearest of those behind it, which is looked for anew only where it was one of the two: about O(n²) in
 * all, O(n³) at worst.
 */
export function* averageLinkage(distances: Float64Array, n: number, count: number): Work<number[][]> {
  const sums = distances.slice(0, n * n);
  const members = Array.from({ length: n }, (_, point) => [point]);
  // A cluster goes by its first point.
  let left = Array.from(members.keys());
  const size = (cluster: number): number => (members[cluster] as number[]).length;
  const meanDistance = (a: number, b: number): number => (sums[a * n + b] as number) / (size(a) * size(b));
  const nearest = new Int32Array(n);
  const least = new Float64Array(n);
  const look = (cluster: number): void => {
    nearest[cluster] = -1;
    least[cluster] = Infinity;
    for (const other of left) if (other > cluster) compare(cluster, other);
  };
  const compare = (cluster: number, other: number): void => {
    const distance = meanDistance(cluster, other);
    const best = least[cluster] as number;
    if (distance > best || (distance === best && other > (nearest[cluster] as number))) return;
    nearest[cluster] = other;
    least[cluster] = distance;
  };
  for (const cluster of left) {
    look(cluster);
    if (cluster % 64 === 63) yield PAUSE;
  }
  while (left.length > count) {
    const first = left.reduce((best, cluster) => ((least[cluster] as number) < (least[best] as number) ? cluster : best));
    const second = nearest[first] as number;
    left = left.filter((cluster) => cluster !== second);
    for (const other of left) {
      const sum = (sums[first * n + other] as number) + (sums[second * n + other] as number);
      sums[first * n + other] = sum;
      sums[other * n + first] = sum;
    }
    members[first] = [...(members[first] as number[]), ...(members[second] as number[])].sort((a, b) => a - b);
    for (const cluster of left) {
      if (cluster === first || nearest[cluster] === first || nearest[cluster] === second) look(cluster);
      else if (cluster < first) compare(cluster, first);
    }
    yield PAUSE;
  }
  return left.map((cluster) => members[cluster] as number[]);
}
