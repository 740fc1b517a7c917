import { z } from 'zod';
import type { Attack } from './attack.js';

/** Corrupted workers behave: what they computed stays their row, and nothing is crafted. */
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
  craft() {
    throw new Error('the attack "none" crafts nothing: corrupted workers report their own rows');
  },
};
