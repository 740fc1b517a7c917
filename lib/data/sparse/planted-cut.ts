import { z } from 'zod';
import { asWritten } from '../../registry/as-written.js';
import { DataError } from '../dataset.js';
import { Stream } from '../random.js';
import { breathe, EDGES_AT_ONCE, type SparseDataset } from './sparse-dataset.js';

const parameters = z.strictObject({
  vertices: z.int().min(2).max(50_000_000).default(20_000).describe('of the graph'),
  classes: z.int().min(2).max(1_000).default(4).describe('that the vertices are spread over'),
  degree: z.number().min(1).max(10_000).default(12).describe('arcs of a vertex, on average'),
  across: z.number().min(0).max(1).default(0.1).describe('share of arcs that go to a vertex of any other class'),
  known: z.number().gt(0).max(1).default(0.05).describe('share of vertices whose class is given'),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0).describe('of the data alone'),
});

type Parameters = z.infer<typeof parameters>;

/**
 * A graph with planted classes: vertex i is of class i mod `classes`; an arc joins two vertices of one class, or with probability
 * `across` of two classes. Arcs have weight 1; there may be several between two vertices. Vertices with a known class are the terminals of the cut.
 */
export const plantedCut: SparseDataset<Parameters> = {
  name: 'planted-cut',
  kind: 'graph',
  description: 'a graph with planted classes, of which a few vertices’ are known, generated',
  source: 'generated here',
  parameters,

  // eslint-disable-next-line @typescript-eslint/require-await -- the contract is asynchronous, for data sets that read files
  async describe({ vertices, classes, degree, known }) {
    if (2 * classes > vertices) throw new DataError(`dataset.classes is ${classes} for ${vertices} vertices; every class needs two, so it must be at most ${Math.floor(vertices / 2)}`);
    const fixed = knownVertices(vertices, known);
    if (fixed < classes) throw new DataError(`dataset.known makes ${fixed} of ${vertices} vertices known; each of ${classes} classes needs one`);
    const edges = Math.round((vertices * degree) / 2);
    return { vertices, rows: 0, classes, train: { edges, entries: 2 * edges }, test: { edges: 0, entries: 0 } };
  },

  async load({ vertices: count, classes, across, known, seed }, _folders, { train, vertexLabels, fixed }) {
    const stream = new Stream(seed, 'sparse', 6);
    for (let vertex = 0; vertex < count; vertex++) vertexLabels[vertex] = vertex % classes;
    fixed.fill(0);
    fixed.fill(1, 0, knownVertices(count, known));
    const { vertices, values } = train;
    for (let arc = 0; arc < values.length; arc++) {
      const u = stream.below(count);
      const crosses = stream.uniform() < across;
      let v: number;
      do v = crosses ? stream.below(count) : (u % classes) + classes * stream.below(Math.ceil((count - (u % classes)) / classes));
      while (v === u || (crosses && v % classes === u % classes));
      vertices[2 * arc] = Math.min(u, v);
      vertices[2 * arc + 1] = Math.max(u, v);
      values[arc] = 1;
      if (arc % EDGES_AT_ONCE === EDGES_AT_ONCE - 1) await breathe();
    }
  },
};

function knownVertices(vertices: number, known: number): number {
  return Math.floor(asWritten(vertices * known));
}
