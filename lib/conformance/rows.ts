import { Stream } from '../data/random.js';
import type { Size } from './subject.js';

/** The (n, f) at which everything is tried, or refused by its own precondition. More coordinates than one, and no multiple of a SIMD width. */
export const SIZES: readonly Size[] = [[1, 0], [4, 1], [11, 2], [15, 3], [51, 12], [101, 24]].map(([n = 0, f = 0]) => ({ n, f, d: 33 }));

/**
 * Steps of 2⁻¹⁸ below 8: 21 bits of the 24 that float32 has, so that a small whole number may be added, or multiplied by, without
 * rounding. What a moved or scaled copy of the rows gives differs then by the rule's own rounding alone.
 */
const STEP = 2 ** -18;
const GREATEST = 8 - STEP;

/** Rows of independent normal deviates, where ties are as good as impossible. */
export function honestRows({ n, d }: Size, seed: number): Float32Array[] {
  return Array.from({ length: n }, (_, row) => {
    const random = new Stream(seed, 'attack', row);
    return Float32Array.from({ length: d }, () => Math.round(Math.max(-GREATEST, Math.min(GREATEST, random.normal())) / STEP) * STEP);
  });
}

/** The numbers of n rows in another order. */
export function shuffledNumbers(n: number, seed: number): number[] {
  return new Stream(seed, 'placement').shuffle(Array.from({ length: n }, (_, row) => row));
}

type Byzantine = (row: Float32Array, honest: readonly Float32Array[], which: number) => Float32Array;

const filled = (value: number): Byzantine => (row) => new Float32Array(row.length).fill(value);
const at = (coordinate: number, value: number): Byzantine => (row) => row.with(coordinate < 0 ? row.length + coordinate : coordinate, value);

/** What Byzantine workers may report, each in place of f rows. */
export const REPLACEMENTS: Readonly<Record<string, Byzantine>> = {
  'their own rows': (row) => row,
  far: filled(1e3),
  'far, each elsewhere': (row, _, which) => row.map((value) => 1e6 * (which + 1) * value),
  'one honest row': (_, honest) => (honest[0] as Float32Array).slice(),
  'the honest mean reversed': (row, honest) => row.map((_, k) => -10 * (honest.reduce((sum, other) => sum + (other[k] as number), 0) / honest.length)),
  'a little beyond the honest spread': (row, honest) => row.map((_, k) => Math.max(...honest.map((other) => other[k] as number)) + 0.1),
  zero: filled(0),
  '−0': filled(-0),
  denormal: filled(1e-45),
  '1e20': filled(1e20),
  '−3e38': filled(-3e38),
  NaN: filled(NaN),
  'one NaN': at(-1, NaN),
  '+Inf': filled(Infinity),
  'one −Inf': at(0, -Infinity),
  'a mixture': (row, honest, which) => (MIXTURE[which % MIXTURE.length] as Byzantine)(row, honest, which),
};

const MIXTURE: readonly Byzantine[] = [filled(1e20), filled(NaN), filled(-0), at(3, Infinity), filled(-1e20), filled(1e-45), filled(7)];

/** f of the rows replaced; `byzantine`: their numbers, spread over all rows from `first` on. `honest`: the other rows. */
export function withReplaced(rows: readonly Float32Array[], f: number, first: number, replacement: Byzantine) {
  const n = rows.length;
  const byzantine = Array.from({ length: f }, (_, which) => (first + Math.floor((which * n) / f)) % n);
  const honest = rows.filter((_, row) => !byzantine.includes(row));
  const replaced = rows.map((row, number) => (byzantine.includes(number) ? replacement(row, honest, byzantine.indexOf(number)) : row));
  return { rows: replaced, honest, byzantine };
}
