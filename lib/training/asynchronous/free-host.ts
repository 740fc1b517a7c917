import type { Kernels } from '../../kernels/kernels.js';
import type { Arena } from '../../memory/arena.js';
import { addressOf, i32, type Address, type Region, type Regions } from '../../memory/regions.js';
import type { WorkerHost } from '../worker.js';
import type { WorkerRegions } from '../worker-setup.js';
import { RowWriter, type ExchangeRegions, type Slots } from './exchange.js';
import { VersionFetcher, type VersionRegions } from './shared-versions.js';

/** All that threads have to know to run free. Plain data, drawn up once before a run. */
export interface FreeSetup {
  readonly d: number;
  readonly exchange: ExchangeRegions;
  readonly slots: Slots;
  readonly versions: VersionRegions;
  /** The versions themselves, `rowStride` float32 apart. */
  readonly places: Region<'f32'>;
  readonly control: FreeControl;
  /** Of each worker: how many gradients it computes while an honest worker of the same thread computes one. */
  readonly paces: readonly number[];
}

export type FreeControl = Regions<ReturnType<typeof freeRequests>>;

/** `silent`: 1 for a worker that sends nothing more. `computing`: for each thread the worker that it is at, plus 1. */
export function freeRequests(workers: number, threads: number) {
  return { silent: i32(workers), computing: i32(threads) };
}

/** The workers of a thread when threads run free. */
export function workersOf(thread: number, threads: number, workers: number): number[] {
  return Array.from({ length: workers }, (_, worker) => worker).filter((worker) => worker % threads === thread);
}

/** Milliseconds until a thread whose workers are all silent looks whether it is to stop. */
const LONGEST_SLEEP = 50;

/** What a thread does that runs free: its workers' gradients, one worker after the other, with whatever parameters there are, waiting for nobody. */
export class FreeHost {
  readonly #setup: FreeSetup;
  readonly #host: WorkerHost;
  readonly #writer: RowWriter;
  readonly #fetcher: VersionFetcher;
  readonly #thread: number;
  readonly #workers: readonly number[];
  readonly #silent: Int32Array;
  readonly #computing: Int32Array;
  readonly #fetched: Uint32Array;
  readonly #rows: Uint32Array;
  readonly #begun: Uint32Array;
  readonly #losses: Float64Array;
  readonly #nonFinite: Uint8Array;
  /** Gradients that a worker may compute before it is the next one's turn. */
  readonly #turns: number[];
  #next = 0;

  constructor(setup: FreeSetup, regions: WorkerRegions, arena: Arena, kernels: Pick<Kernels, 'copy'>, host: WorkerHost, thread: number, threads: number) {
    this.#setup = setup;
    this.#host = host;
    this.#thread = thread;
    this.#writer = new RowWriter(arena, setup.exchange, setup.slots, setup.d, kernels);
    this.#fetcher = new VersionFetcher(arena, setup.versions, thread);
    this.#workers = workersOf(thread, threads, setup.paces.length);
    this.#turns = setup.paces.map(() => 0);
    this.#silent = arena.view(setup.control.silent);
    this.#computing = arena.view(setup.control.computing);
    [this.#fetched, this.#rows, this.#begun] = [arena.view(regions.fetched), arena.view(regions.rows), arena.view(regions.begun)];
    [this.#losses, this.#nonFinite] = [arena.view(regions.losses), arena.view(regions.nonFinite)];
  }

  /** Goes on until it is told to stop. Who has nobody left that sends anything waits: who left would take over the workers of a thread that wakes later. */
  run(goOn: () => boolean): void {
    while (goOn()) {
      const worker = this.#nextWorker();
      if (worker === undefined) Atomics.wait(this.#silent, this.#workers[0] as number, 1, LONGEST_SLEEP);
      else this.#sendGradient(worker);
    }
  }

  /** Whose turn it is; undefined when all are silent. */
  #nextWorker(): number | undefined {
    for (let passed = 0; passed <= this.#workers.length; ) {
      const worker = this.#workers[this.#next] as number;
      const turns = this.#turns[worker] as number;
      if (turns >= 1 && Atomics.load(this.#silent, worker) === 0) {
        this.#turns[worker] = turns - 1;
        return worker;
      }
      this.#next = (this.#next + 1) % this.#workers.length;
      const following = this.#workers[this.#next] as number;
      this.#turns[following] = (this.#turns[following] as number) % 1 + (this.#setup.paces[following] as number);
      passed += 1;
    }
    return undefined;
  }

  #sendGradient(worker: number): void {
    const { places, slots } = this.#setup;
    Atomics.store(this.#computing, this.#thread, worker + 1);
    const { place, version } = this.#fetcher.fetch();
    this.#fetched[worker] = addressOf(places, place * slots.rowStride);
    const gradient = this.#begun[worker] as number;
    this.#host.plainGradient(worker, gradient);
    this.#begun[worker] = gradient + 1;
    this.#writer.send(worker, this.#rows[worker] as Address, { version, place, gradient, finite: this.#nonFinite[worker] === 0, loss: this.#losses[worker] as number });
  }
}
