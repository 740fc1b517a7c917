import type { Address, Region } from '../../memory/regions.js';
import type { HogwildWrite } from '../../scenario/hogwild-mode.js';

/** What a thread has to know, beside how gradients are computed, to race on the parameters of a dense model. Plain data, drawn up once before a run. */
export interface DenseRace {
  readonly d: number;
  readonly seed: number;
  readonly byzantine: readonly number[];
  readonly write: HogwildWrite | undefined;
  /** Whether an update holds the one lock from its reading to its writing. */
  readonly locked: boolean;
  readonly lock: Region<'i32'>;
  /** The word that becomes 1 when the run ends. */
  readonly ended: Address;
  /** A cache line for each thread, whose first word counts its updates. */
  readonly progress: Region<'u32'>;
  /** For each thread: measured updates, Σ of their staleness, the greatest. */
  readonly statistics: Region<'f64'>;
  /** What the counting experiment adds to in place of the parameters, and the d ones that it adds; length 0 without it. */
  readonly counters: Region<'f32'>;
  readonly ones: Region<'f32'>;
}

/** Words of a cache line: what one thread writes often has lines of its own. */
export const LINE = 16;

/** float64 of a thread's statistics. */
export const STATISTICS = 3;
