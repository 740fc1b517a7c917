import { z } from 'zod';
import { networkRequest } from '../aggregators/median.js';
import { mean, shiftedMean, sortedMean } from '../kernels/work.js';
import { PAUSE, type Work } from '../kernels/task.js';
import { f32, GREATEST_FLOAT32 } from '../memory/regions.js';
import type { Attack, AttackInput, AttackShape } from './attack.js';
import { rowsSeen } from './attack.js';
import { factor, valueOf } from './factors.js';

const parameters = z.strictObject({
  b: factor('how far beyond the honest extreme a value may go, as a factor of it, at least 1', 2),
  knowledge: z
    .enum(['omniscient', 'colluding'])
    .optional()
    .describe('whose rows it sees: "omniscient", the honest workers\' (the default), or "colluding", the corrupted workers\' own honest rows'),
});

interface Resolved {
  readonly b: number;
  readonly knowledge: 'omniscient' | 'colluding';
}

/** Coordinates before the event loop may turn: less than a millisecond. */
const AT_ONCE = 16_384;

/**
 * Against rules that trim or take the median, coordinate by coordinate: each lie is a little beyond all honest values, on the side against
 * which the honest mean goes. Where that is 0, so is the lie. Ends of intervals beyond ±3.4e38, the greatest float32, are put there.
 */
export const fangTrim: Attack<z.infer<typeof parameters>, Resolved, ReturnType<typeof memory>> = {
  name: 'fang-trim',
  formula:
    'per coordinate and attacker, with s = sign of the mean of the rows that it sees, uniform between min and b·min (min/b when min > 0) of the honest values where s > 0, between max and b·max (max/b when max < 0) where s < 0; colluding: from [μ−4σ, μ−3σ], or [μ+3σ, μ+4σ], σ with ddof 0',
  source: 'Fang et al. 2020',
  precondition: 'a row to see, b ≥ 1',
  parameters,
  presets: {},
  expressions: ['b'],
  resolve: ({ b, knowledge = 'omniscient' }) => ({ b: valueOf('fang-trim', 'b', b, 2), knowledge }),
  knowledge: ({ knowledge }) => knowledge,
  shared: () => false,
  check(shape, { b, knowledge }) {
    const { n, f } = shape;
    if (!(b >= 1 && b < Infinity)) return `fang-trim needs b ≥ 1, a factor that leads beyond the honest values: b = ${b}`;
    return rowsSeen(knowledge, shape) >= 1 ? undefined : `fang-trim needs at least 1 row to see: n = ${n}, f = ${f}, and with knowledge "${knowledge}" it sees none`;
  },
  warn({ n, f }, { knowledge }) {
    if (knowledge === 'omniscient' || f !== 1) return undefined;
    return `fang-trim sees a single row, whose standard deviation is 0, and reports just that row: n = ${n}, f = ${f}, and with knowledge "colluding" it sees 1`;
  },
  memory,
  *prepare(input) {
    const { table, rows, d, memory: { centre }, parameters: { knowledge } } = input;
    yield* mean({ table, n: rows.length, d }, centre.address);
    yield* knowledge === 'omniscient' ? beyondExtremes(input) : beyondDeviations(input);
  },
  *craft({ arena, output, d, random, memory: { inner, outer } }) {
    const [row, near, far] = [arena.row(output, d), arena.view(inner), arena.view(outer)];
    for (let k = 0; k < d; k++) {
      const from = near[k] as number;
      row[k] = from + random.uniform() * ((far[k] as number) - from);
      if (k % AT_ONCE === 0) yield PAUSE;
    }
  },
};

type Input = AttackInput<Resolved, ReturnType<typeof memory>>;

/** Leaves in `inner` the extreme of the honest values and in `outer` how far beyond it a lie may go. */
function* beyondExtremes(input: Input): Work {
  const { arena, table, rows, d, memory: { network, low, high, inner, outer }, parameters: { b } } = input;
  const seen = { table, n: rows.length, d };
  yield* sortedMean(arena, seen, low.address, network, 0, 0);
  yield* sortedMean(arena, seen, high.address, network, seen.n - 1, seen.n - 1);
  yield* chooseSide(input, inner);
  const [near, far] = [arena.view(inner), arena.view(outer)];
  const against = arena.view(input.memory.centre);
  for (let k = 0; k < d; k++) {
    const extreme = near[k] as number;
    // Away from where the mean goes: beyond 0 a factor leads there, on this side of it a division.
    far[k] = clamped(extreme * (against[k] as number) > 0 ? extreme / b : extreme * b);
    if (k % AT_ONCE === 0) yield PAUSE;
  }
}

/** The same for an attacker who sees a sample of the honest rows, and takes them for normal. */
function* beyondDeviations(input: Input): Work {
  const { table, rows, d, memory: { low, high, inner, outer } } = input;
  const seen = { table, n: rows.length, d };
  for (const [deviations, side] of [[3, inner], [4, outer]] as const) {
    yield* shiftedMean(seen, low.address, -deviations, 0);
    yield* shiftedMean(seen, high.address, deviations, 0);
    yield* chooseSide(input, side);
  }
}

/** output = the low value where the mean is above 0, the high one where it is below, and 0 where it is 0. */
function* chooseSide({ arena, d, memory: { centre, low, high } }: Input, output: Input['memory']['inner']): Work {
  const [chosen, means, lows, highs] = [output, centre, low, high].map((region) => arena.view(region)) as [Float32Array, Float32Array, Float32Array, Float32Array];
  for (let k = 0; k < d; k++) {
    const value = means[k] as number;
    chosen[k] = value === 0 ? 0 : clamped((value > 0 ? lows[k] : highs[k]) as number);
    if (k % AT_ONCE === 0) yield PAUSE;
  }
}

function clamped(value: number): number {
  return Math.max(-GREATEST_FLOAT32, Math.min(GREATEST_FLOAT32, value));
}

function memory(shape: AttackShape, { knowledge }: Resolved) {
  const { d } = shape;
  const sorted = knowledge === 'omniscient' ? rowsSeen(knowledge, shape) : 1;
  return { ...networkRequest({ n: Math.max(1, sorted) }), centre: f32(d), low: f32(d), high: f32(d), inner: f32(d), outer: f32(d) };
}
