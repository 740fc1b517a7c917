import { filledRow } from './filled-row.js';

/** Finite, but its square is not in float32: it tells rules that overflow from those that don't. */
export const huge = filledRow('huge', '1e20 in every coordinate', 1e20);
