/**
 * Where a result lies whatever f of the n rows are:
 * - `honest values`: in every coordinate between the least and the greatest of the other n − f rows.
 * - `honest norm`: no longer than the longest of the other n − f rows.
 * - `a row`: it is one of the rows, bit by bit.
 * - `all values`: in every coordinate between the least and the greatest of all rows, as for every weighted mean.
 * - `signs`: its coordinates are 1, 0 and −1.
 * - `finite`: nothing but finite is promised.
 */
export type Within = 'honest values' | 'honest norm' | 'a row' | 'all values' | 'signs' | 'finite';

/**
 * What a rule or pre-aggregator claims of itself. lib/conformance holds it to every claim, and looks for a counterexample where it says
 * that something does not hold: a claim that is false either way fails.
 */
export interface Properties {
  /** The order of the workers doesn't matter, where no two of the compared figures are equal. A pre-aggregator's rows follow it. */
  readonly order: boolean;
  /** Rows moved by one vector give the result moved by it. */
  readonly translation: boolean;
  /** Rows times a factor give the result times it: for any factor, for positive ones, or not. */
  readonly scale: 'any' | 'positive' | 'none';
  /** With f = 0 the result (the mean of what goes out) is the mean of the rows. */
  readonly meanWithoutByzantine: boolean;
  /** Holds inside the precondition and, for `honest values` and `honest norm`, where 2f < n. */
  readonly within: Within;
  /** Rows beyond this number aren't tried by lib/conformance: for rules whose cost is no polynomial of n. */
  readonly greatestN?: number;
}

export interface RuleProperties extends Properties {
  /**
   * What `aggregate` returns: weights of which the aggregate is the sum Σ weight · row (with an empty memory); shares that say whom it
   * listened to, and more happens to the rows; or none, because there is no weight by row.
   */
  readonly weights: 'sum' | 'shares' | 'none';
}
