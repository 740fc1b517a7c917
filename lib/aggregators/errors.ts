/** A rule is asked for something outside its precondition. The message names the inequality, the figures and the source. */
export class PreconditionError extends Error {
  override name = 'PreconditionError';
}

/** The rows of a round have no aggregate: a run ends as diverged. */
export class NoAggregateError extends Error {
  override name = 'NoAggregateError';
  /** The workers whose rows hold NaN or ±Inf. */
  readonly workers: readonly number[];

  constructor(message: string, workers: readonly number[] = []) {
    super(message);
    this.workers = workers;
  }
}

/** More rows hold NaN or ±Inf than the rule has to tolerate. */
export class NonFiniteRowsError extends NoAggregateError {
  override name = 'NonFiniteRowsError';
  /** What the rule has to tolerate. */
  readonly f: number;

  constructor(workers: readonly number[], n: number, f: number) {
    const [holds, whose] = workers.length === 1 ? ['holds', 'that of worker'] : ['hold', 'those of workers'];
    const limit = workers.length > f ? `at most f = ${f} may` : 'none is left';
    super(`${workers.length} of ${n} ${n === 1 ? 'row' : 'rows'} ${holds} NaN or an infinity, and ${limit}: ${whose} ${workers.join(', ')}`, workers);
    this.f = f;
  }
}
