import type { Kernels } from '../../kernels/kernels.js';
import type { Arena } from '../../memory/arena.js';
import { addressOf, f64, i32, type Address, type Region, type Regions } from '../../memory/regions.js';

/**
 * How rows get from threads that never wait to a server that reads them in place, over words in the arena.
 *
 * Each worker has a pair of slots. The server pins the slot that it reads, until it has the worker's next row; the worker writes the
 * other one, over a row that was not taken if there is one. Beside each slot is a sequence number, odd while the slot is written. Why no torn row is taken, and none is
 * written that was:
 * - The worker makes the number odd, then looks at the pin; if the slot is pinned it makes the number what it was and lets it be. The server
 *   looks at the number, pins the slot, then looks again. All four are sequentially consistent, fences included, so one of the two sees the other: either the worker
 *   sees the pin before it writes, or the server sees that the number is odd, or another one than before.
 * - What the worker wrote before it made the number even is visible to a server that has seen it even.
 * - A server that sees the same even number twice, the second time after its pin, may read for as long as the pin is there: nobody begins to write.
 * - Nobody waits. The server comes back for a row that it could not take; a worker that finds both slots pinned (for the moment in which the
 *   server changes from one to the other) gives that row up.
 */

/** Words of a cache line. */
const LINE = 16;

/** The first line: how many rows have been sent. */
const SENT = 0;

/** Offsets within a worker's first line, which the worker writes. `NEWEST` is the number of its newest row, counted from 1, times 2 plus its slot. */
const NEWEST = 0;
/** Offsets within a slot's part of that line. */
const SLOT = 2;
const SLOT_WORDS = 5;
const SEQUENCE = 0;
const VERSION = 1;
const GRADIENT = 2;
const FINITE = 3;
const PLACE = 4;

/** Offset of a slot's pin within the worker's second line, which the server writes. */
const PINS = LINE;

type Slot = 0 | 1;
const SLOTS: readonly Slot[] = [0, 1];

export type ExchangeRegions = Regions<ReturnType<typeof exchangeRequests>>;

export function exchangeRequests(workers: number) {
  return { words: i32(LINE + 2 * LINE * workers), losses: f64(2 * workers) };
}

/** Where the rows themselves lie: of each worker the first slot in one region and the second in the other. */
export interface Slots {
  readonly first: Region<'f32'>;
  readonly second: Region<'f32'>;
  readonly rowStride: number;
}

/** What is sent with a row. */
export interface RowFacts {
  /** Which version of the parameters it was computed with, and in which place of the versions that is. */
  readonly version: number;
  readonly place: number;
  /** Which of its worker's gradients it is, counted from 0. */
  readonly gradient: number;
  readonly finite: boolean;
  /** Of its batch. */
  readonly loss: number;
}

export interface TakenRow extends RowFacts {
  /** d float32, which stay as they are until the same worker's next row is taken. */
  readonly row: Address;
}

abstract class Exchange {
  protected readonly words: Int32Array;
  protected readonly losses: Float64Array;
  readonly #slots: Slots;

  constructor(arena: Arena, regions: ExchangeRegions, slots: Slots) {
    this.words = arena.view(regions.words);
    this.losses = arena.view(regions.losses);
    this.#slots = slots;
  }

  protected load(word: number): number {
    return Atomics.load(this.words, word);
  }

  protected rowOf(worker: number, slot: Slot): Address {
    const { first, second, rowStride } = this.#slots;
    return addressOf(slot === 0 ? first : second, worker * rowStride);
  }
}

/** A worker's side: one thread writes a worker's rows. */
export class RowWriter extends Exchange {
  readonly #kernels: Pick<Kernels, 'copy'>;
  readonly #d: number;

  constructor(arena: Arena, regions: ExchangeRegions, slots: Slots, d: number, kernels: Pick<Kernels, 'copy'>) {
    super(arena, regions, slots);
    this.#d = d;
    this.#kernels = kernels;
  }

  /** Sends a copy of `row`, d float32, in place of any that the server has not taken. False when both slots were pinned and it was given up. */
  send(worker: number, row: Address, facts: RowFacts): boolean {
    const newest = this.load(lineOf(worker) + NEWEST);
    const sent = this.#slotsToTry(newest).some((slot) => this.#writeUnlessPinned(worker, slot, row, facts));
    if (!sent) return false;
    Atomics.add(this.words, SENT, 1);
    Atomics.notify(this.words, SENT);
    return true;
  }

