import { z } from 'zod';
import { addScaled, fill, mean } from '../kernels/work.js';
import { f32 } from '../memory/regions.js';
import type { Address } from '../memory/regions.js';
import type { Attack, AttackShape } from './attack.js';
import { factor, valueOf, warnOfFactor } from './factors.js';

const parameters = z.strictObject({
  scale: factor('the factor of the row that is turned round', 1),
  of: z.enum(['own', 'honest-mean']).default('own').describe('what is turned round: "own", the Byzantine worker\'s own honest row, or "honest-mean", the mean of the honest workers\' rows'),
});

interface Resolved {
  readonly scale: number;
  readonly of: 'own' | 'honest-mean';
}

export const signFlip: Attack<z.input<typeof parameters>, Resolved, ReturnType<typeof memory>> = {
  name: 'sign-flip',
  formula: '−scale × its own row, or × the mean of the honest rows',
  source: '–',
  precondition: 'an honest worker when of = "honest-mean"',
  parameters,
  presets: {},
  expressions: ['scale'],
  resolve: ({ scale, of = 'own' }) => ({ scale: valueOf('sign-flip', 'scale', scale, 1), of }),
  knowledge: ({ of }) => (of === 'own' ? 'own' : 'omniscient'),
  shared: ({ of }) => of === 'honest-mean',
  check({ n, f }, { of }) {
    return of === 'honest-mean' && n === f ? `sign-flip of the honest mean needs an honest worker: n = ${n}, f = ${f}` : undefined;
  },
  warn: (_, { scale }) => warnOfFactor('sign-flip', 'scale', scale),
  memory,
  *craft(input) {
    const { d, output, memory: { honestMean }, parameters: { scale, of } } = input;
    const [own] = input.rows;
    if (of === 'honest-mean') yield* mean({ table: input.table, n: input.rows.length, d }, honestMean.address);
    yield* fill(output, d, 0);
    yield* addScaled(d, -scale, of === 'own' ? (own as Address) : honestMean.address, output);
  },
};

function memory({ d }: AttackShape, { of }: Resolved) {
  return { honestMean: f32(of === 'own' ? 0 : d) };
}
