import { z } from 'zod';
import { serverOf } from '../aggregators/server-access.js';
import { dotProducts, pointPartialsLength, scale, squaredNorms } from '../kernels/work.js';
import { f32, f64, u32 } from '../memory/regions.js';
import type { Policy } from './policy.js';

const parameters = z.strictObject({
  gamma: z.union([z.number().positive(), z.literal('learning-rate')]).optional().describe('the step along a row whose gain is estimated, the step\'s learning rate by default: a number above 0, or "learning-rate"'),
  rho: z.union([z.number().min(0), z.literal('gamma/1000')]).optional().describe('what each unit of a row\'s squared norm costs it, gamma/1000 by default: a number of at least 0, or "gamma/1000"'),
  epsilon: z.number().min(0).optional().describe('how much loss a row may seem to do, over gamma, 0 by default: a number of at least 0; above ‖v‖² any row of the same length passes'),
  k: z.int().min(1).optional().describe('the server\'s own gradient v is taken anew every k steps, 10 by default: a whole number of at least 1'),
  rescale: z.boolean().optional().describe('whether rows are brought to the length of v before they are judged and used, true by default'),
});

interface Resolved {
  readonly gamma: number | 'learning-rate';
  readonly rho: number | 'gamma/1000';
  readonly epsilon: number;
  readonly k: number;
  readonly rescale: boolean;
}

/**
 * Rows one by one, each held against a gradient v of the server's own samples: γ⟨v, g⟩ is what a step along g would lower the server's loss by, to first
 * order. So any number of Byzantine workers is tolerated, and how stale a row is doesn't matter. A v that is not finite lets nothing pass.
 */
export const zenoPlusPlus: Policy<z.infer<typeof parameters>, Resolved> = {
  name: 'zeno++',
  formula: 'g ← g · ‖v‖/‖g‖ where rescale; rejected unless γ⟨v, g⟩ − ρ‖g‖² ≥ −γε; θ ← θ − learning rate · Λ(staleness) · g; v the gradient on the server\'s samples, taken anew every k steps',
  source: 'Xie, Koyejo, Gupta 2020',
  precondition: 'samples at the server',
  parameters,
  presets: {},
  needs: 'trusted-row',
  resolve: ({ gamma = 'learning-rate', rho = 'gamma/1000', epsilon = 0, k = 10, rescale = true }) => ({ gamma, rho, epsilon, k, rescale }),
  check: () => undefined,
  rowsAtRule: () => undefined,
  plan(plan, { d, parameters: { gamma, rho, epsilon, k, rescale }, damping }) {
    const regions = plan.addAll('zeno++', { trusted: f32(d), table: u32(1), norm: f64(1), partials: f64(pointPartialsLength(1, d)) });
    const single = { table: regions.table.address, n: 1, d };
    return {
      open(arena) {
        let taken = -Infinity;
        let trustedLength = 0;
        return {
          *arrive({ worker, row, version, now, server: given }) {
            const server = serverOf('zeno++', given);
            if (now - taken >= k) {
              // A copy: the server's own place is written again whenever somebody asks it for a gradient.
              yield* scale(d, 1, yield* server.trustedRow(), regions.trusted.address);
              arena.view(regions.table)[0] = regions.trusted.address;
              trustedLength = Math.sqrt((yield* squaredNorms(arena, single, regions.norm))[0] as number);
              taken = now;
            }
            arena.view(regions.table)[0] = row;
            const squared = (yield* squaredNorms(arena, single, regions.norm))[0] as number;
            const product = (yield* dotProducts(arena, single, regions.trusted.address, regions.partials))[0] as number;
            // A row of zeros stays one, and moves nothing.
            const factor = rescale && squared > 0 ? trustedLength / Math.sqrt(squared) : 1;
            const step = gamma === 'learning-rate' ? server.learningRate : gamma;
            const cost = rho === 'gamma/1000' ? step / 1000 : rho;
            const score = step * factor * product - cost * factor * factor * squared;
            // Also when it is no number.
            if (!(score >= -step * epsilon)) return { kind: 'rejected', reason: 'score' };
            const staleness = now - version;
            return { kind: 'step', direction: row, factor: damping(staleness) * factor, used: [{ worker, staleness }] };
          },
        };
      },
    };
  },
};
