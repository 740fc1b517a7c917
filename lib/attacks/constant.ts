import { z } from 'zod';
import { fill } from '../kernels/work.js';
import { GREATEST_FLOAT32 } from '../memory/regions.js';
import type { Attack } from './attack.js';
import { factor, valueOf } from './factors.js';

const parameters = z.strictObject({ value: factor('the value of every coordinate', 1) });

interface Resolved {
  readonly value: number;
}

export const constant: Attack<z.input<typeof parameters>, Resolved> = {
  name: 'constant',
  formula: '`value` in every coordinate',
  source: '–',
  precondition: '|value| ≤ 3.4e38',
  parameters,
  presets: {},
  expressions: ['value'],
  resolve: ({ value }) => ({ value: valueOf('constant', 'value', value, 1) }),
  knowledge: () => 'own',
  shared: () => true,
  check(_, { value }) {
    if (Math.abs(value) <= GREATEST_FLOAT32) return undefined;
    return `constant needs |value| ≤ ${GREATEST_FLOAT32}, the greatest float32: value = ${value}; the attack "inf" reports infinities`;
  },
  warn: () => undefined,
  memory: () => ({}),
  craft: ({ output, d, parameters: { value } }) => fill(output, d, value),
};
