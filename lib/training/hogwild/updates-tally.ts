import type { RoundRecord, RunUpdates } from '../../run/records.js';

/** What a run's rounds of updates add up to. */
export class UpdatesTally {
  #count = 0;
  #seconds = 0;
  #measured = 0;
  #staleness = 0;
  #greatest = 0;
  #lost: RunUpdates['lost'];

  add({ updates, seconds }: Pick<RoundRecord, 'updates' | 'seconds'>): void {
    this.#seconds += seconds.gradient;
    this.#count += updates?.count ?? 0;
    const { staleness } = updates ?? {};
    if (staleness === undefined) return;
    this.#measured += staleness.measured;
    this.#staleness += staleness.mean * staleness.measured;
    this.#greatest = Math.max(this.#greatest, staleness.greatest);
  }

  lose(lost: RunUpdates['lost']): void {
    this.#lost = lost;
  }

  total(): RunUpdates {
    return {
      count: this.#count,
      perSecond: this.#seconds === 0 ? 0 : this.#count / this.#seconds,
      ...(this.#measured === 0 ? {} : { staleness: { mean: this.#staleness / this.#measured, greatest: this.#greatest } }),
      ...(this.#lost === undefined ? {} : { lost: this.#lost }),
    };
  }
}
