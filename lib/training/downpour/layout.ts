import type { ArenaPlan } from '../../memory/arena.js';
import { f32, f64, type Region } from '../../memory/regions.js';
import type { RunConfiguration } from '../../scenario/configuration.js';
import { configuredDownpour } from '../../scenario/downpour.js';
import { type LiePlan, planLies } from '../asynchronous/lies.js';

/** What a Downpour run has beside the workers' memory. It has no rule. */
export interface DownpourLayout {
  readonly pipeline: undefined;
  readonly needs: undefined;
  readonly rowsAtServer: 0;
  /** Each worker's own parameters, `rowStride` float32 apart. */
  readonly replicas: Region<'f32'>;
  /** Two rows a worker: the sum that it accrues, and the one that it pushed last. */
  readonly accrued: Region<'f32'>;
  /** Adagrad's sums of squares; length 0 without. */
  readonly squares: Region<'f64'>;
  readonly lies: LiePlan;
}

/** Adds a Downpour run's regions. */
export function planDownpour(plan: ArenaPlan, configuration: RunConfiguration, d: number, rowStride: number): DownpourLayout {
  const n = configuration.workers;
  const { optimizer } = configuredDownpour(configuration);
  return {
    pipeline: undefined,
    needs: undefined,
    rowsAtServer: 0,
    lies: planLies(plan, configuration, d, rowStride),
    ...plan.addAll('downpour', { replicas: f32(n * rowStride), accrued: f32(2 * n * rowStride), squares: f64(optimizer === 'adagrad' ? d : 0) }),
  };
}
