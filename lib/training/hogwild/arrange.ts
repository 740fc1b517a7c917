import type { SparsePart, SparseTarget } from '../../data/sparse/sparse-dataset.js';

/** How the vertices of a data set are numbered in memory: the more edges a vertex has, the smaller its number; ties in the file's order. */
export interface Arrangement {
  /** The number in memory of the file's vertex v. */
  readonly rank: Uint32Array;
  /** Training edges of each vertex, by its number in memory. */
  readonly degrees: Uint32Array;
}

/**
 * Numbers the vertices anew, in place, with each edge's in ascending order: those that nearly every edge touches then lie side by side, where
 * they can be gathered, and locks are taken in one order by all. What a run leaves is numbered as in the file again.
 */
export function arrange(target: SparseTarget, vertices: number): Arrangement {
  const found = new Uint32Array(vertices);
  for (const vertex of target.train.vertices) found[vertex] = (found[vertex] as number) + 1;
  const order = Uint32Array.from({ length: vertices }, (_, vertex) => vertex);
  order.sort((a, b) => (found[b] as number) - (found[a] as number) || a - b);
  const rank = new Uint32Array(vertices);
  for (let place = 0; place < vertices; place++) rank[order[place] as number] = place;
  renumber(target.train, rank);
  renumber(target.test, rank);
  permute(target.vertexLabels, order);
  permute(target.fixed, order);
  return { rank, degrees: Uint32Array.from(order, (vertex) => found[vertex] as number) };
}

function renumber({ offsets, vertices, values }: SparsePart, rank: Uint32Array): void {
  for (let k = 0; k < vertices.length; k++) vertices[k] = rank[vertices[k] as number] as number;
  if (offsets.length === 0) {
    for (let k = 0; k < vertices.length; k += 2) {
      const [u, v] = [vertices[k] as number, vertices[k + 1] as number];
      vertices[k] = Math.min(u, v);
      vertices[k + 1] = Math.max(u, v);
    }
    return;
  }
  for (let edge = 0; edge + 1 < offsets.length; edge++) sortEntries(vertices, values, offsets[edge] as number, offsets[edge + 1] as number);
}

/** A vertex and the place of its value in one double: 32 bits and 21 bits. */
const PLACES = 2 ** 21;

function sortEntries(vertices: Uint32Array, values: Float32Array, begin: number, end: number): void {
  if (end - begin > PLACES) throw new RangeError(`a sample with ${end - begin} features; at most ${PLACES} can be sorted`);
  const keys = Float64Array.from({ length: end - begin }, (_, k) => (vertices[begin + k] as number) * PLACES + k).sort();
  const old = values.slice(begin, end);
  keys.forEach((key, k) => {
    vertices[begin + k] = Math.floor(key / PLACES);
    values[begin + k] = old[key % PLACES] as number;
  });
}

function permute(items: Float32Array | Uint8Array, order: Uint32Array): void {
  if (items.length === 0) return;
  const old = items.slice();
  for (let place = 0; place < order.length; place++) items[place] = old[order[place] as number] as number;
}
