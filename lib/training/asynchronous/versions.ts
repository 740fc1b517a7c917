import { scale } from '../../kernels/work.js';
import type { Work } from '../../kernels/task.js';
import { addressOf, type Address, type Region } from '../../memory/regions.js';

/**
 * The parameters' versions that somebody still needs: the server's, and each that a worker computes with. A version is never written again while it is
 * needed, so n + 2 places are enough for n workers: theirs, the server's, and the one that the next step is made in.
 */
export class Versions {
  /** How many steps the server has taken. */
  number = 0;
  readonly #places: readonly Address[];
  readonly #needed: number[];
  readonly #held: (number | undefined)[];
  #current = 0;

  constructor(region: Region<'f32'>, rowStride: number, workers: number) {
    this.#places = Array.from({ length: workers + 2 }, (_, place) => addressOf(region, place * rowStride));
    this.#needed = this.#places.map((_, place) => Number(place === 0));
    this.#held = new Array<number | undefined>(workers).fill(undefined);
  }

  /** Where the server's version is: d float32. */
  get current(): Address {
    return this.#places[this.#current] as Address;
  }

  /** A worker takes the server's version, in place of the one that it had. Returns where it is. */
  fetch(worker: number): Address {
    this.release(worker);
    this.#held[worker] = this.#current;
    this.#needed[this.#current] = (this.#needed[this.#current] as number) + 1;
    return this.current;
  }

  /** A worker needs its version no longer. */
  release(worker: number): void {
    const place = this.#held[worker];
    if (place === undefined) return;
    this.#held[worker] = undefined;
    this.#needed[place] = (this.#needed[place] as number) - 1;
  }

  /** Makes the next version: a copy of the current one, which `step` changes in place. */
  *advance(d: number, step: (parameters: Address) => Work): Work {
    const next = this.#needed.indexOf(0);
    const place = this.#places[next];
    if (place === undefined) throw new RangeError('every version of the parameters is needed');
    yield* scale(d, 1, this.current, place);
    yield* step(place);
    this.#needed[this.#current] = (this.#needed[this.#current] as number) - 1;
    this.#needed[next] = 1;
    this.#current = next;
    this.number += 1;
  }
}
