import { distancePartialsLength } from '../kernels/work.js';
import { f64 } from '../memory/regions.js';
import type { Shape } from './aggregator.js';

/** The regions that all pairwise distances take (`squaredDistances` in lib/kernels/work.ts), for the shape and for up to f rows fewer. */
export function distanceRequests({ n, f, d }: Shape) {
  let partials = 0;
  // Fewer rows may be cut into more chunks, so the largest need is not always that of all rows.
  for (let rows = Math.max(1, n - f); rows <= n; rows++) partials = Math.max(partials, distancePartialsLength(rows, d));
  return { partials: f64(partials), distances: f64(n * n) };
}
