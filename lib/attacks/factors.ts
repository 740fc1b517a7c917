import { z } from 'zod';
import { ParameterError } from '../aggregators/parameters.js';

/** What float32 can hold: a greater value would arrive as an infinity. */
export const GREATEST_FLOAT32 = 3.4028234663852886e38;

/** Schema of a numeric factor that may change from round to round. */
export function factor(description: string) {
  return z
    .union([z.number(), z.string()])
    .optional()
    .describe(`${description}: a number, or an expression over t, n, f`);
}

/** The number that a factor is in a round. Throws a ParameterError when it still is an expression. */
export function valueOf(attack: string, name: string, value: number | string | undefined, fallback: number): number {
  if (typeof value === 'string') {
    throw new ParameterError(`${attack}'s ${name} is the expression ${JSON.stringify(value)}, and here a number is needed: expressions are evaluated by training, round by round`);
  }
  return value ?? fallback;
}
