import { filledRow } from './filled-row.js';

/** The value that wins every careless argmin: such rows are dropped before any rule, up to f of them. */
export const nan = filledRow('nan', 'NaN in every coordinate', NaN);
