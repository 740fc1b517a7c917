import type { ArenaPlan } from '../../memory/arena.js';
import { endedAddress, type ControlRegions } from '../../memory/phases.js';
import { f32, f64, i32, u32 } from '../../memory/regions.js';
import { mergeParameters } from '../../registry/parameters.js';
import type { RunConfiguration } from '../../scenario/configuration.js';
import { hogwild, type HogwildParameters } from '../../scenario/hogwild-mode.js';
import { byzantineWorkers } from '../byzantine.js';
import { LINE, STATISTICS, type DenseRace } from './dense-setup.js';

/** What a HOGWILD! run of a dense model needs beside what every run of workers does. */
export interface DenseLayout {
  readonly pipeline: undefined;
  readonly needs: undefined;
  readonly rowsAtServer: 0;
  readonly parameters: HogwildParameters;
  /** Threads that update: one in the variant serial. */
  readonly threads: number;
  readonly race: DenseRace;
}

export function planDense(plan: ArenaPlan, control: ControlRegions, configuration: RunConfiguration, d: number, poolThreads: number): DenseLayout {
  const parameters = mergeParameters(hogwild, configuration.mode);
  const threads = parameters.variant === 'serial' ? 1 : poolThreads;
  const regions = plan.addAll('hogwild', {
    lock: i32(LINE),
    progress: u32(LINE * threads),
    statistics: f64(STATISTICS * threads),
    counters: f32(parameters.countLost ? d : 0),
    ones: f32(parameters.countLost ? d : 0),
  });
  const race: DenseRace = {
    d,
    seed: configuration.seed,
    byzantine: byzantineWorkers(configuration),
    write: parameters.write,
    locked: parameters.variant === 'lock',
    ended: endedAddress(control),
    ...regions,
  };
  return { pipeline: undefined, needs: undefined, rowsAtServer: 0, parameters, threads, race };
}
