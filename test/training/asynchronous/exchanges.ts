import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { executeHere } from '../../../lib/kernels/execute.js';
import { compileKernels, instantiateKernels } from '../../../lib/kernels/load.js';
import { runInline } from '../../../lib/kernels/task.js';
import { fill } from '../../../lib/kernels/work.js';
import { Arena, ArenaPlan } from '../../../lib/memory/arena.js';
import { f32, i32, u8 } from '../../../lib/memory/regions.js';
import { exchangeRequests, RowReader } from '../../../lib/training/asynchronous/exchange.js';
import { placesFor, SharedVersions, versionRequests } from '../../../lib/training/asynchronous/shared-versions.js';
import { element, type SenderTask } from './sender.js';

/** A reader that takes whatever is there. */
export class UncheckedReader extends RowReader {
  protected override whole(): boolean {
    return true;
  }
}

export interface Exchanges {
  /** Rows taken, and of them those whose elements, or facts, did not agree. */
  readonly taken: number;
  readonly torn: number;
  /** Torn reads that the reader itself gave up. */
  readonly refused: number;
  /** Versions of the parameters that changed while they were read. */
  readonly tornVersions: number;
}

/**
 * A thread that sends rows and a reader that takes `most` of them, looking twice at all elements of each, and making a new version of the parameters for each that
 * it takes. `enough`: stops after so many torn rows.
 */
export async function exchangeRows(Reader: typeof RowReader, most: number, { d = 1024, enough = Infinity } = {}): Promise<Exchanges> {
  const plan = new ArenaPlan();
  const rowStride = d;
  const [exchange, versions] = [plan.addAll('exchange', exchangeRequests(1)), plan.addAll('versions', versionRequests(1, 1))];
  const { first, second, places, draft, stop, scratch } = plan.addAll('test', { first: f32(d), second: f32(d), places: f32(placesFor(1, 1) * d), draft: f32(d), stop: i32(1), scratch: u8(1024) });
  const arena = Arena.allocate(plan.bytes);
  const { module } = compileKernels('strict');
  const executor = { kernels: instantiateKernels(module, arena.memory), scratch: scratch.address };
  const slots = { first, second, rowStride };
  const reader = new Reader(arena, exchange, slots, 1);
  const server = new SharedVersions(arena, versions, places, rowStride, 1, () => reader.places());
  const task: SenderTask = { memory: arena.memory, module, d, exchange, slots, versions, places, draft, stop };
  const thread = new Worker(new URL('sender.js', import.meta.url), { workerData: task });

  let taken = 0;
  let torn = 0;
  try {
    while (taken < most && torn < enough) {
      const { sent } = reader;
      const got = reader.take(0);
      if (got === undefined) {
        reader.sleep(sent, 5);
        if (taken % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      taken += 1;
      const row = arena.row(got.row, d);
      const value = element(got.gradient);
      const agrees = () => row.every((one) => one === value) && got.loss === got.gradient && got.finite === (got.gradient % 2 === 0);
      if (!agrees() || !agrees()) torn += 1;
      runInline(server.advance(d, (next) => fill(next, d, server.number + 1)), (part) => { executeHere(part, executor); });
    }
    Atomics.store(arena.view(stop), 0, 1);
    const [tornVersions] = (await once(thread, 'message')) as [number];
    return { taken, torn, refused: reader.torn, tornVersions };
  } finally {
    await thread.terminate();
  }
}
