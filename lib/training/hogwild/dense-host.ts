import { Stream } from '../../data/random.js';
import type { Kernels } from '../../kernels/kernels.js';
import type { Arena } from '../../memory/arena.js';
import type { Address } from '../../memory/regions.js';
import type { WorkerHost } from '../worker.js';
import { LINE, STATISTICS, type DenseRace } from './dense-setup.js';

/** Milliseconds until one who waits for the lock looks whether the run has ended. */
const LONGEST_SLEEP = 50;

/** What a thread does in a HOGWILD! run of a dense model. */
export class DenseHost {
  readonly #race: DenseRace;
  readonly #worker: WorkerHost;
  readonly #kernels: Pick<Kernels, 'addScaled'>;
  readonly #thread: number;
  readonly #parameters: Float32Array;
  readonly #lock: Int32Array;
  readonly #ended: Int32Array;
  readonly #progress: Uint32Array;
  readonly #statistics: Float64Array;
  readonly #byzantine: ReadonlySet<number>;

  constructor(race: DenseRace, worker: WorkerHost, arena: Arena, kernels: Kernels, thread: number) {
    this.#race = race;
    this.#worker = worker;
    this.#kernels = kernels;
    this.#thread = thread;
    this.#parameters = arena.view(worker.parameters);
    this.#lock = arena.view(race.lock);
    this.#ended = new Int32Array(arena.buffer, race.ended, 1);
    this.#progress = arena.view(race.progress);
    this.#statistics = arena.view(race.statistics);
    this.#byzantine = new Set(race.byzantine);
  }

  /** x ← x − step · the gradient of its batch of the round at the x that it read, for each worker of a chunk. Arguments: the first, how many, step. */
  update(chunk: number, argument: (index: number) => number, round: number): void {
    this.#each(chunk, argument, (worker) => { this.#update(worker, round, argument(2)); });
  }

  /** The same accesses, each of which adds 1 to a counter. All workers are honest here: it is the races that are measured. */
  count(chunk: number, argument: (index: number) => number, round: number): void {
    const { d, ones, counters } = this.#race;
    const addOnes = (worker: number): void => {
      this.#gradient(worker, round);
      this.#kernels.addScaled(1, ones.address, counters.address, 0, d);
    };
    this.#each(chunk, argument, (worker) => { this.#alone(() => { addOnes(worker); }); });
  }

  #each(chunk: number, argument: (index: number) => number, perform: (worker: number) => void): void {
    const count = argument(1);
    for (let k = 0; k < count; k++) perform(argument(0) + chunk * count + k);
  }

  #update(worker: number, round: number, step: number): void {
    const { d, write } = this.#race;
    const { address } = this.#worker.parameters;
    this.#alone(() => {
      if (write === undefined || !this.#byzantine.has(worker)) this.#kernels.addScaled(-step, this.#gradient(worker, round), address, 0, d);
      else if (write.kind === 'sign-flip') this.#kernels.addScaled(write.factor * step, this.#gradient(worker, round), address, 0, d);
      else if (write.kind === 'gaussian') this.#addNoise(new Stream(this.#race.seed, 'attack', worker, round), write.deviation);
      else this.#parameters.fill(write.value);
    });
  }

  #gradient(worker: number, round: number): Address {
    this.#worker.gradient(worker, round);
    return this.#worker.rowOf(worker);
  }

  #addNoise(random: Stream, deviation: number): void {
    const parameters = this.#parameters;
    for (let k = 0; k < parameters.length; k++) parameters[k] = (parameters[k] as number) + deviation * random.normal();
  }

  /** Makes an update, under the lock where there is one, and notes how stale what it read was when it wrote. */
  #alone(update: () => void): void {
    const { locked } = this.#race;
    if (locked && !this.#acquire()) return;
    const before = this.#progressOfOthers();
    update();
    this.#note(this.#progressOfOthers() - before);
    if (locked) this.#release();
  }

  /** False when the run ended before the lock was free: a thread that died with it keeps nobody. */
  #acquire(): boolean {
    while (Atomics.compareExchange(this.#lock, 0, 0, 1) !== 0) {
      if (Atomics.load(this.#ended, 0) !== 0) return false;
      Atomics.wait(this.#lock, 0, 1, LONGEST_SLEEP);
    }
    return true;
  }

  #release(): void {
    Atomics.store(this.#lock, 0, 0);
    Atomics.notify(this.#lock, 0, 1);
  }

  #progressOfOthers(): number {
    let sum = 0;
    for (let at = 0; at < this.#progress.length; at += LINE) if (at !== this.#thread * LINE) sum += Atomics.load(this.#progress, at);
    return sum;
  }

  #note(staleness: number): void {
    const at = STATISTICS * this.#thread;
    const statistics = this.#statistics;
    Atomics.add(this.#progress, this.#thread * LINE, 1);
    statistics[at] = (statistics[at] as number) + 1;
    statistics[at + 1] = (statistics[at + 1] as number) + staleness;
    statistics[at + 2] = Math.max(statistics[at + 2] as number, staleness);
  }
}
