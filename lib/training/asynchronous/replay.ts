import { scale } from '../../kernels/work.js';
import type { Work } from '../../kernels/task.js';
import { addressOf, type Address } from '../../memory/regions.js';
import { type RecordedArrival, type RecordedSchedule, ReplayError } from '../../run/recorded-schedule.js';
import type { PreparedRun } from '../prepared-run.js';
import { GradientsAhead } from './ahead.js';
import type { AsynchronousLayout } from './layout.js';
import { type Delivery, type News, NOBODY_SENDS, REAL_PATIENCE, type ParameterVersions, type Source } from './source.js';

/** A run on the real clock, done again: the same rows in the same order, whatever the machine does. */
export class ReplaySource implements Source {
  readonly versions: ScheduledVersions;
  now = 0;
  readonly patience = REAL_PATIENCE;
  readonly ending: string;
  readonly #schedule: RecordedSchedule;
  readonly #ahead: GradientsAhead;
  /** Of each worker: the rows that it has yet to send, the next one last. */
  readonly #coming: RecordedArrival[][];
  /** Workers that have begun the next of these. */
  readonly #underWay = new Set<number>();
  readonly #gradients: number[];
  #event = 0;
  #news: { crashed: number[]; overwritten: number } = { crashed: [], overwritten: 0 };

  constructor(prepared: PreparedRun, loop: AsynchronousLayout, schedule: RecordedSchedule) {
    const { workers } = prepared.configuration;
    const arrivals = schedule.events.filter((event) => 'worker' in event);
    this.#schedule = schedule;
    this.ending = schedule.end === undefined ? `the schedule ends: the run that was recorded didn't come to its end` : NOBODY_SENDS;
    this.#ahead = new GradientsAhead(prepared, loop.otherRows);
    this.#coming = Array.from({ length: workers }, () => []);
    for (const arrival of arrivals.toReversed()) this.#coming[arrival.worker]?.push(arrival);
    this.#gradients = new Array<number>(workers).fill(-1);
    this.versions = new ScheduledVersions(loop.versions, prepared.layout.rowStride, arrivals, schedule.file);
  }

  /** Rows that were not sent are not in the schedule, so there is nothing to be silent about. */
  async next(round: number): Promise<Delivery | undefined> {
    for (;;) {
      const event = this.#schedule.events[this.#event++];
      if (event === undefined) {
        const { end, file } = this.#schedule;
        if (end === undefined || end.rounds === this.versions.number) return undefined;
        throw new ReplayError(`${file}: its rows make ${this.versions.number} steps, and its last line says that the server took ${end.rounds}: lines are missing`);
      }
      if ('worker' in event) return this.#deliver(event, round);
      this.#news.crashed.push(event.crash);
    }
  }

  goOn(worker: number): void {
    const sent = this.#coming[worker]?.pop();
    if (sent !== undefined) this.versions.release(sent.version);
    this.#underWay.delete(worker);
  }

  news(): News {
    const { crashed, overwritten } = this.#news;
    this.#news = { crashed: [], overwritten: 0 };
    return { ...(crashed.length === 0 ? {} : { crashed }), overwritten };
  }

  async #deliver({ worker, version, gradient, time }: RecordedArrival, round: number): Promise<Delivery> {
    if (version > this.versions.number) {
      throw new ReplayError(`${this.#schedule.file}: event ${this.#event} has worker ${worker} use version ${version} of the parameters when there are only ${this.versions.number}: it is no schedule of this scenario`);
    }
    for (const [one, coming] of this.#coming.entries()) {
      const next = coming.at(-1);
      if (next === undefined || next.version > this.versions.number || this.#underWay.has(one)) continue;
      this.#ahead.begin(one, next.gradient, this.versions.addressOf(next.version));
      this.#underWay.add(one);
    }
    this.now = time;
    this.#news.overwritten += gradient - (this.#gradients[worker] as number) - 1;
    this.#gradients[worker] = gradient;
    return { ...(await this.#ahead.deliver(worker, this.#underWay, round)), version };
  }
}

/** The parameters' versions that rows of a schedule still to come were computed with, and the server's. */
class ScheduledVersions implements ParameterVersions {
  number = 0;
  readonly #file: string;
  /** By version: rows to come. */
  readonly #needed = new Map<number, number>();
  readonly #places: (number | undefined)[];
  readonly #addresses: readonly Address[];

  constructor(region: AsynchronousLayout['versions'], rowStride: number, arrivals: readonly RecordedArrival[], file: string) {
    this.#file = file;
    for (const { version } of arrivals) this.#needed.set(version, (this.#needed.get(version) ?? 0) + 1);
    this.#addresses = Array.from({ length: region.length / rowStride }, (_, place) => addressOf(region, place * rowStride));
    this.#places = this.#addresses.map((_, place) => (place === 0 ? 0 : undefined));
  }

  get current(): Address {
    return this.addressOf(this.number);
  }

  addressOf(version: number): Address {
    const address = this.#addresses[this.#places.indexOf(version)];
    if (address === undefined) throw new RangeError(`version ${version} of the parameters is not there`);
    return address;
  }

  /** One row of this version has come and is done with. */
  release(version: number): void {
    this.#needed.set(version, (this.#needed.get(version) ?? 0) - 1);
  }

  *advance(d: number, step: (parameters: Address) => Work): Work {
    const next = this.#places.findIndex((version) => version === undefined || (version !== this.number && (this.#needed.get(version) ?? 0) <= 0));
    const place = this.#addresses[next];
    if (place === undefined) throw new ReplayError(`${this.#file}: rows to come need more versions of the parameters at once than a run can have: it is no schedule of this scenario`);
    yield* scale(d, 1, this.current, place);
    yield* step(place);
    this.number += 1;
    this.#places[next] = this.number;
  }
}
