import { mean, sampleStandardDeviation } from 'simple-statistics';
import type { RoundRecord } from '../run/records.js';
import type { ReportedRun } from './types.js';

/** More points than this in one line can't be told apart, and make the page heavy. */
const MOST_POINTS = 120;

/** A quantity over the rounds: mean over the seeds, or over neighbouring rounds too when thinned out. */
export interface Point {
  readonly round: number;
  readonly mean: number;
  /** Sample standard deviation over the seeds; 0 for one seed. */
  readonly deviation: number;
}

/** What to read from a round: undefined, null (how JSON writes NaN) and values that are not finite leave a gap. */
export type Pick = (record: RoundRecord) => number | null | undefined;

/** A quantity over the rounds of runs that differ by seed alone: for each round the runs that recorded it. */
export function curve(runs: readonly ReportedRun[], pick: Pick, mostPoints = MOST_POINTS): Point[] {
  const byRound = new Map<number, number[]>();
  for (const { records } of runs) {
    for (const record of records) {
      const value = pick(record);
      if (typeof value !== 'number' || !Number.isFinite(value)) continue;
      const values = byRound.get(record.round);
      if (values === undefined) byRound.set(record.round, [value]);
      else values.push(value);
    }
  }
  const points = [...byRound].map(([round, values]) => ({
    round,
    mean: mean(values),
    deviation: values.length > 1 ? sampleStandardDeviation(values) : 0,
  }));
  return thinOut(points.sort((a, b) => a.round - b.round), mostPoints);
}

/** At most so many points: as many stretches of rounds, equal to within a round, each as the mean over it. */
export function thinOut(points: readonly Point[], mostPoints: number): Point[] {
  if (points.length <= mostPoints) return [...points];
  const start = (stretch: number) => Math.floor((stretch * points.length) / mostPoints);
  return Array.from({ length: mostPoints }, (_, stretch) => {
    const part = points.slice(start(stretch), start(stretch + 1));
    return { round: mean(part.map((point) => point.round)), mean: mean(part.map((point) => point.mean)), deviation: mean(part.map((point) => point.deviation)) };
  });
}
