import { z } from 'zod';
import { addRowsToSums } from '../kernels/comparisons.js';
import { weightedSum } from '../kernels/work.js';
import { type Address, addressOf, f64, type Region, u32 } from '../memory/regions.js';
import type { Aggregator, Shape } from './aggregator.js';
import { cosineRequests, cosinesOf } from './cosines.js';

const parameters = z.strictObject({
  floored: z.boolean().optional().describe('whether v_i counts from 0, as in the authors\' code, true by default: true or false'),
});

/**
 * The rows weighted by how little their workers' histories resemble one another. A history is the sum of the worker's rows so far, this one
 * included, in float64: no number of rounds makes float32 values overflow there, and what one round adds is lost only beside something 1e16
 * times as large. The workers of a round are compared with each other alone.
 *
 * The authors' code sets the similarity of a worker with itself to 0 before it looks for the largest, so v_i counts from 0: a worker unlike
 * every other has nothing to be pardoned for. Taken by its letter, the formula makes a negative v_i over a positive v_j an accusation out of
 * unlikeness. A worker whose history is zero is like nobody.
 */
export const foolsgold: Aggregator<z.infer<typeof parameters>, { readonly floored: boolean }, ReturnType<typeof memory>, ReturnType<typeof state>> = {
  name: 'foolsgold',
  formula:
    'h_i = sum of worker i\'s rows so far; cs_ij = cos(h_i, h_j); v_i = max_{j≠i} cs_ij, `floored` at least 0; where v_j > v_i, cs_ij ← cs_ij·v_i/v_j; ' +
    'a_i = 1 − max_{j≠i} cs_ij clipped to [0, 1], over the largest, 1 → 0.99, a_i ← ln(a_i/(1 − a_i)) + 0.5 clipped to [0, 1]; ' +
    'Σ a_i x_i / Σ a_i; all 0 gives the zero row',
  source: 'Fung, Yoon, Beschastnikh 2018',
  precondition: 'n ≥ 2',
  cost: 'O(n²d), 8nd bytes of memory',
  parameters,
  presets: { 'fung-2018-code': { floored: true }, 'fung-2018': { floored: false } },
  reproduces: { 'fung-2018-code': 'the released code of Fung, Yoon, Beschastnikh', 'fung-2018': 'the formula by its letter' },
  properties: () => ({ order: true, translation: false, scale: 'any', meanWithoutByzantine: false, within: 'all values', weights: 'sum' }),
  resolve: ({ floored = true }) => ({ floored }),
  check: ({ n }) => (n >= 2 ? undefined : `foolsgold needs n ≥ 2, workers to compare (Fung, Yoon, Beschastnikh 2018): n = ${n}`),
  memory,
  state,
  *aggregate(input) {
    const { arena, n, d, workers, output, parameters: { floored }, memory: { partials, products, histories, weights }, state: { history } } = input;
    arena.view(histories).set(workers.map((worker) => historyOf(history, worker, d)));
    const table = { table: histories.address, n, d };
    yield* addRowsToSums(input, table.table);
    const { cosines } = yield* cosinesOf(arena, table, { partials, products }, 'f64');
    const shares = learningRates(cosines, n, floored);
    const total = shares.reduce((sum, share) => sum + share, 0);
    const normalised = total === 0 ? shares : shares.map((share) => share / total);
    arena.view(weights).set(normalised);
    yield* weightedSum(input, weights, output);
    return normalised;
  },
};

/** What each worker counts for, from 0 to 1, by the cosines of the histories. */
function learningRates(cosines: Float64Array, n: number, floored: boolean): Float64Array {
  const others = (i: number, value: (j: number) => number): number => {
    let most = -Infinity;
    for (let j = 0; j < n; j++) if (j !== i) most = Math.max(most, value(j));
    return most;
  };
  const similarity = Float64Array.from({ length: n }, (_, i) => Math.max(floored ? 0 : -Infinity, others(i, (j) => cosines[i * n + j] as number)));
  const unlike = similarity.map((own, i) => {
    const pardoned = others(i, (j) => {
      const other = similarity[j] as number;
      const cosine = cosines[i * n + j] as number;
      return other > own ? (cosine * own) / other : cosine;
    });
    return Math.max(0, Math.min(1, 1 - pardoned));
  });
  const most = unlike.reduce((best, value) => Math.max(best, value), 0);
  return most === 0 ? unlike : unlike.map((value) => logit(value === most ? 0.99 : value / most));
}

/** ln(a/(1 − a)) + 0.5 clipped to [0, 1]. */
function logit(a: number): number {
  return Math.max(0, Math.min(1, Math.log(a / (1 - a)) + 0.5));
}

/** A cache line of float64: histories begin at whole ones, so that no two threads write to the same. */
const CACHE_LINE = 8;

function historyStride(d: number): number {
  return Math.ceil(d / CACHE_LINE) * CACHE_LINE;
}

function historyOf(history: Region<'f64'>, worker: number, d: number): Address {
  const workers = history.length / historyStride(d);
  if (worker >= workers) throw new RangeError(`foolsgold keeps a history of the workers 0 to ${workers - 1}, and got a row of worker ${worker}`);
  return addressOf(history, worker * historyStride(d));
}

function memory(shape: Shape) {
  const { n } = shape;
  return { ...cosineRequests(shape), histories: u32(n), weights: f64(n) };
}

/** Each worker's sum of rows. */
function state({ n, d }: Shape) {
  return { history: f64(n * historyStride(d)) };
}
