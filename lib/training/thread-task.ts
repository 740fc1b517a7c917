import { OPERATION_NAMES, type OperationName } from '../kernels/operations.js';
import type { ControlRegions } from '../memory/phases.js';
import type { Turn } from '../models/tensorflow/turn.js';
import { RUN_MODULE } from '../modules/call.js';
import type { ModuleTask } from '../modules/module-host.js';
import type { Address } from '../memory/regions.js';
import type { WasmMemory, WasmModule } from '../memory/webassembly.js';
import type { HogwildSetup } from './hogwild/setup.js';
import type { WorkerSetup } from './worker-setup.js';

/** The one long task of a pool thread: what it needs to join a run. Handles and plain data; nothing numerical is in the message. */
export interface ThreadTask {
  readonly thread: number;
  readonly threads: number;
  /** Milliseconds that it looks for the next phase before it sleeps. */
  readonly spin: number;
  readonly memory: WasmMemory;
  readonly module: WasmModule;
  readonly control: ControlRegions;
  readonly scratch: ThreadScratch;
  /** Absent when the pool only aggregates. */
  readonly setup: WorkerSetup | undefined;
  /** The user's modules, and what tells this run's imports from an earlier run's. */
  readonly modules: readonly ModuleTask[];
  readonly run: string;
  readonly turn: Turn;
  /** Present in the mode hogwild. */
  readonly hogwild?: HogwildSetup | undefined;
}

/** A thread's own memory. */
export interface ThreadScratch {
  readonly columns: Address;
  readonly network: Address;
}

/** What threads do beside the kernels' operations, for the workers they host, the server and the attacker: they have the model, the samples and the user's modules. */
export const HOSTED_OPERATIONS = [
  'initialise', 'gradient', 'pendingGradient', 'freeGradients', 'evaluate', 'answerTriggered', 'activations',
  'hogwildUpdate', 'hogwildCount', 'hogwildEvaluate', 'denseUpdate', 'denseCount',
  'serverGradient', 'serverLoss', 'attackerGradient', 'attackerOutcome', RUN_MODULE,
] as const;
export type HostedOperation = (typeof HOSTED_OPERATIONS)[number];

/** All operations; a place in this list is the opcode in the control words. */
export const OPCODES: readonly (OperationName | HostedOperation)[] = [...OPERATION_NAMES, ...HOSTED_OPERATIONS];

/** Whether it is the threads' own, and none of the kernels'. */
export function isHosted(operation: OperationName | HostedOperation): operation is HostedOperation {
  return (HOSTED_OPERATIONS as readonly string[]).includes(operation);
}

/** What a thread is told to do. Throws a RangeError for what no thread does. */
export function opcodeOf(operation: string): number {
  const opcode = (OPCODES as readonly string[]).indexOf(operation);
  if (opcode === -1) throw new RangeError(`there is no operation "${operation}"`);
  return opcode;
}
