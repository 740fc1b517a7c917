import { z } from 'zod';
import type { Policy } from './policy.js';

/** No protection at all: whoever sends a row moves the parameters. What the others are compared with. */
export const asyncSgd: Policy = {
  name: 'async-sgd',
  formula: 'θ ← θ − learning rate · Λ(staleness) · g for every row g that arrives',
  source: 'Tsitsiklis, Bertsekas, Athans 1986',
  precondition: 'n ≥ 1',
  parameters: z.strictObject({}),
  presets: {},
  resolve: () => ({}),
  check: () => undefined,
  rowsAtRule: () => undefined,
  plan: (_, { damping }) => ({
    open: () => ({
      // eslint-disable-next-line require-yield
      *arrive({ worker, row, version, now }) {
        const staleness = now - version;
        return { kind: 'step', direction: row, factor: damping(staleness), used: [{ worker, staleness }] };
      },
    }),
  }),
};
