import { PAUSE, type Work } from '../kernels/task.js';
import { power } from './krum-scores.js';

/**
 * Selects `theta` of n rows, each time the one whose `neighbours(left)` nearest rows among those left have the least sum of
 * distances to the power p; of equal sums the smaller row. Returns them in the order of the rows.
 *
 * `squared`: n × n squared distances. The lists are sorted once, and a selected row is taken out of each, so a step sums in order
 * of distance without sorting: O(n²) a step. The sums are made anew at each step; subtracting the selected row's share would be
 * faster and would lose the near distances' digits beside a far row's.
 */
export function* selectByKrum(squared: Float64Array, n: number, theta: number, neighbours: (left: number) => number, p: number): Work<number[]> {
  const lists = yield* sortNeighbours(squared, n, p);
  const left = Array.from({ length: n }, (_, row) => row);
  const selected: number[] = [];
  while (selected.length < theta && left.length > 0) {
    const summed = Math.min(neighbours(left.length), left.length - 1);
    let best = 0;
    let least = Infinity;
    for (const [place, row] of left.entries()) {
      let score = 0;
      for (let k = row * n; k < row * n + summed; k++) score += lists.powers[k] as number;
      if (score < least) {
        least = score;
        best = place;
      }
    }
    const [taken] = left.splice(best, 1) as [number];
    selected.push(taken);
    for (const row of left) takeOut(taken, lists, row * n, row * n + left.length);
    yield PAUSE;
  }
  return selected.sort((a, b) => a - b);
}

/** For each row, the others from the nearest to the farthest and their distances to the power p: n × n, of each line n − 1 in use. */
interface NeighbourLists {
  /** Two bytes are enough: the distances of 65,536 rows would take 32 GiB. */
  readonly order: Uint16Array;
  readonly powers: Float64Array;
}

function* sortNeighbours(squared: Float64Array, n: number, p: number): Work<NeighbourLists> {
  const order = new Uint16Array(n * n);
  const powers = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    const distances = squared.subarray(row * n, (row + 1) * n);
    const others = Array.from({ length: n }, (_, other) => other).filter((other) => other !== row);
    others.sort((a, b) => (distances[a] as number) - (distances[b] as number));
    order.set(others, row * n);
    for (const [place, other] of others.entries()) powers[row * n + place] = power(distances[other] as number, p);
    yield PAUSE;
  }
  return { order, powers };
}

/** Takes one row out of the list between `begin` and `end`, where it must be. */
function takeOut(row: number, { order, powers }: NeighbourLists, begin: number, end: number): void {
  const place = order.indexOf(row, begin);
  order.copyWithin(place, place + 1, end);
  powers.copyWithin(place, place + 1, end);
}
