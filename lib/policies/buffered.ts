import { z } from 'zod';
import { scale } from '../kernels/work.js';
import { type Address, addressOf, f32 } from '../memory/regions.js';
import { keepsFinite, type Policy, type Used } from './policy.js';

const parameters = z.strictObject({
  K: z.int().min(1).optional().describe('how many arrivals make a step, n by default: a whole number of at least 1'),
});

interface Resolved {
  readonly K: number;
}

/** Rows a worker without a step after which a run is given up. */
const LARGEST_SHARE = 100;

/** The rule over the last K arrivals, whoever sent them: a worker that sends twice counts twice. */
export const buffered: Policy<z.infer<typeof parameters>, Resolved> = {
  name: 'buffered',
  formula: 'every K arrivals the pre-aggregators and the rule over those K rows, each times Λ(staleness when it came)',
  source: 'Nguyen et al. 2022',
  precondition: 'K ≤ 100n, and what the rule needs for K rows',
  parameters,
  presets: {},
  resolve: ({ K }, { n }) => ({ K: K ?? n }),
  check: ({ n }, { K }) => (K <= LARGEST_SHARE * n ? undefined : `buffered needs K ≤ ${LARGEST_SHARE}n: K = ${K}, n = ${n}; the run is given up when so many rows have made no step`),
  rowsAtRule: (_, { K }) => K,
  plan(plan, { d, rowStride, parameters: { K }, seed, pipeline: planPipeline, damping }) {
    const pipeline = planPipeline('buffered', K);
    const { output, buffer } = plan.addAll('buffered', { output: f32(d), buffer: f32(K * rowStride) });
    const places = Array.from({ length: K }, (_, place): Address => addressOf(buffer, place * rowStride));
    return {
      open(arena) {
        let used: Used[] = [];
        let finite: boolean[] = [];
        return {
          *arrive({ worker, row, version, now, server }) {
            const staleness = now - version;
            const factor = damping(staleness);
            // A copy, because the worker's own place is written again before the buffer is full.
            yield* scale(d, factor, row, places[used.length] as Address);
            used.push({ worker, staleness });
            finite.push(keepsFinite(factor));
            if (used.length < K) return { kind: 'kept' };
            const full = { used, finite };
            used = [];
            finite = [];
            const workers = full.used.map((one) => one.worker);
            const { removed } = yield* pipeline.run({ arena, rows: places, workers, finite: full.finite, output: output.address, server, seed, round: now });
            return { kind: 'step', direction: output.address, factor: 1, used: full.used, removed };
          },
        };
      },
    };
  },
};
