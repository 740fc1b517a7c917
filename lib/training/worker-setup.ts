import type { Augmentation } from '../data/augmentation.js';
import type { Region } from '../memory/regions.js';
import type { LayerSpecification } from '../models/layer.js';
import type { FreeSetup } from './asynchronous/free-host.js';
import type { BackdoorSetup } from './backdoor.js';
import type { DenseRace } from './hogwild/dense-setup.js';
import type { InspectionRegions } from './inspection.js';
import type { Poisoning } from './poison.js';
import type { ServerSetup } from './server.js';

/** All a thread has to know to compute gradients and evaluate. Plain data, drawn up once before a run. */
export interface WorkerSetup {
  readonly seed: number;
  readonly layers: readonly LayerSpecification[];
  readonly batchSize: number;
  readonly regions: WorkerRegions;
  /** float32 from one gradient row to the next: d rounded up to whole cache lines. */
  readonly rowStride: number;
  /** A sample is `planes.length` planes of `planeSize` bytes, in rows of `planeWidth`; byte b enters as b · scale + shift. */
  readonly planeSize: number;
  readonly planeWidth: number;
  readonly planes: readonly { readonly scale: number; readonly shift: number }[];
  /** What happens to a training image when it is drawn. */
  readonly augmentation: Augmentation | undefined;
  readonly weightDecay: number;
  /** Present when each worker keeps its own velocity. */
  readonly momentum: { readonly beta: number; readonly dampening: number } | undefined;
  /** Present when the finished model is inspected. */
  readonly inspection: InspectionRegions | undefined;
  /** Present when the server has samples of its own. */
  readonly server: ServerSetup | undefined;
  /** Present in the mode hogwild. */
  readonly race: DenseRace | undefined;
  /** Present when threads run free. */
  readonly free?: FreeSetup | undefined;
  /** Present when an attack acts on data. */
  readonly poisoning: Poisoning | undefined;
  /** Present when an attack wants the model to have a backdoor. */
  readonly backdoor: BackdoorSetup | undefined;
}

export interface WorkerRegions {
  readonly parameters: Region<'f32'>;
  readonly gradientMatrix: Region<'f32'>;
  /** For each worker the address of the parameters that it computes with, and of the row that it leaves its gradient in. */
  readonly fetched: Region<'u32'>;
  readonly rows: Region<'u32'>;
  /** Asynchronous training: the workers of a phase, and how many gradients each worker has begun before. Length 0 otherwise. */
  readonly pending: Region<'u32'>;
  readonly begun: Region<'u32'>;
  /** One velocity a worker, beside `gradientMatrix`, whose rows are what is reported; length 0 without worker momentum. */
  readonly velocities: Region<'f32'>;
  readonly trainImages: Region<'u8'>;
  readonly trainLabels: Region<'u8'>;
  readonly testImages: Region<'u8'>;
  readonly testLabels: Region<'u8'>;
  /** Sample numbers, worker after worker; worker i's shard is offsets[i] … offsets[i + 1] − 1. */
  readonly shardIndices: Region<'u32'>;
  readonly shardOffsets: Region<'u32'>;
  /** Loss of each worker's last batch. */
  readonly losses: Region<'f64'>;
  /** For each worker 1 when its row holds NaN or ±Inf, else 0. */
  readonly nonFinite: Region<'u8'>;
  /** For each evaluation chunk: Σ loss, correct. */
  readonly evaluations: Region<'f64'>;
}
