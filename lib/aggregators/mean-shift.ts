import { PAUSE, type Work } from '../kernels/task.js';

/** As many numbers in each. */
export interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
}

/**
 * As scikit-learn: a centre that moves by no more than this share of the bandwidth has arrived, and one that moves this often stays where
 * it is.
 */
const TOLERANCE = 1e-3;
const MOST_MOVES = 300;

/** Of 1,000 points these take about a quarter of a millisecond, and at most 8. */
const STARTS_PER_PAUSE = 8;

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
export function* largestByMeanShift(points: Points, bandwidth: number): Work<number[]> {
  const arrived: Centre[] = [];
  const visited = new Map<number, Visited>();
  for (let start = 0; start < points.x.length; start++) {
    arrived.push(moveToMean(start, points, bandwidth, visited));
    if (start % STARTS_PER_PAUSE === STARTS_PER_PAUSE - 1) yield PAUSE;
  }
  // The sort is stable: of equally many the smaller point's stays in front.
  arrived.sort((a, b) => b.seen - a.seen);
  const centres: Centre[] = [];
  for (const { x, y, z, seen } of arrived) {
    if (!centres.some((other) => distance(x, y, z, other.x, other.y, other.z) <= bandwidth)) centres.push({ x, y, z, seen });
  }
  const clusters = centres.map((): number[] => []);
  for (let point = 0; point < points.x.length; point++) clusters[nearest(points, point, centres, bandwidth)]?.push(point);
  return clusters.reduce((best, cluster) => (isBefore(cluster, best) ? cluster : best), []);
}

/** The distances of all pairs of points. */
export function pairDistances(points: Points): Float64Array {
  const { length } = points.x;
  const distances = new Float64Array((length * (length - 1)) / 2);
  for (let i = 0, pair = 0; i < length; i++) for (let j = i + 1; j < length; j++, pair++) distances[pair] = between(points, i, j);
  return distances;
}

interface Centre {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** The points within the bandwidth of where it was before its last move. */
  readonly seen: number;
}

/** A place where a centre has been, and where one that is there arrives. */
interface Visited {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly arrives: Centre;
}

/**
 * Plain loops in which nothing is made: n² steps or more of them are what mean shift takes. Centres from near points soon are at one place, so one that
 * comes where another has been arrives where that did: of 51 points' moves two in three need not be made.
 */
function moveToMean(start: number, points: Points, bandwidth: number, visited: Map<number, Visited>): Centre {
  const { x: xs, y: ys, z: zs } = points;
  let [x, y, z] = [xs[start] as number, ys[start] as number, zs[start] as number];
  // Four numbers a place: objects here would cost more than the moves.
  const way: number[] = [];
  let arrives: Centre | undefined;
  for (let move = 0; arrives === undefined; move++) {
    // Any key will do: the place itself is compared.
    const key = x + Math.PI * y + Math.E * z;
    const before = visited.get(key);
    if (before?.x === x && before.y === y && before.z === z) {
      ({ arrives } = before);
      break;
    }
    way.push(key, x, y, z);
    let seen = 0;
    let sumX = 0;
    let sumY = 0;
    let sumZ = 0;
    for (let point = 0; point < xs.length; point++) {
      const px = xs[point] as number;
      const py = ys[point] as number;
      const pz = zs[point] as number;
      // Half of the points are within the bandwidth, in no order that a processor could foresee.
      const inside = Number(distance(px, py, pz, x, y, z) <= bandwidth);
      sumX += inside * px;
      sumY += inside * py;
      sumZ += inside * pz;
      seen += inside;
    }
    // Only where rounding puts a mean's own points beyond the bandwidth.
    if (seen === 0) arrives = { x, y, z, seen };
    else {
      const moved = distance(sumX / seen, sumY / seen, sumZ / seen, x, y, z);
      x = sumX / seen;
      y = sumY / seen;
      z = sumZ / seen;
      if (moved <= TOLERANCE * bandwidth || move === MOST_MOVES) arrives = { x, y, z, seen };
    }
  }
  for (let at = 0; at < way.length; at += 4) {
    visited.set(way[at] as number, { x: way[at + 1] as number, y: way[at + 2] as number, z: way[at + 3] as number, arrives });
  }
  return arrives;
}

/** The number of the centre nearest to a point, of equally near ones the first; −1 when none is within the bandwidth. */
function nearest({ x, y, z }: Points, point: number, centres: readonly Centre[], bandwidth: number): number {
  let [best, least] = [-1, Infinity];
  for (const [number, centre] of centres.entries()) {
    const away = distance(x[point] as number, y[point] as number, z[point] as number, centre.x, centre.y, centre.z);
    if (away < least) [best, least] = [number, away];
  }
  return least <= bandwidth ? best : -1;
}

function between({ x, y, z }: Points, i: number, j: number): number {
  return distance(x[i] as number, y[i] as number, z[i] as number, x[j] as number, y[j] as number, z[j] as number);
}

function distance(x: number, y: number, z: number, u: number, v: number, w: number): number {
  return Math.sqrt((x - u) * (x - u) + (y - v) * (y - v) + (z - w) * (z - w));
}

function isBefore(cluster: readonly number[], best: readonly number[]): boolean {
  return cluster.length > best.length || (cluster.length === best.length && cluster.length > 0 && (cluster[0] as number) < (best[0] as number));
}
