import type { z } from 'zod';

/** What kind of problem the data makes: samples with labels, entries of a matrix, arcs of a graph. */
export type SparseKind = 'classification' | 'matrix' | 'graph';

/** How much there is, known before anything is in memory. An edge (a sample, an entry, an arc) has some vertices. */
export interface SparseShape {
  /** Features; or rows and, numbered behind them, columns; or the graph's vertices. */
  readonly vertices: number;
  /** Of a matrix; 0 otherwise. */
  readonly rows: number;
  /** Of a graph's vertices; 0 otherwise. */
  readonly classes: number;
  readonly train: SparseSize;
  readonly test: SparseSize;
  /** Parameters that say what was found, where those given leave it open: with them the data are the same, or the run is refused. */
  readonly found?: Readonly<Record<string, unknown>>;
}

export interface SparseSize {
  readonly edges: number;
  /** Σ over the edges of their vertices: 2 · edges but for samples. */
  readonly entries: number;
}

/** Views on the arena that `load` fills. */
export interface SparseTarget {
  /** Of a matrix, as `describe` gave them: column c is vertex rows + c. */
  readonly rows: number;
  readonly train: SparsePart;
  readonly test: SparsePart;
  /** Of a graph: each vertex's class, and 1 for those whose class is given to the learner. Empty otherwise. */
  readonly vertexLabels: Float32Array;
  readonly fixed: Uint8Array;
}

export interface SparsePart {
  /** edges + 1 positions in `vertices`, for samples; empty where every edge has two vertices. */
  readonly offsets: Uint32Array;
  /** A sample's features in ascending order. */
  readonly vertices: Uint32Array;
  /** One for each entry (samples), or one for each edge. */
  readonly values: Float32Array;
  /** ±1 for each sample; empty otherwise. */
  readonly labels: Float32Array;
}

/** One sparse data set. A file exports one such object and the registry lists it. */
export interface SparseDataset<Given extends object = object> {
  readonly name: string;
  readonly kind: SparseKind;
  readonly description: string;
  readonly source: string;
  readonly parameters: z.ZodType<Given>;
  /** Throws a DataError when a file is missing or damaged, or when the parameters ask for what can't be. */
  describe(given: Given, folders: readonly string[]): Promise<SparseShape>;
  /** Fills the target, whose sizes are those of `describe`. */
  load(given: Given, folders: readonly string[], target: SparseTarget): Promise<void>;
}

/** Lets the event loop turn: generators and loaders call it now and then. */
export async function breathe(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Edges that are made between two such pauses. */
export const EDGES_AT_ONCE = 4096;
