import { z } from 'zod';
import type { Shape } from './aggregator.js';

/** Numbers of rows that published rules name by n and f. θ = n − 2f is what Bulyan selects. */
const COUNTS = {
  'n-f': ({ n, f }: Shape) => n - f,
  'n-f-1': ({ n, f }: Shape) => n - f - 1,
  'n-f-2': ({ n, f }: Shape) => n - f - 2,
  'n-2f': ({ n, f }: Shape) => n - 2 * f,
  'theta-2f': ({ n, f }: Shape) => n - 4 * f,
  'theta-2f-1': ({ n, f }: Shape) => n - 4 * f - 1,
} as const;

export type Count = number | keyof typeof COUNTS;

/** Schema of a number of rows, given as such or by one of `names`. */
export function count<Name extends keyof typeof COUNTS>(names: readonly [Name, ...Name[]], description: string) {
  return z
    .union([z.int().min(1), z.enum(names)])
    .optional()
    .describe(`${description}: a whole number of at least 1, or ${names.map((name) => `"${name}"`).join(', ')}`);
}

/** The number that a count is for a shape; it may come out below 1. */
export function countOf(value: Count, shape: Shape): number {
  return typeof value === 'number' ? value : COUNTS[value](shape);
}
