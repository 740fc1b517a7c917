import { z } from 'zod';
import { scale, squaredDistancesTo, pointPartialsLength } from '../kernels/work.js';
import { type Address, addressOf, f32, f64, u32 } from '../memory/regions.js';
import { asWritten } from '../registry/as-written.js';
import type { Policy } from './policy.js';

const parameters = z.strictObject({
  quantile: z.union([z.number().gt(0).max(1), z.literal('(n-f)/n')]).optional().describe('which quantile of the workers\' latest Lipschitz coefficients a candidate may reach, "(n-f)/n" by default: a number above 0 and up to 1, or "(n-f)/n"'),
  frequency: z.boolean().optional().describe('whether the frequency filter works as well, true by default'),
  forgive: z.union([z.int().min(1), z.literal('n'), z.literal('never')]).optional().describe('after so many rejections in a row the next row is taken all the same, "never" by default: a whole number of at least 1, "n" or "never"'),
});

interface Resolved {
  readonly quantile: number;
  readonly frequency: boolean;
  readonly forgive: number;
}

/**
 * Rows one by one, filtered. A worker's Lipschitz coefficient k = ‖g − g'‖/‖θ − θ'‖ compares its row and the parameters it was computed with to those of its
 * last row; a candidate's may be at most the quantile of everybody's latest. The frequency filter rejects a row when, among the last 2f accepted and the
 * candidate, some f workers together would have more than f. A worker's first row, and one computed with the same parameters as its last, has no
 * coefficient and passes the first filter; so does every row while nobody has one.
 */
export const kardam: Policy<z.infer<typeof parameters>, Resolved> = {
  name: 'kardam',
  formula: 'k_p = ‖g_p − g_p,previous‖/‖θ − θ_previous‖ at most the quantile of the latest k; among the last 2f accepted and the candidate no f workers have more than f; θ ← θ − learning rate · Λ(staleness) · g',
  source: 'Damaskinos et al. 2018',
  precondition: 'n ≥ 3f + 1',
  parameters,
  presets: {
    'damaskinos-2018': { quantile: '(n-f)/n', frequency: true, forgive: 'never' },
    code: { quantile: 2 / 3, frequency: false, forgive: 'n' },
  },
  resolve({ quantile = '(n-f)/n', frequency = true, forgive = 'never' }, { n, f }) {
    return {
      quantile: quantile === '(n-f)/n' ? (n - f) / n : quantile,
      frequency,
      forgive: forgive === 'never' ? Infinity : forgive === 'n' ? n : forgive,
    };
  },
  check: ({ n, f }) => (n >= 3 * f + 1 ? undefined : `kardam needs n ≥ 3f + 1 (Damaskinos et al. 2018): n = ${n}, f = ${f}`),
  rowsAtRule: () => undefined,
  plan(plan, { n, f, d, rowStride, parameters: { quantile, frequency, forgive }, damping }) {
    const regions = plan.addAll('kardam', {
      rows: f32(n * rowStride),
      parameters: f32(n * rowStride),
      table: u32(1),
      partials: f64(pointPartialsLength(1, d)),
    });
    return {
      open(arena) {
        const coefficients = new Map<number, number>();
        const known = new Set<number>();
        const accepted: number[] = [];
        let rejections = 0;
        const distance = function* (from: Address, to: Address) {
          arena.view(regions.table)[0] = from;
          const squared = yield* squaredDistancesTo(arena, { table: regions.table.address, n: 1, d }, to, regions.partials);
          return Math.sqrt(squared[0] as number);
        };
        return {
          *arrive({ worker, row, version, parameters: used, now }) {
            const previousRow = addressOf(regions.rows, worker * rowStride);
            const previousParameters = addressOf(regions.parameters, worker * rowStride);
            const moved = known.has(worker) ? yield* distance(used, previousParameters) : 0;
            const coefficient = moved > 0 ? (yield* distance(row, previousRow)) / moved : undefined;
            yield* scale(d, 1, row, previousRow);
            yield* scale(d, 1, used, previousParameters);
            known.add(worker);
            const limit = quantileOf([...coefficients.values()], quantile);
            if (coefficient !== undefined) coefficients.set(worker, coefficient);

            const reason =
              coefficient !== undefined && limit !== undefined && coefficient > limit
                ? 'lipschitz'
                : frequency && !frequencyAllows([...accepted, worker], f) ? 'frequency' : undefined;
            if (reason !== undefined && rejections < forgive) {
              rejections += 1;
              return { kind: 'rejected', reason };
            }
            rejections = 0;
            accepted.push(worker);
            if (accepted.length > 2 * f) accepted.shift();
            const staleness = now - version;
            return { kind: 'step', direction: row, factor: damping(staleness), used: [{ worker, staleness }] };
          },
        };
      },
    };
  },
};

/** The ⌈q·m⌉-th smallest of m values; undefined of none. */
export function quantileOf(values: readonly number[], q: number): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.ceil(asWritten(q * values.length)) - 1];
}

/**
 * True unless some f of the workers in the list together stand there more than f times. A list of fewer than 2f + 1 counts as filled up with workers
 * that stand there once: else it could fill with one worker's rows at the start, and no other's would ever be allowed behind them.
 */
export function frequencyAllows(workers: readonly number[], f: number): boolean {
  const counts = new Map<number, number>();
  for (const worker of workers) counts.set(worker, (counts.get(worker) ?? 0) + 1);
  const others = new Array<number>(Math.max(0, 2 * f + 1 - workers.length)).fill(1);
  const most = [...counts.values(), ...others].sort((a, b) => b - a).slice(0, f);
  return most.reduce((sum, count) => sum + count, 0) <= f;
}
