import { z } from 'zod';
import { type RowTable, squaredDistances } from '../kernels/work.js';
import { PAUSE, type Work } from '../kernels/task.js';
import type { Arena } from '../memory/arena.js';
import type { Region } from '../memory/regions.js';
import type { Shape } from './aggregator.js';

/**
 * What krum, multi-krum and bulyan share: a row's score is the sum, over its n − f − c nearest other rows, of the distance to the
 * power p. Blanchard et al. 2017 have c = 2, p = 2; the presets are what released code does instead.
 */
export const krumParameters = {
  c: z.int().min(0).optional().describe('n − f − c nearest rows count, 2 by default: a whole number of at least 0'),
  // Sixth powers of float32 distances neither overflow nor vanish in float64; higher ones might.
  p: z.int().min(1).max(6).optional().describe('the power of the distance, 2 by default: a whole number from 1 to 6'),
};

export const KRUM_PRESETS = {
  'blanchard-2017': { c: 2, p: 2 },
  byzfl: { c: 1, p: 2 },
  'el-mhamdi-code': { c: 1, p: 1 },
  'baruch-2019-code': { c: 0, p: 1 },
  blades: { c: 2, p: 4 },
} as const;

export const KRUM_PEERS = {
  'blanchard-2017': 'Krum as its paper has it',
  byzfl: 'the library ByzFL',
  'el-mhamdi-code': 'the released code of El Mhamdi, Guerraoui, Rouault 2021',
  'baruch-2019-code': 'the released code of Baruch, Baruch, Goldberg 2019',
  blades: 'the simulator Blades',
} as const;

export interface KrumResolved {
  readonly c: number;
  readonly p: number;
  /** Rows summed in a score: n − f − c, and never more than the n − 1 others. */
  readonly neighbours: number;
}

export function resolveKrum({ c = 2, p = 2 }: { readonly c?: number | undefined; readonly p?: number | undefined }, { n, f }: Shape): KrumResolved {
  return { c, p, neighbours: Math.min(n - f - c, Math.max(1, n - 1)) };
}

/** Blanchard et al. 2017 prove Krum for n > 2f + 2. */
export function krumPrecondition(rule: string, { n, f }: Shape): string | undefined {
  return n >= 2 * f + 3 ? undefined : `${rule} needs n ≥ 2f + 3 (Blanchard et al. 2017): n = ${n}, f = ${f}`;
}

/** A score over no neighbour says nothing about a row. */
export function noNeighbours(rule: string, { n, f }: Shape, { c, neighbours }: KrumResolved): string | undefined {
  return neighbours >= 1 ? undefined : `${rule} needs n − f − c ≥ 1, a neighbour to score by: n = ${n}, f = ${f}, c = ${c}`;
}

/** What `krumBound` is. The released code of El Mhamdi, Guerraoui, Rouault 2021 has the same, written otherwise. */
export const KRUM_BOUND = '1/η(n, f), η² = 2(n−f + (f(n−f−2) + f²(n−f−1))/(n−2f−2)): Blanchard et al. 2017';

/** 1/η(n, f) of Blanchard et al. 2017, for their scores and for those of the released code that states it too (c = 1, p = 1). */
export function krumBound({ n, f }: Shape, { c, p }: { readonly c: number; readonly p: number }): number | undefined {
  if (n < 2 * f + 3 || !((c === 2 && p === 2) || (c === 1 && p === 1))) return undefined;
  return 1 / Math.sqrt(2 * (n - f + (f * (n - f - 2) + f * f * (n - f - 1)) / (n - 2 * f - 2)));
}

/** Each row's score, summed from the nearest neighbour to the farthest. */
export function* krumScores(
  arena: Arena, rows: RowTable, memory: { readonly partials: Region<'f64'>; readonly distances: Region<'f64'> }, { p, neighbours }: KrumResolved,
): Work<Float64Array> {
  const { n } = rows;
  const squared = yield* squaredDistances(arena, rows, memory.partials, memory.distances);
  const scores = new Float64Array(n);
  const others = new Float64Array(n - 1);
  const summed = Math.min(neighbours, n - 1);
  for (let i = 0; i < n; i++) {
    others.set(squared.subarray(i * n, i * n + i), 0);
    others.set(squared.subarray(i * n + i + 1, (i + 1) * n), i);
    others.sort();
    let score = 0;
    for (let k = 0; k < summed; k++) score += power(others[k] as number, p);
    scores[i] = score;
    yield PAUSE;
  }
  return scores;
}

/** Distance to the power p from its square: by products and one root, because `Math.pow` differs between versions of V8. */
export function power(squared: number, p: number): number {
  let result = p % 2 === 1 ? Math.sqrt(squared) : 1;
  for (let factor = 2; factor <= p; factor += 2) result *= squared;
  return result;
}

/** The rows with the `m` least scores, in the order of the rows. Of equal scores the smaller row wins; a NaN loses against everything. */
export function leastScores(scores: Float64Array, m: number): number[] {
  const order = Array.from(scores.keys());
  const key = (row: number): number => scores[row] as number;
  order.sort((a, b) => Number(Number.isNaN(key(a))) - Number(Number.isNaN(key(b))) || Math.sign(key(a) - key(b)) || a - b);
  return order.slice(0, m).sort((a, b) => a - b);
}
