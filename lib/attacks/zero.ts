import { filledRow } from './filled-row.js';

/** A worker that reports nothing. */
export const zero = filledRow('zero', '0 in every coordinate', 0);
