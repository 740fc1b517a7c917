import { filledRow } from './filled-row.js';

/** Overflow: such rows are dropped before any rule, up to f of them. */
export const inf = filledRow('inf', '+∞ in every coordinate', Infinity);
