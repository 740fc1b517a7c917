import { registry } from '../registry/registry.js';
import type { Preaggregator } from './preaggregator.js';

/** Every pre-aggregator, in the order of the catalogue. */
export const PREAGGREGATORS = registry<Preaggregator>('pre-aggregator', []);
