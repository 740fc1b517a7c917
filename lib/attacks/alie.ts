import { z } from 'zod';
import { shiftedMean } from '../kernels/work.js';
import { algorithm3 } from './alie-algorithm-3.js';
import { type Attack, type AttackShape, rowsSeen } from './attack.js';
import { valueOf, warnOfFactor } from './factors.js';

const ALGORITHM_3 = 'algorithm-3';

const parameters = z.strictObject({
  z: z
    .union([z.number(), z.literal(ALGORITHM_3), z.string()])
    .optional()
    .describe('how many standard deviations the lie is away from the mean, 1.5 by default: a number, an expression over t, n, f, or "algorithm-3"'),
  sign: z.union([z.literal(-1), z.literal(1)]).optional().describe('the side of the mean that it lies on, −1 by default: −1 or 1'),
  ddof: z.union([z.literal(0), z.literal(1)]).optional().describe('the standard deviation has the divisor (rows − ddof), 0 by default: 0 or 1'),
  knowledge: z.enum(['colluding', 'omniscient']).optional().describe('whose rows it sees: "colluding", the corrupted workers\' own honest rows (the default), or "omniscient", the honest workers\''),
});

interface Resolved {
  readonly z: number;
  readonly sign: -1 | 1;
  readonly ddof: 0 | 1;
  readonly knowledge: 'colluding' | 'omniscient';
}

/** "A Little Is Enough": a lie so small that it hides in the spread of the honest rows, and so consistent that it adds up. */
export const alie: Attack<z.infer<typeof parameters>, Resolved> = {
  name: 'alie',
  formula: 'per coordinate μ + sign·z·σ over the rows that it sees; Algorithm 3: z = Φ⁻¹((n−f−s)/(n−f)) with s = ⌊n/2 + 1⌋ − f',
  source: 'Baruch, Baruch, Goldberg 2019',
  precondition: 'at least 1 row, 2 when ddof = 1; Algorithm 3 needs 0 < s < n − f',
  parameters,
  presets: {
    'baruch-2019-experiments': { z: 1.5, sign: -1, ddof: 0, knowledge: 'colluding' },
    'baruch-2019': { z: ALGORITHM_3, sign: -1, ddof: 0, knowledge: 'colluding' },
    byzfl: { z: 1.5, sign: 1, ddof: 1, knowledge: 'omniscient' },
    blades: { z: ALGORITHM_3, sign: 1, ddof: 1, knowledge: 'omniscient' },
  },
  expressions: ['z'],
  resolve({ z: given, sign = -1, ddof = 0, knowledge = 'colluding' }, { n, f }) {
    return { z: given === ALGORITHM_3 ? algorithm3(n, f) : valueOf('alie', 'z', given, 1.5), sign, ddof, knowledge };
  },
  knowledge: ({ knowledge }) => knowledge,
  shared: () => true,
  check(shape, resolved) {
    const seen = rowsSeen(resolved.knowledge, shape);
    if (seen < 1 + resolved.ddof) return `alie with ddof = ${resolved.ddof} needs at least ${resolved.ddof === 0 ? '1 row' : '2 rows'} to see: ${figures(shape, resolved, seen)}`;
    if (Number.isFinite(resolved.z)) return undefined;
    return `alie's Algorithm 3 needs 0 < s < n − f, where s = ⌊n/2 + 1⌋ − f (Baruch, Baruch, Goldberg 2019): n = ${shape.n}, f = ${shape.f}; give z instead`;
  },
  warn(shape, resolved) {
    const warnings: string[] = [];
    const seen = rowsSeen(resolved.knowledge, shape);
    if (resolved.z < 0) warnings.push(`alie's z is ${resolved.z.toFixed(3)}: negative, so the lie is on the other side of the mean than sign = ${resolved.sign} says`);
    if (seen === 1) warnings.push(`alie sees a single row, whose standard deviation is 0, and reports just that row: ${figures(shape, resolved, seen)}`);
    const factor = warnOfFactor('alie', 'z', resolved.z);
    if (factor !== undefined) warnings.push(factor);
    return warnings.length === 0 ? undefined : warnings.join('; ');
  },
  memory: () => ({}),
  *craft(input) {
    const { z: deviations, sign, ddof } = input.parameters;
    yield* shiftedMean({ table: input.table, n: input.rows.length, d: input.d }, input.output, sign * deviations, ddof);
  },
};

function figures({ n, f }: AttackShape, { knowledge }: Resolved, seen: number): string {
  return `n = ${n}, f = ${f}, and with knowledge "${knowledge}" it sees ${seen}`;
}
