import type { RoundRecord } from '../run/records.js';
import type { Removals } from './types.js';

/** Several times the points that a curve is drawn with: thinning twice shows nowhere. */
const MOST_RECORDS = 600;

/**
 * What a report keeps of a run's rounds while they come: their records without the rows' weights, and of more than 600 rounds as many
 * stretches, each in one record of means. So what a grid of long runs keeps does not grow with its rounds. On disk each record is whole.
 */
export class KeptRounds {
  /** Rounds in a stretch: by what the run is to have, so that runs that differ by seed alone have the same stretches. */
  readonly #width: number;
  readonly #records: RoundRecord[] = [];
  #stretch = new Stretch();
  #rounds = 0;
  #removals: Removals | undefined;

  /** `rounds`: as many as the run is to have. */
  constructor(rounds: number) {
    this.#width = Math.ceil(rounds / MOST_RECORDS);
  }

  add(record: RoundRecord): void {
    this.#rounds += 1;
    this.#removals = withRemovals(this.#removals, record);
    this.#stretch.add(record);
    if (this.#stretch.rounds < this.#width) return;
    this.#records.push(this.#stretch.record());
    this.#stretch = new Stretch();
  }

  /** As a report takes them. */
  get kept(): { readonly records: readonly RoundRecord[]; readonly rounds: number; readonly removals: Removals | undefined } {
    const unfinished = this.#stretch.rounds === 0 ? [] : [this.#stretch.record()];
    return { records: [...this.#records, ...unfinished], rounds: this.#rounds, removals: this.#removals };
  }
}

/** What the records say of removed rows; undefined when none was. */
export function removalsOf(records: readonly RoundRecord[]): Removals | undefined {
  return records.reduce<Removals | undefined>(withRemovals, undefined);
}

function withRemovals(known: Removals | undefined, { round, removed }: RoundRecord): Removals | undefined {
  if (removed.length === 0) return known;
  const workers = [...new Set([...(known?.workers ?? []), ...removed])].sort((a, b) => a - b);
  return { rounds: (known?.rounds ?? 0) + 1, first: known?.first ?? round, last: round, workers };
}

/** Rounds that follow each other, in one record: its last round's number, and means of the finite values. */
class Stretch {
  rounds = 0;
  #last: RoundRecord | undefined;
  #attacked = false;
  #removed: readonly number[] = [];
  readonly #sums = new Map<string, { sum: number; count: number }>();

  add(record: RoundRecord): void {
    this.rounds += 1;
    this.#last = record;
    this.#attacked ||= record.attacked;
    if (record.removed.length > 0) this.#removed = [...new Set([...this.#removed, ...record.removed])];
    for (const [name, value] of quantities(record)) {
      if (value === undefined || !Number.isFinite(value)) continue;
      const known = this.#sums.get(name) ?? { sum: 0, count: 0 };
      this.#sums.set(name, { sum: known.sum + value, count: known.count + 1 });
    }
  }

  record(): RoundRecord {
    const last = this.#last;
    if (last === undefined) throw new RangeError('a stretch of no rounds has no record');
    const { weights: _weights, ...alone } = last;
    if (this.rounds === 1) return alone;
    const mean = (name: string): number => this.#optionalMean(name) ?? Number.NaN;
    const optional = (name: 'accuracy' | 'loss' | 'backdoorSuccess' | 'byzantineWeight'): object => {
      const value = this.#optionalMean(name);
      return value === undefined ? {} : { [name]: value };
    };
    return {
      round: last.round,
      learningRate: last.learningRate,
      trainLoss: mean('trainLoss'),
      ...optional('accuracy'),
      ...optional('loss'),
      ...optional('backdoorSuccess'),
      attacked: this.#attacked,
      removed: this.#removed,
      ...optional('byzantineWeight'),
      distance: mean('distance'),
      cosine: mean('cosine'),
      withinDeviation: [mean('half'), mean('one'), mean('two')],
      deviationToNorm: mean('deviationToNorm'),
      ...(last.updates === undefined ? {} : { updates: { count: mean('updates'), perSecond: mean('updatesPerSecond') } }),
      seconds: { gradient: mean('gradient'), craft: mean('craft'), aggregate: mean('aggregate'), evaluate: mean('evaluate') },
    };
  }

  #optionalMean(name: string): number | undefined {
    const known = this.#sums.get(name);
    return known === undefined ? undefined : known.sum / known.count;
  }
}

function quantities(record: RoundRecord): [string, number | undefined][] {
  const { trainLoss, accuracy, loss, backdoorSuccess, byzantineWeight, distance, cosine, deviationToNorm, withinDeviation, updates, seconds } = record;
  const [half, one, two] = withinDeviation;
  const updating = { updates: updates?.count, updatesPerSecond: updates?.perSecond };
  return Object.entries({ trainLoss, accuracy, loss, backdoorSuccess, byzantineWeight, distance, cosine, deviationToNorm, half, one, two, ...updating, ...seconds });
}
