/** β^t, epoch after epoch: by multiplications alone, since Math.pow differs between versions of V8. */
export class Backoff {
  readonly #beta: number;
  #epoch = 0;
  #factor = 1;

  constructor(beta: number) {
    this.#beta = beta;
  }

  /** The factor of an epoch, which is none before the last one that was asked for. */
  at(epoch: number): number {
    for (; this.#epoch < epoch; this.#epoch++) this.#factor *= this.#beta;
    return this.#factor;
  }
}
