import type { Stream } from '../data/random.js';
import { address, decode, encode, number } from '../kernels/arguments.js';
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

const CALL = {
  place: number, table: address, n: number, f: number, d: number, output: address, outputs: number, worker: number, round: number, state: address, stateLength: number,
  key: number, workers: number,
};

const NO_STATE = { address: 0 as Address, length: 0 };

/** The task of one call. What it draws is keyed by a number drawn from the stream that a registered rule would have. */
export function moduleTask(
  { place, module }: PlannedModule, random: Stream,
  { table, n, f, d, output, outputs = 0, worker = 0, workers = n, round, state = NO_STATE }: Partial<ModuleCall> & Pick<ModuleCall, 'table' | 'n' | 'f' | 'd' | 'output' | 'round'>,
): HostedTask {
  const given = { place, table, n, f, d, output, outputs, worker, round, state: state.address, stateLength: state.length, key: random.uint32(), workers };
  return { hosted: RUN_MODULE, arguments: encode(CALL, given), chunks: 1, cost: 0, code: module };
}

/** The call that `moduleTask` made numbers of. */
export function readCall(argument: (index: number) => number): ModuleCall & { readonly place: number; readonly key: number } {
  const { state, stateLength, ...call } = decode(CALL, argument);
  return { ...call, state: { address: state, length: stateLength } };
}
