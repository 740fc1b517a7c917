import { z } from 'zod';
import { timingAttack } from './timing.js';

const parameters = z.strictObject({
  factor: z.number().min(1).max(1000).optional().describe('how many times faster than the honest workers they are, 10 by default: a number from 1 to 1000'),
  lie: z.union([z.string(), z.looseObject({ name: z.string() })]).optional().describe('what they send: another attack by its name or { name, …its parameters }, "sign-flip" by default'),
});

/** Byzantine workers that send more often than the others, and so count for more where rows count as they come. */
export const flood = timingAttack({
  name: 'flood',
  formula: 'takes 1/factor of the time for a row; what it sends is the attack `lie`',
  parameters,
  timing: ({ factor = 10, lie = 'sign-flip' }: z.infer<typeof parameters>) => ({ kind: 'flood', factor, lie: typeof lie === 'string' ? { name: lie } : lie }),
});
