import { parentPort, workerData } from 'node:worker_threads';
import { instantiateKernels } from '../../../lib/kernels/load.js';
import { Arena } from '../../../lib/memory/arena.js';
import { addressOf, type Region } from '../../../lib/memory/regions.js';
import type { WasmMemory, WasmModule } from '../../../lib/memory/webassembly.js';
import { RowWriter, type ExchangeRegions, type Slots } from '../../../lib/training/asynchronous/exchange.js';
import { VersionFetcher, type VersionRegions } from '../../../lib/training/asynchronous/shared-versions.js';

export interface SenderTask {
  readonly memory: WasmMemory;
  readonly module: WasmModule;
  readonly d: number;
  readonly exchange: ExchangeRegions;
  readonly slots: Slots;
  readonly versions: VersionRegions;
  readonly places: Region<'f32'>;
  readonly draft: Region<'f32'>;
  /** 1 tells the thread to stop. */
  readonly stop: Region<'i32'>;
}

/** What a row's elements are; small enough to be exact. */
export function element(gradient: number): number {
  return gradient % 2 ** 20;
}

/** Sends rows of one worker, as fast as it can, whose elements agree; and looks at each version of the parameters that it fetches twice, whose elements have to be its number. */
if (parentPort !== null) {
  const { memory, module, d, exchange, slots, versions, places, draft, stop } = workerData as SenderTask;
  const arena = new Arena(memory);
  const writer = new RowWriter(arena, exchange, slots, d, instantiateKernels(module, memory));
  const fetcher = new VersionFetcher(arena, versions, 0);
  const [row, stopped] = [arena.view(draft), arena.view(stop)];
  let tornVersions = 0;
  for (let gradient = 0; Atomics.load(stopped, 0) === 0; gradient++) {
    const { place, version } = fetcher.fetch();
    const parameters = arena.row(addressOf(places, place * slots.rowStride), d);
    row.fill(element(gradient));
    if (parameters.some((value) => value !== version) || parameters.some((value) => value !== version)) tornVersions += 1;
    writer.send(0, draft.address, { version, place, gradient, finite: gradient % 2 === 0, loss: gradient });
  }
  parentPort.postMessage(tornVersions);
}
