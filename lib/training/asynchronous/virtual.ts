import { configuredPolicy } from '../../scenario/asynchronous.js';
import type { PreparedRun } from '../prepared-run.js';
import { GradientsAhead } from './ahead.js';
import { VirtualClock } from './clock.js';
import type { AsynchronousLayout } from './layout.js';
import { type Delivery, type News, NOBODY_SENDS, type Source } from './source.js';
import { Versions } from './versions.js';

/** The virtual clock: rows arrive in the order of drawn times, and workers crash and recover when the scenario says. */
export class VirtualSource implements Source {
  readonly versions: Versions;
  readonly patience = 0;
  readonly ending = NOBODY_SENDS;
  readonly #clock: VirtualClock;
  readonly #ahead: GradientsAhead;
  /** Of each worker: the version that it computes with, and how many gradients it has begun before. */
  readonly #version: number[];
  readonly #begun: number[];
  #crashed: number[] = [];

  constructor(prepared: PreparedRun, loop: AsynchronousLayout) {
    const { configuration, layout } = prepared;
    const { workers: n, seed } = configuration;
    const { byzantine, timing } = loop.lies;
    this.#clock = new VirtualClock(seed, n, configuredPolicy(configuration), (worker) => (timing?.kind === 'flood' && byzantine.includes(worker) ? timing.factor : 1));
    this.#ahead = new GradientsAhead(prepared, loop.otherRows);
    this.versions = new Versions(loop.versions, layout.rowStride, n);
    this.#version = new Array<number>(n).fill(0);
    this.#begun = new Array<number>(n).fill(0);
  }

  get now(): number {
    return this.#clock.now;
  }

  start(): void {
    for (const worker of this.#begun.keys()) this.#begin(worker);
  }

  async next(round: number, isSilent: (worker: number) => boolean): Promise<Delivery | undefined> {
    for (;;) {
      const event = this.#clock.next();
      if (event === undefined) return undefined;
      const { worker, kind } = event;
      if (kind === 'arrival' && isSilent(worker)) this.versions.release(worker);
      else if (kind === 'arrival') return { ...(await this.#ahead.deliver(worker, this.#clock.computing(), round)), version: this.#version[worker] as number };
      else if (kind === 'recovery') this.#begin(worker);
      else {
        this.versions.release(worker);
        // What it was computing is lost, and so is the draw of its batch.
        this.#begun[worker] = (this.#begun[worker] as number) + 1;
        this.#crashed.push(worker);
      }
    }
  }

  goOn(worker: number): void {
    this.#begun[worker] = (this.#begun[worker] as number) + 1;
    this.#begin(worker);
  }

  news(): News {
    const crashed = this.#crashed;
    this.#crashed = [];
    return crashed.length === 0 ? {} : { crashed };
  }

  #begin(worker: number): void {
    const gradient = this.#begun[worker] as number;
    this.#ahead.begin(worker, gradient, this.versions.fetch(worker));
    this.#version[worker] = this.versions.number;
    this.#clock.begin(worker, gradient);
  }
}
