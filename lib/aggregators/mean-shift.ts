import { PAUSE, type Work } from '../kernels/task.js';

export type Point = readonly [x: number, y: number, z: number];

/**
 * As scikit-learn: a centre that moves by no more than this share of the bandwidth has arrived, and one that moves this often stays where
 * it is.
 */
const TOLERANCE = 1e-3;
const MOST_MOVES = 300;

/**
 * The largest cluster of points by mean shift with a flat kernel, as scikit-learn's `MeanShift` without `bin_seeding` and `cluster_all`
 * does it: from each point a centre moves to the mean of the points within the bandwidth, again and again. Of centres within the bandwidth
 * of one that saw more points in its last move only that one stays, and each point belongs to the nearest that is within the bandwidth.
 * Returns the points' numbers, in order.
 *
 * Of centres that saw equally many, and of centres equally near, the one that began at the smaller point comes first; of equally large
 * clusters the one whose first point is smaller (scikit-learn goes by the centres' coordinates). Means of equal points of whole numbers are
 * exact, so a bandwidth of 0 puts equal points together.
 */
export function* largestByMeanShift(points: readonly Point[], bandwidth: number): Work<number[]> {
  const arrived: { readonly centre: Point; readonly seen: number }[] = [];
  for (const point of points) {
    arrived.push(moveToMean(point, points, bandwidth));
    yield PAUSE;
  }
  // The sort is stable: of equally many the smaller point's stays in front.
  arrived.sort((a, b) => b.seen - a.seen);
  const centres: Point[] = [];
  for (const { centre } of arrived) if (!centres.some((other) => distance(centre, other) <= bandwidth)) centres.push(centre);
  const clusters = centres.map((): number[] => []);
  for (const [number, point] of points.entries()) {
    const distances = centres.map((centre) => distance(point, centre));
    const least = Math.min(...distances);
    if (least <= bandwidth) clusters[distances.indexOf(least)]?.push(number);
  }
  return clusters.reduce((best, cluster) => (isBefore(cluster, best) ? cluster : best), []);
}

export function distance([x, y, z]: Point, [u, v, w]: Point): number {
  return Math.sqrt((x - u) * (x - u) + (y - v) * (y - v) + (z - w) * (z - w));
}

function moveToMean(start: Point, points: readonly Point[], bandwidth: number): { centre: Point; seen: number } {
  let centre = start;
  for (let move = 0; ; move++) {
    const near = points.filter((point) => distance(point, centre) <= bandwidth);
    // Only where rounding puts a mean's own points beyond the bandwidth.
    if (near.length === 0) return { centre, seen: 0 };
    const mean = [0, 1, 2].map((axis) => near.reduce((sum, point) => sum + (point[axis] as number), 0) / near.length) as unknown as Point;
    const moved = distance(mean, centre);
    centre = mean;
    if (moved <= TOLERANCE * bandwidth || move === MOST_MOVES) return { centre, seen: near.length };
  }
}

function isBefore(cluster: readonly number[], best: readonly number[]): boolean {
  return cluster.length > best.length || (cluster.length === best.length && cluster.length > 0 && (cluster[0] as number) < (best[0] as number));
}
