import { z } from 'zod';
import { GREATEST_FLOAT32 } from '../memory/regions.js';
import { ParameterError } from '../registry/problems.js';

/** Schema of a numeric factor that may change from round to round. */
export function factor(description: string, fallback: number) {
  return z
    .union([z.number(), z.string()])
    .default(fallback)
    .describe(`${description}: a number, or an expression over t, n, f`);
}

/** The same of one that has no fixed default. */
export function optionalFactor(description: string) {
  return z
    .union([z.number(), z.string()])
    .optional()
    .describe(`${description}: a number, or an expression over t, n, f`);
}

/** Warns of a factor whose product with a row is not finite, because the factor itself is none in float32; undefined when it is. */
export function warnOfFactor(attack: string, name: string, value: number): string | undefined {
  if (Math.abs(value) <= GREATEST_FLOAT32) return undefined;
  return `${attack} with ${name} = ${value} reports rows that are not finite: the greatest float32 is ${GREATEST_FLOAT32}`;
}

/** The number that a factor is in a round. Throws a ParameterError when it still is an expression. */
export function valueOf(attack: string, name: string, value: number | string | undefined, fallback: number): number {
  if (typeof value === 'string') {
    const message = `here a number is needed, and not the expression ${JSON.stringify(value)}: expressions are evaluated by training, round by round`;
    throw new ParameterError([{ path: `${attack}.${name}`, message }]);
  }
  return value ?? fallback;
}
