import type { SparsePart } from '../../data/sparse/sparse-dataset.js';

/** The figures of Recht et al. 2011, section 2, over the training edges. */
export interface Sparsity {
  readonly edges: number;
  readonly vertices: number;
  /** Ω: the most vertices of an edge. */
  readonly omega: number;
  /** Δ: the greatest share of the edges that have one vertex in common. */
  readonly delta: number;
  /** ρ: the greatest share of the edges that meet one edge, itself included. */
  readonly rho: number;
  /** False when ρ would have taken too long: then it is that of the edges most likely to have it, a lower bound. */
  readonly rhoIsExact: boolean;
}

/** Visits of an edge that the search for ρ may take: some seconds. */
const MOST_VISITS = 100_000_000;

/**
 * ρ, Δ and Ω. For ρ edges are tried in descending order of an upper bound, the sum of their vertices' degrees, until no bound is
 * above the greatest found.
 */
export function sparsityOf({ offsets, vertices }: SparsePart, edges: number, degrees: Uint32Array): Sparsity {
  const begin = (edge: number): number => (offsets.length === 0 ? 2 * edge : (offsets[edge] as number));
  const bounds = new Float64Array(edges);
  let omega = 0;
  for (let edge = 0; edge < edges; edge++) {
    omega = Math.max(omega, begin(edge + 1) - begin(edge));
    let bound = 0;
    for (let k = begin(edge); k < begin(edge + 1); k++) bound += degrees[vertices[k] as number] as number;
    bounds[edge] = Math.min(bound, edges);
  }
  const { starts, incident } = edgesOfVertices(vertices, degrees, edges, begin);
  const likeliest = Uint32Array.from({ length: edges }, (_, edge) => edge).sort((a, b) => (bounds[b] as number) - (bounds[a] as number) || a - b);
  const metBy = new Int32Array(edges).fill(-1);
  let most = 0;
  let visits = 0;
  let exact = true;
  for (const edge of likeliest) {
    if ((bounds[edge] as number) <= most) break;
    if (visits > MOST_VISITS) {
      exact = false;
      break;
    }
    let met = 0;
    for (let k = begin(edge); k < begin(edge + 1); k++) {
      const vertex = vertices[k] as number;
      const [first, end] = [starts[vertex] as number, starts[vertex + 1] as number];
      visits += end - first;
      for (let at = first; at < end; at++) {
        const other = incident[at] as number;
        if (metBy[other] === edge) continue;
        metBy[other] = edge;
        met += 1;
      }
    }
    most = Math.max(most, met);
  }
  return { edges, vertices: degrees.length, omega, delta: degrees.reduce((greatest, degree) => Math.max(greatest, degree), 0) / edges, rho: most / edges, rhoIsExact: exact };
}

function edgesOfVertices(vertices: Uint32Array, degrees: Uint32Array, edges: number, begin: (edge: number) => number): { starts: Uint32Array; incident: Uint32Array } {
  const starts = new Uint32Array(degrees.length + 1);
  for (let vertex = 0; vertex < degrees.length; vertex++) starts[vertex + 1] = (starts[vertex] as number) + (degrees[vertex] as number);
  const next = starts.slice(0, degrees.length);
  const incident = new Uint32Array(vertices.length);
  for (let edge = 0; edge < edges; edge++) {
    for (let k = begin(edge); k < begin(edge + 1); k++) {
      const vertex = vertices[k] as number;
      incident[next[vertex] as number] = edge;
      next[vertex] = (next[vertex] as number) + 1;
    }
  }
  return { starts, incident };
}
