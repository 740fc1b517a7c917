import { registry } from '../registry/registry.js';
import type { Aggregator } from './aggregator.js';
import { aksel } from './aksel.js';
import { auror } from './auror.js';
import { bulyan } from './bulyan.js';
import { caf } from './caf.js';
import { centeredClipping } from './centered-clipping.js';
import { cge } from './cge.js';
import { dnc } from './dnc.js';
import { clippedClustering } from './clipped-clustering.js';
import { flame } from './flame.js';
import { foolsgold } from './foolsgold.js';
import { fltrust } from './fltrust.js';
import { geometricMedian } from './geometric-median.js';
import { geometricMedianOfMeans } from './geometric-median-of-means.js';
import { krum } from './krum.js';
import { mda } from './mda.js';
import { mean } from './mean.js';
import { meanAroundMedian } from './mean-around-median.js';
import { median } from './median.js';
import { monna } from './monna.js';
import { multiKrum } from './multi-krum.js';
import { normClipping } from './norm-clipping.js';
import { phocas } from './phocas.js';
import { signMajority } from './sign-majority.js';
import { smea } from './smea.js';
import { signguard } from './signguard.js';
import { trimmedMean } from './trimmed-mean.js';
import { zeno } from './zeno.js';
import { moduleAggregator } from './module.js';

/** Every aggregation rule, in the order of the catalogue. */
export const AGGREGATORS = registry<Aggregator>('aggregation rule', [
  mean,
  median,
  trimmedMean,
  meanAroundMedian,
  phocas,
  krum,
  multiKrum,
  bulyan,
  geometricMedian,
  geometricMedianOfMeans,
  centeredClipping,
  mda,
  smea,
  monna,
  cge,
  caf,
  dnc,
  signMajority,
  signguard,
  normClipping,
  clippedClustering,
  foolsgold,
  auror,
  flame,
  fltrust,
  zeno,
  aksel,
], [moduleAggregator]);
