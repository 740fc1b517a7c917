import type { PhaseSeconds, RoundRecord, RunResult } from '../run/records.js';
import type { Divergence } from './prepared-run.js';

/** What a run's records add up to. It keeps none of them, since there may be millions. */
export class Summary {
  #rounds = 0;
  #seconds = 0;
  #maxAccuracy = Number.NaN;
  #finalAccuracy = Number.NaN;
  #finalLoss = Number.NaN;
  #finalBackdoorSuccess: number | undefined;

  add({ seconds, ...record }: RoundRecord): void {
    this.#rounds += 1;
    this.#seconds += withoutEvaluation(seconds);
    this.#evaluated(record);
  }

  /** `divergence`: why the run ended early, and what its parameters then came to where no record has it. */
  result(divergence: Divergence | undefined): Omit<RunResult, 'parametersHash' | 'threads' | 'kernels' | 'config'> {
    if (divergence?.evaluation !== undefined) this.#evaluated(divergence.evaluation);
    return {
      status: divergence === undefined ? 'completed' : 'diverged',
      ...(divergence === undefined ? {} : { reason: divergence.reason }),
      maxAccuracy: this.#maxAccuracy,
      finalAccuracy: this.#finalAccuracy,
      finalLoss: this.#finalLoss,
      ...(this.#finalBackdoorSuccess === undefined ? {} : { finalBackdoorSuccess: this.#finalBackdoorSuccess }),
      rounds: this.#rounds,
      seconds: this.#seconds,
      roundsPerSecond: this.#rounds === 0 ? 0 : this.#rounds / this.#seconds,
    };
  }

  /** Where nothing is classified there is a loss and no accuracy. */
  #evaluated({ accuracy, loss, backdoorSuccess }: Pick<RoundRecord, 'accuracy' | 'loss' | 'backdoorSuccess'>): void {
    if (loss === undefined) return;
    this.#finalLoss = loss;
    this.#finalBackdoorSuccess = backdoorSuccess;
    if (accuracy === undefined) return;
    this.#maxAccuracy = Number.isNaN(this.#maxAccuracy) ? accuracy : Math.max(this.#maxAccuracy, accuracy);
    this.#finalAccuracy = accuracy;
  }
}

function withoutEvaluation({ gradient, craft, aggregate }: PhaseSeconds): number {
  return gradient + craft + aggregate;
}
