import { z } from 'zod';
import { decayAndAdd, scale } from '../kernels/work.js';
import { type Address, addressOf, f32 } from '../memory/regions.js';
import type { Policy, Used } from './policy.js';

const parameters = z.strictObject({
  B: z.int().min(1).optional().describe('how many buffers there are, 2f + 1 by default and at most n: a whole number of at least 1'),
});

interface Resolved {
  readonly B: number;
}

/** Buffered asynchronous SGD: each worker can spoil one buffer only, however often it sends. */
export const basgd: Policy<z.infer<typeof parameters>, Resolved> = {
  name: 'basgd',
  formula: 'worker i feeds buffer i mod B, a running mean of Λ(staleness)·g; when all hold something, the rule over the B means, then all are emptied',
  source: 'Yang, Li 2021',
  precondition: '2f < B ≤ n, and what the rule needs for B rows',
  parameters,
  presets: {},
  resolve: ({ B }, { n, f }) => ({ B: B ?? Math.min(n, 2 * f + 1) }),
  check({ n, f }, { B }) {
    return 2 * f < B && B <= n ? undefined : `basgd needs 2f < B ≤ n (Yang, Li 2021), more buffers without Byzantine workers than with, and somebody to feed each: B = ${B}, n = ${n}, f = ${f}`;
  },
  rowsAtRule: (_, { B }) => B,
  plan(plan, { d, rowStride, parameters: { B }, seed, pipeline: planPipeline, damping }) {
    const pipeline = planPipeline('basgd', B);
    const { output, buffers } = plan.addAll('basgd', { output: f32(d), buffers: f32(B * rowStride) });
    const places = Array.from({ length: B }, (_, buffer): Address => addressOf(buffers, buffer * rowStride));
    return {
      open(arena) {
        const counts = new Array<number>(B).fill(0);
        let used: Used[] = [];
        return {
          *arrive({ worker, row, version, now, server }) {
            const buffer = worker % B;
            const count = (counts[buffer] as number) + 1;
            counts[buffer] = count;
            const staleness = now - version;
            used.push({ worker, staleness });
            const mean = places[buffer] as Address;
            // m ← m·(c − 1)/c + Λ·g/c is the mean of all c. The first one overwrites: 0 times what was there is NaN when that overflowed.
            if (count === 1) yield* scale(d, damping(staleness), row, mean);
            else yield* decayAndAdd(d, (count - 1) / count, mean, damping(staleness) / count, row);
            if (counts.includes(0)) return { kind: 'kept' };
            counts.fill(0);
            const fed = used;
            used = [];
            const { removed } = yield* pipeline.run({ arena, rows: places, workers: Array.from(places.keys()), output: output.address, server, seed, round: now });
            const lost = fed.filter((one) => removed.includes(one.worker % B)).map((one) => one.worker);
            return { kind: 'step', direction: output.address, factor: 1, used: fed, removed: [...new Set(lost)] };
          },
        };
      },
    };
  },
};
