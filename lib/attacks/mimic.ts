import { z } from 'zod';
import { fill, scale } from '../kernels/work.js';
import type { Attack } from './attack.js';

const parameters = z.strictObject({
  target: z.int().min(0).default(0).describe('which honest worker is mimicked, counted among the honest ones only: a whole number of at least 0'),
});

interface Resolved {
  readonly target: number;
}

/** No lie at all: one honest worker's samples count f times more than the others', which hurts where workers' data differ. */
export const mimic: Attack<z.input<typeof parameters>, Resolved> = {
  name: 'mimic',
  formula: 'the row of the honest worker `target`',
  source: 'Karimireddy et al. 2022',
  precondition: 'target < n − f',
  parameters,
  presets: {},
  expressions: [],
  resolve: ({ target = 0 }) => ({ target }),
  knowledge: () => 'omniscient',
  shared: () => true,
  check({ n, f }, { target }) {
    return target < n - f ? undefined : `mimic needs target < n − f, one of the honest workers: n = ${n}, f = ${f}, target = ${target}`;
  },
  warn: () => undefined,
  memory: () => ({}),
  *craft({ rows, d, output, parameters: { target } }) {
    const row = rows[target];
    // Outside the precondition there is nobody to mimic.
    if (row === undefined) yield* fill(output, d, Number.NaN);
    else yield* scale(d, 1, row, output);
  },
};
