import type { RoundRecord, RunResult, RunUpdates } from '../../run/records.js';
import type { HogwildEnd } from './epochs.js';

/** What a run's epochs add up to. */
export class HogwildSummary {
  readonly #records: RoundRecord[] = [];

  add(record: RoundRecord): void {
    this.#records.push(record);
  }

  result({ divergence, lost }: HogwildEnd): Omit<RunResult, 'parametersHash' | 'threads' | 'kernels' | 'config'> {
    const records = this.#records;
    const evaluated = records.filter(({ loss }) => loss !== undefined);
    const accuracies = evaluated.flatMap(({ accuracy }) => accuracy ?? []);
    const seconds = records.reduce((sum, record) => sum + record.seconds.gradient, 0);
    return {
      status: divergence === undefined ? 'completed' : 'diverged',
      ...(divergence === undefined ? {} : { reason: divergence.reason }),
      maxAccuracy: accuracies.length === 0 ? Number.NaN : Math.max(...accuracies),
      finalAccuracy: accuracies.at(-1) ?? Number.NaN,
      finalLoss: evaluated.at(-1)?.loss ?? Number.NaN,
      rounds: records.length,
      seconds,
      roundsPerSecond: records.length === 0 ? 0 : records.length / seconds,
      updates: updatesOf(records, seconds, lost),
    };
  }
}

function updatesOf(records: readonly RoundRecord[], seconds: number, lost: RunUpdates['lost']): RunUpdates {
  const count = records.reduce((sum, { updates }) => sum + (updates?.count ?? 0), 0);
  const stale = records.flatMap(({ updates }) => updates?.staleness ?? []);
  const measured = stale.reduce((sum, epoch) => sum + epoch.measured, 0);
  return {
    count,
    perSecond: seconds === 0 ? 0 : count / seconds,
    ...(measured === 0
      ? {}
      : { staleness: { mean: stale.reduce((sum, epoch) => sum + epoch.mean * epoch.measured, 0) / measured, greatest: Math.max(...stale.map(({ greatest }) => greatest)) } }),
    ...(lost === undefined ? {} : { lost }),
  };
}
