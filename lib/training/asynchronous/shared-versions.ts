import { scale } from '../../kernels/work.js';
import type { Work } from '../../kernels/task.js';
import type { Arena } from '../../memory/arena.js';
import { addressOf, i32, type Address, type Region, type Regions } from '../../memory/regions.js';
import type { ParameterVersions } from './source.js';

/**
 * The ring of the parameters' versions when threads run free. A thread reads a version for as long as a gradient takes, so it must not be overwritten meanwhile, and
 * looking afterwards whether it was would throw whole gradients away. So readers are counted in the simplest way there is: each thread has a word, its
 * hand, that names the place that it reads, and the server makes its next version in a place that is in nobody's hand.
 *
 * A thread loads which place is current, puts it into its hand, and looks whether it still is current. All are sequentially consistent: when the second
 * look still finds the place current, then any later look of the server at the hands, which it takes after it has made another place current, finds it there. When
 * it doesn't, the thread begins again, and it was the server that got ahead.
 *
 * A row's version is needed until the row has been taken and used: the row's slot names its place, and it stands there before the thread's hand lets go. The
 * server looks at the hands first and at the slots then, so a place on its way from one to the other is seen. A hand for each thread, two slots for each worker,
 * the current version and the next: there is always a free place among `placesFor`.
 */

/** A hand a cache line. */
const LINE = 16;
const CURRENT = 0;

export type VersionRegions = Regions<ReturnType<typeof versionRequests>>;

export function placesFor(workers: number, threads: number): number {
  return threads + 2 * workers + 2;
}

export function versionRequests(workers: number, threads: number) {
  return { hands: i32(LINE + LINE * threads), numbers: i32(placesFor(workers, threads)) };
}

/** The server's side. */
export class SharedVersions implements ParameterVersions {
  number = 0;
  readonly #places: readonly Address[];
  readonly #words: Int32Array;
  readonly #numbers: Int32Array;
  readonly #threads: number;
  readonly #needed: () => Iterable<number>;
  #current = 0;

  /** `needed`: places that rows need. Version 0 is in place 0. */
  constructor(arena: Arena, regions: VersionRegions, versions: Region<'f32'>, rowStride: number, threads: number, needed: () => Iterable<number>) {
    this.#words = arena.view(regions.hands);
    this.#numbers = arena.view(regions.numbers);
    this.#places = Array.from(this.#numbers, (_, place) => addressOf(versions, place * rowStride));
    this.#threads = threads;
    this.#needed = needed;
  }

  get current(): Address {
    return this.addressOf(this.#current);
  }

  addressOf(place: number): Address {
    const address = this.#places[place];
    if (address === undefined) throw new RangeError(`there is no place ${place} for a version`);
    return address;
  }

  *advance(d: number, step: (parameters: Address) => Work): Work {
    const next = this.#freePlace();
    const place = this.addressOf(next);
    yield* scale(d, 1, this.current, place);
    yield* step(place);
    this.number += 1;
    this.#numbers[next] = this.number;
    this.#current = next;
    Atomics.store(this.#words, CURRENT, next);
  }

  /** The next one round the ring that nobody needs. */
  #freePlace(): number {
    const needed = new Set([this.#current]);
    for (let thread = 0; thread < this.#threads; thread++) needed.add(Atomics.load(this.#words, handOf(thread)) - 1);
    for (const place of this.#needed()) needed.add(place);
    for (let offset = 1; offset < this.#places.length; offset++) {
      const place = (this.#current + offset) % this.#places.length;
      if (!needed.has(place)) return place;
    }
    throw new RangeError('every version of the parameters is needed');
  }
}

/** A thread's side. */
export class VersionFetcher {
  readonly #words: Int32Array;
  readonly #numbers: Int32Array;
  readonly #hand: number;

  constructor(arena: Arena, regions: VersionRegions, thread: number) {
    this.#words = arena.view(regions.hands);
    this.#numbers = arena.view(regions.numbers);
    this.#hand = handOf(thread);
  }

  /** The server's newest version, which stays as it is until this thread's next call. */
  fetch(): { readonly place: number; readonly version: number } {
    for (;;) {
      const place = Atomics.load(this.#words, CURRENT);
      Atomics.store(this.#words, this.#hand, place + 1);
      if (Atomics.load(this.#words, CURRENT) === place) return { place, version: this.#numbers[place] as number };
    }
  }
}

function handOf(thread: number): number {
  return LINE + LINE * thread;
}
