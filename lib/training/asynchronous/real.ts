import { decayAndAdd, findNonFinite } from '../../kernels/work.js';
import { addressOf, type Address } from '../../memory/regions.js';
import type { ScheduleSink } from '../../run/recorded-schedule.js';
import { configuredPolicy } from '../../scenario/asynchronous.js';
import type { PreparedRun } from '../prepared-run.js';
import { RowReader, type TakenRow } from './exchange.js';
import { workersOf } from './free-host.js';
import type { AsynchronousLayout } from './layout.js';
import { SharedVersions } from './shared-versions.js';
import { type Delivery, type News, NOBODY_SENDS, REAL_PATIENCE, type Source } from './source.js';

/**
 * The real clock: threads run free, and the server takes rows as they come, one worker after the other in turn when several are there, so that
 * who sends more often than the server can take gets no one else's place. Which row comes when depends on the machine, so no run repeats another.
 */
export class RealSource implements Source {
  readonly versions: SharedVersions;
  now = 0;
  readonly patience = REAL_PATIENCE;
  readonly ending = NOBODY_SENDS;
  readonly #prepared: PreparedRun;
  readonly #reader: RowReader;
  readonly #silent: Int32Array;
  readonly #computing: Int32Array;
  readonly #workers: number;
  readonly #threads: number;
  readonly #note: ScheduleSink | undefined;
  readonly #tolerated: number;
  /** Workers that send nothing more, by their own will or not. */
  readonly #gone = new Set<number>();
  readonly #crashed = new Set<number>();
  /** Of them, those that have not been told of yet. */
  #fallen: number[] = [];
  readonly #gradients: number[];
  #last = -1;
  #torn = 0;
  #news: { crashed: number[]; overwritten: number } = { crashed: [], overwritten: 0 };
  /** When training began, later by the time that evaluations took. */
  #began = 0;

  /** `note`: hears what the server gets. */
  constructor(prepared: PreparedRun, loop: AsynchronousLayout, note: ScheduleSink | undefined) {
    const { configuration, layout, arena } = prepared;
    const { free } = layout.setup;
    if (free === undefined) throw new TypeError('the run is planned for the virtual clock');
    const { workers } = configuration;
    this.#prepared = prepared;
    this.#workers = workers;
    this.#threads = free.control.computing.length;
    this.#note = note;
    this.#tolerated = configuredPolicy(configuration).tolerateCrashes;
    this.#gradients = new Array<number>(workers).fill(-1);
    this.#reader = new RowReader(arena, free.exchange, free.slots, workers);
    this.versions = new SharedVersions(arena, free.versions, loop.versions, free.slots.rowStride, this.#threads, () => this.#reader.places());
    this.#silent = arena.view(free.control.silent);
    this.#computing = arena.view(free.control.computing);
    const rows = arena.view(layout.setup.regions.rows);
    for (let worker = 0; worker < workers; worker++) rows[worker] = addressOf(loop.drafts, (worker % this.#threads) * free.slots.rowStride);
  }

  async start(): Promise<void> {
    const { run } = this.#prepared;
    // A phase with nothing to do in it: the clock starts when every thread is there, however long they take to come up.
    await run.host('freeGradients', 0);
    run.bear = (thread) => this.#bear(thread);
    run.setFree('freeGradients', (thread) => {
      const worker = Atomics.load(this.#computing, thread) - 1;
      return worker < 0 ? undefined : worker;
    });
    this.#began = performance.now();
  }

  async next(_round: number, isSilent: (worker: number) => boolean): Promise<Delivery | undefined> {
    const { run } = this.#prepared;
    for (;;) {
      this.#tellOfCrashes();
      const sent = this.#reader.sent;
      for (let offset = 1; offset <= this.#workers; offset++) {
        const worker = (this.#last + offset) % this.#workers;
        if (Atomics.load(this.#silent, worker) === 1 || !this.#reader.hasNew(worker)) continue;
        if (isSilent(worker)) {
          this.#silence(worker);
          continue;
        }
        const taken = this.#reader.take(worker);
        if (taken !== undefined) return this.#deliver(worker, taken);
      }
      if (this.#gone.size === this.#workers) return undefined;
      await run.rest((milliseconds) => { this.#reader.sleep(sent, milliseconds); });
    }
  }

  pause(seconds: number): void {
    this.#began += 1000 * seconds;
  }

  news(): News {
    const { crashed, overwritten } = this.#news;
    this.#news = { crashed: [], overwritten: 0 };
    const torn = this.#reader.torn - this.#torn;
    this.#torn = this.#reader.torn;
    return { ...(crashed.length === 0 ? {} : { crashed }), torn, overwritten };
  }

  /** Its newest row is not taken: the one before stays what the server has of it. */
  #silence(worker: number): void {
    this.#gone.add(worker);
    Atomics.store(this.#silent, worker, 1);
  }

  async #deliver(worker: number, { row, version, place, gradient, finite, loss }: TakenRow): Promise<Delivery> {
    this.#last = worker;
    this.now = (performance.now() - this.#began) / 1000;
    this.#news.overwritten += gradient - (this.#gradients[worker] as number) - 1;
    this.#gradients[worker] = gradient;
    this.#note?.arrival({ worker, version, gradient, time: this.now });
    return { worker, ...(await this.#withMomentum(worker, row, finite)), loss, version, parameters: this.versions.addressOf(place) };
  }

  /**
   * Worker momentum counts what was sent and taken: so velocities follow from the rows that came, and a row that another one took the place of counts as little as
   * if it hadn't been sent.
   */
  async #withMomentum(worker: number, row: Address, finite: boolean): Promise<Pick<Delivery, 'row' | 'finite'>> {
    const { layout, arena, run } = this.#prepared;
    const { d, rowStride, setup: { momentum, regions } } = layout;
    if (momentum === undefined) return { row, finite };
    const velocity = addressOf(regions.velocities, worker * rowStride);
    await run.perform(decayAndAdd(d, momentum.beta, velocity, 1 - momentum.dampening, row));
    arena.view(layout.parametersTable).set([velocity]);
    const found = await run.perform(findNonFinite(arena, { table: layout.parametersTable.address, n: 1, d }, layout.flags));
    return { row: velocity, finite: found.length === 0 };
  }

  /** A thread has died; its workers crash with it. Says why that can't be borne, or nothing. */
  #bear(thread: number): string | undefined {
    const workers = workersOf(thread, this.#threads, this.#workers);
    const crashed = this.#crashed.size + workers.length;
    const count = `${crashed} of ${this.#workers} workers have crashed`;
    if (crashed > this.#tolerated) return `so ${count}, and mode.tolerateCrashes is ${this.#tolerated}`;
    for (const worker of workers) {
      this.#crashed.add(worker);
      this.#gone.add(worker);
      this.#fallen.push(worker);
    }
    return undefined;
  }

  /** Between rows, so that it is known which of them came before: threads die while the server is at one. */
  #tellOfCrashes(): void {
    for (const worker of this.#fallen) {
      this.#news.crashed.push(worker);
      this.#note?.crash(worker);
    }
    this.#fallen = [];
  }
}
