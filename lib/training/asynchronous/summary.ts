import type { AsynchronousSummary, RoundRecord, Traffic } from '../../run/records.js';

/** Adds up the records of a run on a virtual clock. */
export class AsynchronousTally {
  /** Has any record had a time? */
  timed = false;
  #time = 0;
  readonly #arrivals: number[];
  readonly #rejections: number[];
  readonly #uses: number[];
  readonly #staleness: number[] = [];
  #traffic: Traffic | undefined;
  readonly #evaluations: AsynchronousSummary['evaluations'][number][] = [];

  constructor(workers: number) {
    [this.#arrivals, this.#rejections, this.#uses] = [0, 0, 0].map((zero) => new Array<number>(workers).fill(zero)) as [number[], number[], number[]];
  }

  /** Records without a time change nothing. */
  add({ asynchronous, accuracy, loss }: RoundRecord): void {
    if (asynchronous === undefined) return;
    const { time, arrivals, rejected, used, traffic } = asynchronous;
    if (traffic !== undefined) this.#traffic = sumOf(this.#traffic, traffic);
    this.#time = time;
    this.timed = true;
    if (accuracy !== undefined && loss !== undefined) this.#evaluations.push({ time, accuracy, loss });
    for (const worker of arrivals) increment(this.#arrivals, worker);
    for (const { worker } of rejected) increment(this.#rejections, worker);
    for (const { worker, staleness } of used) {
      increment(this.#uses, worker);
      while (this.#staleness.length <= staleness) this.#staleness.push(0);
      increment(this.#staleness, staleness);
    }
  }

  summary(): AsynchronousSummary {
    return { clock: 'virtual', time: this.#time, arrivals: this.#arrivals, rejections: this.#rejections, uses: this.#uses, stalenessHistogram: this.#staleness, ...(this.#traffic === undefined ? {} : { traffic: this.#traffic }), evaluations: this.#evaluations };
  }
}

function sumOf(a: Traffic | undefined, b: Traffic): Traffic {
  if (a === undefined) return b;
  return { fetches: a.fetches + b.fetches, pushes: a.pushes + b.pushes, fetchedBytes: a.fetchedBytes + b.fetchedBytes, pushedBytes: a.pushedBytes + b.pushedBytes };
}

function increment(counts: number[], place: number): void {
  counts[place] = (counts[place] ?? 0) + 1;
}