  /** The older row goes first. */
  #slotsToTry(newest: number): readonly Slot[] {
    return newest % 2 === 0 ? [1, 0] : [0, 1];
  }

  #writeUnlessPinned(worker: number, slot: Slot, row: Address, { version, place, gradient, finite, loss }: RowFacts): boolean {
    const { words } = this;
    const line = lineOf(worker);
    const base = slotOf(worker, slot);
    const pin = pinOf(worker, slot);
    if (this.load(pin) === 1) return false;
    const before = this.load(base + SEQUENCE);
    Atomics.store(words, base + SEQUENCE, before + 1);
    if (this.load(pin) === 1) {
      Atomics.store(words, base + SEQUENCE, before);
      return false;
    }
    this.#kernels.copy(row, this.rowOf(worker, slot), 0, this.#d);
    words[base + VERSION] = version;
    words[base + GRADIENT] = gradient;
    words[base + FINITE] = finite ? 1 : 0;
    // Atomic, since the server looks at places whatever state their slot is in.
    Atomics.store(words, base + PLACE, place + 1);
    this.losses[2 * worker + slot] = loss;
    Atomics.store(words, base + SEQUENCE, before + 2);
    Atomics.store(words, line + NEWEST, 2 * (gradient + 1) + slot);
    return true;
  }
}

/** The server's side. */
export class RowReader extends Exchange {
  /** Reads that were given up because the row was written meanwhile. */
  torn = 0;
  /** Of each worker: the number of the row taken last, counted from 1, and its slot. */
  readonly #taken: number[];
  readonly #held: (Slot | undefined)[];
  /** The sequence number of the row taken last. */
  readonly #sequences: number[];

  constructor(arena: Arena, regions: ExchangeRegions, slots: Slots, workers: number) {
    super(arena, regions, slots);
    this.#taken = new Array<number>(workers).fill(0);
    this.#held = new Array<Slot | undefined>(workers).fill(undefined);
    this.#sequences = new Array<number>(workers).fill(0);
  }

  /** How many rows have been sent: for `sleep`. */
  get sent(): number {
    return this.load(SENT);
  }

  /** Sleeps until a row is sent beyond the first `sent`, or for so many milliseconds. */
  sleep(sent: number, milliseconds: number): void {
    Atomics.wait(this.words, SENT, sent, milliseconds);
  }

  /**
   * Has the worker sent a row that was not taken? A row may have been taken before its worker said that it is the newest: what is said then is older, and
   * no news.
   */
  hasNew(worker: number): boolean {
    return this.load(lineOf(worker) + NEWEST) >> 1 > (this.#taken[worker] as number);
  }

  /**
   * The worker's newest row, unless it has been taken; the one taken before is the worker's again. Undefined when there is nothing new, or when it is being written: its
   * being sent will be counted. Throws an Error when the row taken before was written while it was pinned: a fault of this program.
   */
  take(worker: number): TakenRow | undefined {
    const newest = this.load(lineOf(worker) + NEWEST);
    if (newest >> 1 <= (this.#taken[worker] as number)) return undefined;
    const slot: Slot = newest % 2 === 0 ? 0 : 1;
    const base = slotOf(worker, slot);
    const before = this.load(base + SEQUENCE);
    if (!this.whole(before, before)) return undefined;
    Atomics.store(this.words, pinOf(worker, slot), 1);
    const after = this.load(base + SEQUENCE);
    if (!this.whole(before, after)) {
      this.torn += 1;
      Atomics.store(this.words, pinOf(worker, slot), 0);
      return undefined;
    }
    this.#release(worker);
    this.#held[worker] = slot;
    this.#sequences[worker] = after;
    const gradient = this.words[base + GRADIENT] as number;
    // Of the slot, not of NEWEST, than which it may be newer.
    this.#taken[worker] = gradient + 1;
    return {
      row: this.rowOf(worker, slot),
      version: this.words[base + VERSION] as number,
      place: (this.words[base + PLACE] as number) - 1,
      gradient,
      finite: this.words[base + FINITE] === 1,
      loss: this.losses[2 * worker + slot] as number,
    };
  }

  /** The places of the versions that rows in slots, taken or not, were computed with. */
  *places(): Generator<number> {
    for (let worker = 0; worker < this.#taken.length; worker++) {
      for (const slot of SLOTS) {
        const place = this.load(slotOf(worker, slot) + PLACE) - 1;
        if (place >= 0) yield place;
      }
    }
  }

  /** Was the slot whole, and the same, at both looks at its number? */
  protected whole(before: number, after: number): boolean {
    return before % 2 === 0 && before === after;
  }

  #release(worker: number): void {
    const slot = this.#held[worker];
    if (slot === undefined) return;
    // Odd for the moment in which a worker tries a slot and finds it pinned.
    const now = this.load(slotOf(worker, slot) + SEQUENCE) & ~1;
    if (!this.whole(this.#sequences[worker] as number, now)) throw new Error(`worker ${worker}'s row was written while it was read`);
    Atomics.store(this.words, pinOf(worker, slot), 0);
  }
}

function lineOf(worker: number): number {
  return LINE + 2 * LINE * worker;
}

function slotOf(worker: number, slot: Slot): number {
  return lineOf(worker) + SLOT + slot * SLOT_WORDS;
}

function pinOf(worker: number, slot: Slot): number {
  return lineOf(worker) + PINS + slot;
}
