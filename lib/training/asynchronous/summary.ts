import type { AsynchronousSummary, RoundRecord, Traffic } from '../../run/records.js';

/** Which clock a run went by: `replay` when it followed what a run on the real clock had left. */
export type RunClock = 'virtual' | 'real' | 'replay';

const NOTE = 'threads ran free on the real clock: the same scenario may give other bits; a run with --record leaves its schedule, which --replay follows to the same bits';

/** Adds up the records of a run with a clock. */
export class AsynchronousTally {
  #steps = 0;
  /** Has any record had a time? */
  timed = false;
  #time = 0;
  #torn = 0;
  #overwritten = 0;
  readonly #clock: RunClock;
  readonly #arrivals: number[];
  readonly #rejections: number[];
  readonly #uses: number[];
  readonly #staleness: number[] = [];
  readonly #crashes: { readonly worker: number; readonly round: number }[] = [];
  #traffic: Traffic | undefined;
  readonly #evaluations: AsynchronousSummary['evaluations'][number][] = [];

  constructor(workers: number, clock: RunClock) {
    this.#clock = clock;
    [this.#arrivals, this.#rejections, this.#uses] = [0, 0, 0].map((zero) => new Array<number>(workers).fill(zero)) as [number[], number[], number[]];
  }

  /** Records without a time change nothing. */
  add({ round, asynchronous, accuracy, loss }: RoundRecord): void {
    if (asynchronous === undefined) return;
    const { time, arrivals, rejected, used, traffic, crashed = [], torn = 0, overwritten = 0 } = asynchronous;
    if (traffic !== undefined) this.#traffic = sumOf(this.#traffic, traffic);
    this.timed = true;
    this.#steps += 1;
    this.#time = time;
    this.#torn += torn;
    this.#overwritten += overwritten;
    if (accuracy !== undefined && loss !== undefined) this.#evaluations.push({ time, accuracy, loss });
    for (const worker of arrivals) increment(this.#arrivals, worker);
    for (const { worker } of rejected) increment(this.#rejections, worker);
    for (const { worker, staleness } of used) {
      increment(this.#uses, worker);
      while (this.#staleness.length <= staleness) this.#staleness.push(0);
      increment(this.#staleness, staleness);
    }
    for (const worker of crashed) this.#crashes.push({ worker, round });
  }

  summary(): AsynchronousSummary {
    const clock = this.#clock;
    const time = this.#time;
    const rows = this.#arrivals.reduce((sum, count) => sum + count, 0);
    return {
      clock: clock === 'real' ? 'real' : 'virtual',
      repeatable: clock !== 'real',
      ...(clock === 'real' ? { note: NOTE } : {}),
      time,
      arrivals: this.#arrivals,
      rejections: this.#rejections,
      uses: this.#uses,
      stalenessHistogram: this.#staleness,
      ...(this.#traffic === undefined ? {} : { traffic: this.#traffic }),
      evaluations: this.#evaluations,
      ...(this.#crashes.length === 0 ? {} : { crashes: this.#crashes }),
      ...(clock === 'virtual' ? {} : { overwritten: this.#overwritten }),
      ...(clock === 'real' ? { torn: this.#torn, stepsPerSecond: time === 0 ? 0 : this.#steps / time, rowsPerSecond: time === 0 ? 0 : rows / time } : {}),
    };
  }
}

function sumOf(a: Traffic | undefined, b: Traffic): Traffic {
  if (a === undefined) return b;
  return { fetches: a.fetches + b.fetches, pushes: a.pushes + b.pushes, fetchedBytes: a.fetchedBytes + b.fetchedBytes, pushedBytes: a.pushedBytes + b.pushedBytes };
}

function increment(counts: number[], place: number): void {
  counts[place] = (counts[place] ?? 0) + 1;
}
