import type { HogwildWrite } from '../../scenario/hogwild-mode.js';
import type { SparseKind } from '../../data/sparse/sparse-dataset.js';
import type { Address, Region } from '../../memory/regions.js';

/** All that a thread has to know in a HOGWILD! run. Plain data, drawn up once before a run. */
export interface HogwildSetup {
  readonly kind: SparseKind;
  readonly workers: number;
  /** Worker b mod `workers` does block b of an epoch. */
  readonly block: number;
  readonly byzantine: readonly number[];
  readonly write: HogwildWrite | undefined;
  /** For each thread its job, and its job in the counting experiment. */
  readonly jobs: readonly Address[];
  readonly countingJobs: readonly Address[];
  readonly evaluation: EvaluationSetup;
}

export interface EvaluationSetup {
  readonly parameters: Address;
  readonly width: number;
  readonly stride: number;
  readonly parts: readonly EvaluatedPart[];
  /** Of a graph: float32 labels and uint8 flags of `vertices` vertices. */
  readonly vertexLabels: Address;
  readonly fixed: Address;
  readonly vertices: number;
  /** For each chunk of the largest part: Σ loss, correct. */
  readonly results: Region<'f64'>;
}

/** The test part, or of a graph the training part, which is all that there is. */
export interface EvaluatedPart {
  readonly offsets: Address;
  readonly edgeVertices: Address;
  readonly values: Address;
  readonly labels: Address;
  readonly edges: number;
}

/** How the positions of an epoch are shared out in a phase; the third argument of the operation. */
export const SHARING = {
  /** Chunk c is block c. */
  blocks: 0,
  /** Chunk 0 is everything. */
  alone: 1,
  /** Chunk t takes every `threads`-th position, beginning with the t-th. */
  turns: 2,
} as const;

/** Edges, or vertices, that one chunk of an evaluation covers: fixed, so that sums don't depend on the threads. */
export const EVALUATION_BLOCK = 4096;
