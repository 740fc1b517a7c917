import type { Values } from './expression.js';
import { ScenarioError } from './problems.js';

/**
 * Rounds for which expressions are tried before anything starts: all of a run's, or this many evenly spaced. A try takes 0.2 to 3 µs,
 * which for any number of rounds is little beside the rounds themselves.
 */
const MOST_ROUNDS_TRIED = 100_000;

/** The values of t, n, f in the rounds first … end − 1, in order; none when `end` is not above `first`. */
export function scheduleToTry(first: number, end: number, n: number, f: number): Iterable<Values> {
  const tried = Math.min(Math.max(end - first, 0), MOST_ROUNDS_TRIED);
  return {
    *[Symbol.iterator]() {
      for (let i = 0; i < tried; i++) yield { t: tried === 1 ? first : first + Math.round((i * (end - first - 1)) / (tried - 1)), n, f };
    },
  };
}

/** What an expression comes to in a round can't be used, and the rounds tried before the start didn't show it: the run ends there. */
export class ScheduleError extends Error {
  override name = 'ScheduleError';
  readonly round: number;

  constructor(round: number, message: string) {
    super(`in round ${round}, ${message}`);
    this.round = round;
  }
}

/** Evaluates a run's expressions for a round under way. What would have been refused before the start throws a ScheduleError now. */
export function duringRound<T>(round: number, evaluate: () => T): T {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof ScenarioError) throw new ScheduleError(round, error.message);
    throw error;
  }
}
