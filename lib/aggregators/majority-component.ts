import { PAUSE, type Work } from '../kernels/task.js';

/**
 * The first cluster of at least `size` > n/2 of n points that single linkage makes: with the least r for which points at most r apart,
 * chained, are so many. All points that such chains reach are in it, so ties need no order. `distances`: n × n, symmetric. Returns the
 * points in order.
 *
 * A minimum spanning tree holds every such chain's links (Prim's algorithm, O(n²)); they are joined from the shortest to the longest.
 */
export function* majorityComponent(distances: Float64Array, n: number, size: number): Work<number[]> {
  const links = yield* spanningTree(distances, n);
  links.sort((a, b) => a.length - b.length);
  const component = Int32Array.from({ length: n }, (_, point) => point);
  let largest = size <= 1 ? [0] : [];
  for (let place = 0; place < links.length && largest.length < size;) {
    const { length } = links[place] as Link;
    for (; place < links.length && (links[place] as Link).length === length; place++) {
      const { from, to } = links[place] as Link;
      const [kept, joined] = [component[from] as number, component[to] as number];
      for (let point = 0; point < n; point++) if (component[point] === joined) component[point] = kept;
      largest = longer(largest, pointsOf(component, kept));
    }
    yield PAUSE;
  }
  return largest;
}

interface Link {
  readonly from: number;
  readonly to: number;
  readonly length: number;
}

function* spanningTree(distances: Float64Array, n: number): Work<Link[]> {
  const links: Link[] = [];
  const nearest = new Int32Array(n);
  const least = distances.slice(0, n);
  const waiting = new Set(Array.from({ length: n - 1 }, (_, point) => point + 1));
  while (waiting.size > 0) {
    let next = -1;
    for (const point of waiting) if (next === -1 || (least[point] as number) < (least[next] as number)) next = point;
    waiting.delete(next);
    links.push({ from: nearest[next] as number, to: next, length: least[next] as number });
    for (const point of waiting) {
      const distance = distances[next * n + point] as number;
      if (distance >= (least[point] as number)) continue;
      least[point] = distance;
      nearest[point] = next;
    }
    yield PAUSE;
  }
  return links;
}

function pointsOf(component: Int32Array, wanted: number): number[] {
  return Array.from(component.keys()).filter((point) => component[point] === wanted);
}

function longer(a: number[], b: number[]): number[] {
  return b.length > a.length ? b : a;
}
