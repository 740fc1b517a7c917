import { addScaled, scale } from '../../kernels/work.js';
import type { Work } from '../../kernels/task.js';
import { addressOf, type Address } from '../../memory/regions.js';
import type { DownpourParameters } from '../../scenario/modes.js';
import type { DownpourLayout } from './layout.js';

interface Replica {
  readonly parameters: Address;
  readonly places: readonly [Address, Address];
  /** Which of the two places it accrues in. */
  turn: 0 | 1;
  /** Gradients that it has accrued there. */
  gradients: number;
  /** Local steps since it began. */
  steps: number;
  /** The server's version that it fetched last. */
  version: number;
}

/** The model replicas: each steps by itself with its own gradients, accrues them to be pushed, and falls behind the server between two fetches. */
export class Replicas {
  readonly #replicas: readonly Replica[];
  readonly #d: number;
  readonly #timing: Pick<DownpourParameters, 'nFetch' | 'nPush' | 'localLearningRate'>;

  constructor({ replicas, accrued }: DownpourLayout, timing: Pick<DownpourParameters, 'nFetch' | 'nPush' | 'localLearningRate'>, workers: number, d: number, rowStride: number) {
    this.#d = d;
    this.#timing = timing;
    this.#replicas = Array.from({ length: workers }, (_, worker): Replica => ({
      parameters: addressOf(replicas, worker * rowStride),
      places: [addressOf(accrued, 2 * worker * rowStride), addressOf(accrued, (2 * worker + 1) * rowStride)],
      turn: 0,
      gradients: 0,
      steps: 0,
      version: 0,
    }));
  }

  /** Where a replica's own parameters are: d float32. */
  parameters(worker: number): Address {
    return this.#of(worker).parameters;
  }

  version(worker: number): number {
    return this.#of(worker).version;
  }

  /** It begins afresh: what it had accrued is lost. */
  restart(worker: number): void {
    const replica = this.#of(worker);
    replica.gradients = 0;
    replica.steps = 0;
  }

  /** Is the replica to fetch before its next gradient? */
  fetches(worker: number): boolean {
    return this.#of(worker).steps % this.#timing.nFetch === 0;
  }

  /** It takes the server's parameters in place of its own. */
  *fetch(worker: number, parameters: Address, version: number): Work {
    const replica = this.#of(worker);
    replica.version = version;
    yield* scale(this.#d, 1, parameters, replica.parameters);
  }

  /** It accrues a gradient and steps with it. True when what it has accrued is to be pushed now. */
  *step(worker: number, gradient: Address): Work<boolean> {
    const replica = this.#of(worker);
    const { nPush, localLearningRate } = this.#timing;
    const accrued = replica.places[replica.turn];
    // The first one overwrites, whatever was there.
    if (replica.gradients === 0) yield* scale(this.#d, 1, gradient, accrued);
    else yield* addScaled(this.#d, 1, gradient, accrued);
    if (localLearningRate !== 0) yield* addScaled(this.#d, -localLearningRate, gradient, replica.parameters);
    const pushes = replica.steps % nPush === 0;
    replica.gradients += 1;
    replica.steps += 1;
    return pushes;
  }

  /** What it has accrued, which stays as it is until its next push: it goes on in its other place. */
  push(worker: number): Address {
    const replica = this.#of(worker);
    const pushed = replica.places[replica.turn];
    replica.turn = replica.turn === 0 ? 1 : 0;
    replica.gradients = 0;
    return pushed;
  }

  #of(worker: number): Replica {
    const replica = this.#replicas[worker];
    if (replica === undefined) throw new RangeError(`there is no worker ${worker}`);
    return replica;
  }
}
