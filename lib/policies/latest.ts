import { z } from 'zod';
import { scaleRows } from '../kernels/work.js';
import { addressOf, f32, f64, u32 } from '../memory/regions.js';
import { type Arrival, keepsFinite, type Policy } from './policy.js';

const parameters = z.strictObject({
  k: z.int().min(1).optional().describe('a step is taken whenever the rows of so many workers are new, n − f by default: a whole number from 1 to n'),
});

interface Resolved {
  readonly k: number;
}

/**
 * The rule over everybody's latest row. A worker that has not sent any yet counts as one whose row is not finite: it is infinitely far, and up
 * to f of them are done without.
 */
export const latest: Policy<z.infer<typeof parameters>, Resolved> = {
  name: 'latest',
  formula: "the pre-aggregators and the rule over every worker's latest row, each times Λ(staleness), whenever k workers' rows are new",
  source: '–',
  precondition: '1 ≤ k ≤ n, and what the rule needs for n rows',
  parameters,
  presets: {},
  resolve: ({ k }, { n, f }) => ({ k: k ?? Math.max(1, n - f) }),
  check: ({ n }, { k }) => (k <= n ? undefined : `latest needs k ≤ n, workers to hear from: k = ${k}, n = ${n}`),
  rowsAtRule: ({ n }) => n,
  plan(plan, { n, f, d, rowStride, parameters: { k }, seed, pipeline: planPipeline, damping, damped }) {
    const pipeline = planPipeline('latest', n);
    const regions = plan.addAll('latest', {
      output: f32(d),
      missing: f32(d),
      table: u32(n),
      scaledTable: u32(n),
      factors: f64(damped ? n : 0),
      scaled: f32(damped ? n * rowStride : 0),
    });
    const workers = Array.from({ length: n }, (_, worker) => worker);
    return {
      open(arena) {
        arena.view(regions.missing).fill(NaN);
        const rows = new Map<number, Arrival>();
        const fresh = new Set<number>();
        return {
          *arrive(arrival) {
            const { worker, now, server } = arrival;
            rows.set(worker, arrival);
            fresh.add(worker);
            if (fresh.size < k || n - rows.size > f) return { kind: 'kept' };
            fresh.clear();

            const used = [...rows.values()].map(({ worker: sender, version }) => ({ worker: sender, staleness: now - version }));
            const finite = workers.map((sender) => rows.has(sender));
            let addresses = workers.map((sender) => rows.get(sender)?.row ?? regions.missing.address);
            if (damped) {
              arena.view(regions.table).set(addresses);
              addresses = workers.map((sender) => addressOf(regions.scaled, sender * rowStride));
              arena.view(regions.scaledTable).set(addresses);
              const factors = arena.view(regions.factors).fill(1);
              for (const { worker: sender, staleness } of used) {
                const factor = damping(staleness);
                factors[sender] = factor;
                finite[sender] = keepsFinite(factor);
              }
              yield* scaleRows({ table: regions.table.address, n, d }, regions.factors, regions.scaledTable.address);
            }
            const { weights, removed } = yield* pipeline.run({ arena, rows: addresses, workers, finite, output: regions.output.address, server, seed, round: now });
            return { kind: 'step', direction: regions.output.address, factor: 1, used, weights, removed: removed.filter((sender) => rows.has(sender)) };
          },
        };
      },
    };
  },
};
