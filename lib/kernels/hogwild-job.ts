import type { Arena } from '../memory/arena.js';
import { u32, type Address, type Region, type RegionRequest } from '../memory/regions.js';

/** Who may write when: the numbers of assembly/hogwild/job.ts. */
export const DISCIPLINES = { free: 0, lock: 1, roundRobin: 2, vertexLocks: 3, gathered: 4 } as const;

/** What a thread has to know in a HOGWILD! epoch. Everything but numbers is an address; 0 for what the problem or the variant hasn't. */
export interface HogwildJob {
  readonly parameters: Address;
  /** Edges in the order of this epoch. */
  readonly order: Address;
  /** Where each edge's entries begin; 0 where every edge has two. */
  readonly offsets: Address;
  /** The edges' vertices; each edge's in ascending order where there are locks for them. */
  readonly vertices: Address;
  /** float32: one for each entry (SVM), else one for each edge. */
  readonly values: Address;
  /** float32 ±1, one a sample. */
  readonly labels: Address;
  /** float32, one a vertex: the regulariser's weight over the vertex's degree. */
  readonly decays: Address;
  /** uint8, one a vertex: 1 when nobody may move it. */
  readonly fixed: Address;
  /** Values in a vertex's block. */
  readonly width: number;
  /** float32 from one block to the next. */
  readonly stride: number;
  readonly discipline: number;
  /** One word: the lock, or whose turn it is. */
  readonly lock: Address;
  /** One word a vertex. */
  readonly locks: Address;
  /** The word that becomes 1 when the run ends. */
  readonly ended: Address;
  /** `hot · stride` float32 each, equal to each other. */
  readonly replica: Address;
  readonly base: Address;
  readonly hot: number;
  /** For each edge the first entry that isn't hot. */
  readonly splits: Address;
  /** Updates from one exchange with the shared parameters to the next. */
  readonly window: number;
  /** `threads` cache lines. */
  readonly progress: Address;
  readonly thread: number;
  readonly threads: number;
  /** Five float64: updates, Σ loss, measured updates, Σ of their staleness, the greatest. */
  readonly statistics: Address;
  /** Two blocks. */
  readonly workspace: Address;
  /** 1 in the counting experiment: an update adds 1 to everything it touches. */
  readonly counting: number;
  /** Normal deviates, `noiseMask + 1` float32. */
  readonly noise: Address;
  readonly noiseMask: number;
}

/** In the order of assembly/hogwild/job.ts. */
const WORDS: readonly (keyof HogwildJob)[] = [
  'parameters', 'order', 'offsets', 'vertices', 'values', 'labels', 'decays', 'fixed', 'width', 'stride', 'discipline', 'lock', 'locks', 'ended',
  'replica', 'base', 'hot', 'splits', 'window', 'progress', 'thread', 'threads', 'statistics', 'workspace', 'counting', 'noise', 'noiseMask',
];

export const jobRequest = (): RegionRequest<'u32'> => u32(WORDS.length);

/** Puts a job where the kernels read it. */
export function writeJob(arena: Arena, region: Region<'u32'>, job: HogwildJob): void {
  arena.view(region).set(WORDS.map((word) => job[word]));
}
