import { addressOf, type Address, type Region } from '../../memory/regions.js';
import type { PreparedRun } from '../prepared-run.js';
import type { Delivery } from './source.js';

/**
 * Gradients computed by the pool, for clocks that are not the machine's. A gradient depends on what its worker fetched and on nothing that happens later, so
 * all that are under way are computed together, in parallel, as soon as one of them is needed. Where the server keeps a worker's row each worker has two: it computes in
 * the one that the server has not.
 */
export class GradientsAhead {
  readonly #prepared: PreparedRun;
  readonly #places: (worker: number) => readonly [Address, Address];
  readonly #fetched: Uint32Array;
  readonly #rows: Uint32Array;
  readonly #pending: Uint32Array;
  readonly #begun: Uint32Array;
  readonly #losses: Float64Array;
  readonly #nonFinite: Uint8Array;
  /** Of each worker the row that the server has. */
  readonly #delivered: (Address | undefined)[];
  /** Workers whose gradient under way has been computed. */
  readonly #computed = new Set<number>();

  /** `otherRows`: each worker's second row, as `gradientMatrix` has the first ones; absent where a row is done with when the next gradient begins. */
  constructor(prepared: PreparedRun, otherRows?: Region<'f32'>) {
    const { layout, arena } = prepared;
    const { regions } = layout.setup;
    this.#prepared = prepared;
    this.#places = (worker) => [addressOf(regions.gradientMatrix, worker * layout.rowStride), addressOf(otherRows ?? regions.gradientMatrix, worker * layout.rowStride)];
    [this.#fetched, this.#rows] = [arena.view(regions.fetched), arena.view(regions.rows)];
    [this.#pending, this.#begun] = [arena.view(regions.pending), arena.view(regions.begun)];
    [this.#losses, this.#nonFinite] = [arena.view(regions.losses), arena.view(regions.nonFinite)];
    this.#delivered = new Array<Address | undefined>(this.#rows.length).fill(undefined);
  }

  /** A worker begins its `gradient`-th gradient, with these parameters. */
  begin(worker: number, gradient: number, parameters: Address): void {
    const [first, second] = this.#places(worker);
    this.#fetched[worker] = parameters;
    this.#begun[worker] = gradient;
    this.#rows[worker] = this.#delivered[worker] === first ? second : first;
    this.#computed.delete(worker);
  }

  /** The worker's gradient under way; `underWay` are the workers that have one. */
  async deliver(worker: number, underWay: Iterable<number>, round: number): Promise<Omit<Delivery, 'version'>> {
    const { run } = this.#prepared;
    if (!this.#computed.has(worker)) {
      const workers = [...new Set([worker, ...underWay])].filter((one) => !this.#computed.has(one)).sort((a, b) => a - b);
      run.enter('gradient', round);
      this.#pending.set(workers);
      await run.host('pendingGradient', workers.length);
      for (const one of workers) this.#computed.add(one);
    }
    const row = this.#rows[worker] as Address;
    this.#delivered[worker] = row;
    return { worker, row, finite: this.#nonFinite[worker] === 0, loss: this.#losses[worker] as number, parameters: this.#fetched[worker] as Address };
  }
}
