import type { RoundRecord, RunResult } from '../../run/records.js';
import type { HogwildEnd } from './epochs.js';
import { UpdatesTally } from './updates-tally.js';

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
    const updates = new UpdatesTally();
    for (const record of records) updates.add(record);
    updates.lose(lost);
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
      updates: updates.total(),
    };
  }
}
