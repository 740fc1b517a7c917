import { registry } from '../registry/registry.js';
import { arc } from './arc.js';
import { bucketing } from './bucketing.js';
import { clipping } from './clipping.js';
import { nnm } from './nnm.js';
import type { Preaggregator } from './preaggregator.js';
import { modulePreaggregator } from './module.js';

/** Every pre-aggregator, in the order of the catalogue. */
export const PREAGGREGATORS = registry<Preaggregator>('pre-aggregator', [
  nnm,
  bucketing,
  clipping,
  arc,
], [modulePreaggregator]);
