import type { Preaggregator } from './preaggregator.js';

/** Every pre-aggregator by its name, in the order of the catalogue. */
export const PREAGGREGATORS: Readonly<Record<string, Preaggregator>> = {};
