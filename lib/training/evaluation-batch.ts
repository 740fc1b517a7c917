/** Samples of the test set that one evaluation chunk covers: fixed, so that partial sums don't depend on the threads. */
export const EVALUATION_BATCH = 200;
