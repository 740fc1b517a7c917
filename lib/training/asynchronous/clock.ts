import { Stream } from '../../data/random.js';
import type { AsynchronousParameters } from '../../scenario/modes.js';

/** What happens next on the virtual clock. */
export interface Event {
  readonly time: number;
  readonly worker: number;
  /** A row arrives; or the worker crashes, losing what it was computing; or it begins again. */
  readonly kind: 'arrival' | 'crash' | 'recovery';
}

type Timing = Pick<AsynchronousParameters, 'speed' | 'slow'>;

/**
 * The virtual clock: when each worker's next row arrives, drawn from streams keyed by (seed, worker, gradient), and when workers crash and recover.
 * Events come in the order of their times, equal times in the order of the workers, a crash before an arrival: nothing depends on what the machine does.
 */
export class VirtualClock {
  /** Of the last event. */
  now = 0;
  readonly #seed: number;
  readonly #timing: Timing;
  readonly #factors: readonly number[];
  /** When each worker's row arrives; Infinity while it computes none. */
  readonly #arrivals: Float64Array;
  /** Crashes and recoveries to come, the next one last. */
  readonly #changes: Event[];

  /** `hurry`: how many times faster than the others a worker is, by worker. */
  constructor(seed: number, workers: number, timing: Timing & Pick<AsynchronousParameters, 'crashes'>, hurry: (worker: number) => number = () => 1) {
    this.#seed = seed;
    this.#timing = timing;
    this.#factors = Array.from({ length: workers }, (_, worker) => slowness(worker, workers, timing) / hurry(worker));
    this.#arrivals = new Float64Array(workers).fill(Infinity);
    this.#changes = timing.crashes
      .flatMap(({ worker, at, until }): Event[] => [
        { time: at, worker, kind: 'crash' },
        ...(until === undefined ? [] : [{ time: until, worker, kind: 'recovery' } as const]),
      ])
      .sort((a, b) => b.time - a.time || b.worker - a.worker || Number(b.kind === 'crash') - Number(a.kind === 'crash'));
  }

  /** A worker begins its `gradient`-th gradient now. */
  begin(worker: number, gradient: number): void {
    this.#arrivals[worker] = this.now + (this.#factors[worker] as number) * duration(this.#seed, worker, gradient, this.#timing.speed);
  }

  /** A worker sends nothing more until it begins again. */
  stop(worker: number): void {
    this.#arrivals[worker] = Infinity;
  }

  /** The workers that are computing, in ascending order. */
  computing(): number[] {
    return Array.from(this.#arrivals.keys()).filter((worker) => this.#arrivals[worker] !== Infinity);
  }

  /** What happens next; undefined when nothing will. */
  next(): Event | undefined {
    const change = this.#changes.at(-1);
    let worker = -1;
    let time = Infinity;
    for (let candidate = 0; candidate < this.#arrivals.length; candidate++) {
      const arrival = this.#arrivals[candidate] as number;
      if (arrival < time) {
        time = arrival;
        worker = candidate;
      }
    }
    if (change !== undefined && change.time <= time) {
      this.#changes.pop();
      this.now = change.time;
      if (change.kind === 'crash') this.stop(change.worker);
      return change;
    }
    if (worker === -1) return undefined;
    this.now = time;
    this.stop(worker);
    return { time, worker, kind: 'arrival' };
  }
}

/** How long a round lasts in which everybody waits for the slowest, when each worker computes its `gradient`-th gradient. */
export function slowest(seed: number, workers: number, timing: Timing, gradient: number): number {
  let longest = 0;
  for (let worker = 0; worker < workers; worker++) longest = Math.max(longest, slowness(worker, workers, timing) * duration(seed, worker, gradient, timing.speed));
  return longest;
}

/** How many times as long as the others a worker takes. */
function slowness(worker: number, workers: number, { slow }: Timing): number {
  return worker >= workers - slow.count ? slow.factor : 1;
}

function duration(seed: number, worker: number, gradient: number, { distribution, mean, spread }: Timing['speed']): number {
  return draw(new Stream(seed, 'speed', worker, gradient), distribution, mean, spread);
}

/** Of mean `mean` each. */
function draw(stream: Stream, distribution: Timing['speed']['distribution'], mean: number, spread: number): number {
  switch (distribution) {
    case 'constant':
      return mean;
    case 'uniform':
      return mean * (1 + spread * (2 * stream.uniform() - 1));
    case 'log-normal':
      return mean * Math.exp(spread * stream.normal() - (spread * spread) / 2);
    case 'pareto':
      // u^(−1/shape) by exp and log, whose bits don't differ between versions of V8; its mean is 1/(1 − spread).
      return mean * (1 - spread) * Math.exp(-spread * Math.log(1 - stream.uniform()));
  }
}
