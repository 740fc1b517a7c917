import { Stream } from '../../lib/data/random.js';
import { scoreOf, trustedRow } from '../../lib/conformance/registered.js';
import * as clustering from '../aggregators/clustering-reference.js';
import * as rules from '../aggregators/reference.js';
import * as subsets from '../aggregators/subset-reference.js';
import * as preaggregators from '../preaggregators/reference.js';

/**
 * An independent float64 reference for everything registered, by its name: from rows, (n, f) and what `resolve` makes of the parameters.
 * What is registered without an entry here makes `coverage.test.ts` fail.
 */

export interface Sizes {
  readonly n: number;
  readonly f: number;
}

type Rows = rules.Rows;
type Reference<Result> = (rows: Rows, sizes: Sizes, parameters: object) => Result;

/** The parameters are typed by the reference: the rule's own `resolve` is what it has to agree with. */
function by<Result>(reference: (rows: Rows, sizes: Sizes, parameters: never) => Result): Reference<Result> {
  return reference as Reference<Result>;
}

const zero = (rows: Rows): number[] => Array.from(rows[0]!, () => 0);

/** Enough steps to the minimum for rows of some tens of coordinates. */
const minimum = (rows: Rows): number[] => rules.weiszfeld(rows, rules.median(rows), 1e-12, 400);

interface Krum {
  readonly neighbours: number;
  readonly p: number;
  readonly m: number;
}

interface Weiszfeld {
  readonly start: 'median' | 'mean' | 'zero';
  readonly nu: number;
  readonly T: number;
  readonly tolerance: number;
}

export const RULES: Readonly<Record<string, Reference<ArrayLike<number>>>> = {
  mean: (rows) => rules.mean(rows),
  median: (rows) => rules.median(rows),
  'trimmed-mean': by((rows, _, { b }: { b: number }) => rules.trimmedMean(rows, b)),
  'mean-around-median': by((rows, _, { keep }: { keep: number }) => rules.meanAroundMedian(rows, keep)),
  phocas: by((rows, _, { b }: { b: number }) => rules.phocas(rows, b)),
  krum: by((rows, _, { neighbours, p }: Krum) => rules.krum(rows, neighbours, p)),
  'multi-krum': by((rows, _, { neighbours, p, m }: Krum) => rules.multiKrum(rows, neighbours, p, m)),
  bulyan: by((rows, { f }, { c, p, keep }: { c: number; p: number; keep: number }) => rules.bulyan(rows, f, c, p, keep)),
  'geometric-median': by((rows, _, { start, nu, T, tolerance }: Weiszfeld) =>
    tolerance > 0 ? minimum(rows) : rules.weiszfeld(rows, { median: rules.median, mean: rules.mean, zero }[start](rows), nu, T)),
  'geometric-median-of-means': by((rows, _, { k }: { k: number }) => minimum(rules.batchMeans(rows, k))),
  'centered-clipping': by((rows, _, { tau, L }: { tau: number; L: number }) => rules.centeredClipping(rows, zero(rows), tau, L)),
  monna: by((rows, { f }, { pivot }: { pivot: number }) => rules.monna(rows, f, pivot)),
  cge: (rows, { f }) => rules.cge(rows, f),
  'sign-majority': (rows) => rules.signMajority(rows),
  'norm-clipping': by((rows, _, { tau }: { tau: number | 'median' }) => (tau === 'median' ? rules.normClipping(rows) : rules.normClipping(rows, tau))),
  aksel: (rows) => rules.aksel(rows),
  mda: (rows, { f }) => rules.mean(subsets.mdaSelection(rows, f).map((row) => rows[row]!)),
  smea: (rows, { f }) => rules.mean(subsets.smeaSelection(rows, f).map((row) => rows[row]!)),
  caf: (rows, { f }) => subsets.caf(rows, f).output,
  // With b = d every iteration looks at all coordinates.
  dnc: by((rows, _, { dropped }: { dropped: number }) => rules.mean(subsets.dncSelection(rows, dropped, [Array.from(rows[0]!, (_, k) => k)]).map((row) => rows[row]!))),
  signguard: by((rows, _, { lower, upper, quantile, coordinates }: { lower: number; upper: number; quantile: number; coordinates: number }) =>
    clustering.signguard(rows, drawn(coordinates, rows[0]!.length), { lower, upper, quantile })),
  'clipped-clustering': (rows) => clustering.clippedClustering(rows),
  foolsgold: (rows) => clustering.foolsgold(rows),
  auror: by((rows, _, { share }: { share: number }) => clustering.auror(rows, share)),
  flame: by((rows, _, { lambda }: { lambda: number }) => {
    const noise = stream();
    const deviation = lambda * rules.medianOf(rows.map(rules.norm));
    return clustering.flame(rows).map((value) => value + deviation * noise.normal());
  }),
  fltrust: (rows) => rules.fltrust(rows, trustedRow(rows[0]!.length)),
  zeno: by((rows, _, { b }: { b: number }) => rules.zeno(rows, b, 1e-4, scoreOf)),
};

/** The rule's own: seed 0, round 0. */
const stream = (): Stream => new Stream(0, 'aggregator', 0, 0);

/** `count` of d numbers, each set equally likely, by Knuth's algorithm S. */
function drawn(count: number, d: number): number[] {
  const random = stream();
  const chosen: number[] = [];
  for (let k = 0; chosen.length < count; k++) if (random.below(d - k) < count - chosen.length) chosen.push(k);
  return chosen;
}

export const PREAGGREGATORS: Readonly<Record<string, Reference<readonly ArrayLike<number>[]>>> = {
  nnm: (rows, { f }) => preaggregators.nnm(rows, f),
  // The first of a chain, seed 0, round 0.
  bucketing: by((rows, { n }, { s }: { s: number }) => {
    const order = new Stream(0, 'aggregator', 1, 0).shuffle(Array.from(rows.keys()));
    return Array.from({ length: Math.ceil(n / s) }, (_, group) => rules.mean(order.slice(group * s, (group + 1) * s).map((row) => rows[row]!)));
  }),
  clipping: by((rows, _, { C }: { C: number }) => preaggregators.clipping(rows, C)),
  arc: (rows, { f }) => preaggregators.arc(rows, f),
};
