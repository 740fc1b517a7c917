import type { Stream } from '../data/random.js';
import type { HostedTask } from '../kernels/task.js';
import type { Address, Region } from '../memory/regions.js';
import type { PlannedModule } from './module.js';

/** What a thread is told to do that is to call one. */
export const RUN_MODULE = 'runModule';

/** A call of a module, as numbers that go to a thread. */
export interface ModuleCall {
  readonly table: Address;
  readonly n: number;
  readonly f: number;
  readonly d: number;
  /** The row that it makes, or the table of `outputs` rows. */
  readonly output: Address;
  readonly outputs: number;
  readonly worker: number;
  /** All workers, for an attack, which is handed fewer rows. */
  readonly workers: number;
  readonly round: number;
  readonly state: Pick<Region, 'address' | 'length'>;
}

const NO_STATE = { address: 0 as Address, length: 0 };

/** The task of one call. What it draws is keyed by a number drawn from the stream that a registered rule would have. */
export function moduleTask(
  { place, module }: PlannedModule, random: Stream,
  { table, n, f, d, output, outputs = 0, worker = 0, workers = n, round, state = NO_STATE }: Partial<ModuleCall> & Pick<ModuleCall, 'table' | 'n' | 'f' | 'd' | 'output' | 'round'>,
): HostedTask {
  const numbers = [place, table, n, f, d, output, outputs, worker, round, state.address, state.length, random.uint32(), workers];
  return { hosted: RUN_MODULE, arguments: numbers, chunks: 1, cost: 0, code: module };
}

/** The call that `moduleTask` made numbers of. */
export function readCall(argument: (index: number) => number): ModuleCall & { readonly place: number; readonly key: number } {
  return {
    place: argument(0),
    table: argument(1) as Address,
    n: argument(2),
    f: argument(3),
    d: argument(4),
    output: argument(5) as Address,
    outputs: argument(6),
    worker: argument(7),
    round: argument(8),
    state: { address: argument(9) as Address, length: argument(10) },
    key: argument(11),
    workers: argument(12),
  };
}
