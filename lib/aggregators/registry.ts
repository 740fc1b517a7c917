import { registry } from '../registry/registry.js';
import type { Aggregator } from './aggregator.js';
import { bulyan } from './bulyan.js';
import { krum } from './krum.js';
import { mean } from './mean.js';
import { meanAroundMedian } from './mean-around-median.js';
import { median } from './median.js';
import { multiKrum } from './multi-krum.js';
import { trimmedMean } from './trimmed-mean.js';

/** Every aggregation rule, in the order of the catalogue. */
export const AGGREGATORS = registry<Aggregator>('aggregation rule', [
  mean,
  median,
  trimmedMean,
  meanAroundMedian,
  krum,
  multiKrum,
  bulyan,
]);
