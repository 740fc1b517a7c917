import { z } from 'zod';
import { fill } from '../kernels/work.js';
import type { Attack } from './attack.js';

/** An attack that reports one fixed value in every coordinate. */
export function filledRow(name: string, formula: string, value: number): Attack<Record<string, never>> {
  return {
    name,
    formula,
    source: '–',
    precondition: '–',
    parameters: z.strictObject({}),
    presets: {},
    expressions: [],
    resolve: () => ({}),
    knowledge: () => 'own',
    shared: () => true,
    check: () => undefined,
    warn: () => undefined,
    memory: () => ({}),
    craft: ({ output, d }) => fill(output, d, value),
  };
}
