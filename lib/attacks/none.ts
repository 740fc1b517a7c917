import { z } from 'zod';
import { mean } from '../kernels/work.js';
import type { Attack } from './attack.js';

/** Corrupted workers behave: each reports its own row. Training leaves the rows where they are. */
export const none: Attack<Record<string, never>> = {
  name: 'none',
  formula: 'corrupted workers behave',
  source: '–',
  precondition: '–',
  parameters: z.strictObject({}),
  presets: {},
  expressions: [],
  resolve: () => ({}),
  knowledge: () => 'own',
  shared: () => false,
  check: () => undefined,
  warn: () => undefined,
  memory: () => ({}),
  craft({ table, output, d }) {
    return mean({ table, n: 1, d }, output);
  },
};
