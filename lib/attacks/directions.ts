import { z } from 'zod';
import { type Direction, DIRECTIONS, spreadPartialsLength } from '../kernels/work.js';
import { f64, type RegionRequests } from '../memory/regions.js';
import type { Attack, AttackShape } from './attack.js';

/** What min-max and min-sum share: the lie μ + γp, with the largest γ that keeps it as near to the honest rows as they are to each other. */

const parameters = z.strictObject({
  direction: z
    .enum(DIRECTIONS)
    .default('deviation')
    .describe('where the lie goes from the honest mean μ: "deviation", −σ with the divisor (rows − 1), "unit", −μ/‖μ‖, or "sign", −sign(μ)'),
});

export type DirectionParameters = z.input<typeof parameters>;

export interface ResolvedDirection {
  readonly direction: Direction;
}

type Directed<Requests extends RegionRequests> = Attack<DirectionParameters, ResolvedDirection, Requests>;

/** An attack of this kind, from what tells it from the other. */
export function alongDirection<Requests extends RegionRequests>(
  { name, formula, memory, craft }: Pick<Directed<Requests>, 'name' | 'formula' | 'memory' | 'craft'>,
): Directed<Requests> {
  return {
    name,
    formula,
    source: 'Shejwalkar, Houmansadr 2021',
    precondition: 'an honest worker, 2 when direction = "deviation"',
    parameters,
    presets: {},
    expressions: [],
    resolve: ({ direction = 'deviation' }) => ({ direction }),
    knowledge: () => 'omniscient',
    shared: () => true,
    check({ n, f }, { direction }) {
      const needed = direction === 'deviation' ? 2 : 1;
      if (n - f >= needed) return undefined;
      return `${name} with direction = "${direction}" needs at least ${needed === 1 ? '1 honest row' : '2 honest rows'} to see: n = ${n}, f = ${f}`;
    },
    warn({ n, f }) {
      return n - f === 1 ? `${name} sees a single honest row, which leaves no room for a lie, and reports just that row: n = ${n}, f = ${f}` : undefined;
    },
    memory,
    craft,
  };
}

/** The region that `spreadAlong` takes for the honest rows. */
export function spreadRequest({ n, f, d }: AttackShape) {
  return f64(spreadPartialsLength(n - f, d));
}
