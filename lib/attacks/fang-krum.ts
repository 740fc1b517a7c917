import { z } from 'zod';
import { distanceRequests } from '../aggregators/distances.js';
import { majoritySign, mean, pointPartialsLength, type RowTable, scale, squaredDistances, squaredDistancesTo, squaredNorms } from '../kernels/work.js';
import type { Work } from '../kernels/task.js';
import { f32, f64, GREATEST_FLOAT32, u32 } from '../memory/regions.js';
import type { Attack, AttackInput, AttackShape } from './attack.js';
import { trialsFor } from './trials.js';

const parameters = z.strictObject({
  threshold: z.number().min(1e-30).optional().describe('the lie is shrunk no further below this λ, 1e-5 by default: a number of at least 1e-30'),
});

interface Resolved {
  readonly threshold: number;
}

type Input = AttackInput<Resolved, ReturnType<typeof memory>>;

/**
 * Against Krum: the longest lie −λs that it still picks, s the signs of what would be learned.
 *
 * The attacker sees the honest rows alone, so "without attack" each Byzantine worker stands for their mean. Where the rule says what its rows
 * count for, it picks the lie when this has weight. Where it doesn't (Bulyan, and rules by coordinate), Krum is computed as its paper has it.
 */
export const fangKrum: Attack<z.infer<typeof parameters>, Resolved, ReturnType<typeof memory>> = {
  name: 'fang-krum',
  formula:
    '−λs, s = sign of the output without attack; λ = min_i(Σ over the n−f−2 nearest honest rows of ‖x_i − x_j‖)/((n−2f−1)√d) + max_i ‖x_i‖/√d, 3.4e38 at most, halved until Krum picks it or λ < threshold',
  source: 'Fang et al. 2020',
  precondition: 'n ≥ 2f + 2',
  parameters,
  presets: {},
  expressions: [],
  resolve: ({ threshold = 1e-5 }) => ({ threshold }),
  knowledge: () => 'omniscient',
  shared: () => true,
  needsPipeline: () => 'output',
  check: ({ n, f }) => (n >= 2 * f + 2 ? undefined : `fang-krum needs n ≥ 2f + 2, because its λ is a share of n − 2f − 1 (Fang et al. 2020): n = ${n}, f = ${f}`),
  warn: () => undefined,
  memory,
  *craft(input) {
    const { arena, table, rows, n, f, d, output, memory: { candidate, sign, signTable, partials, distances, norms }, parameters: { threshold } } = input;
    const trials = trialsFor('fang-krum', input);
    const honest = { table, n: rows.length, d };
    yield* mean(honest, candidate.address);
    const unattacked = yield* trials.run(candidate.address, output);
    arena.view(signTable)[0] = unattacked === undefined ? candidate.address : output;
    yield* majoritySign({ table: signTable.address, n: 1, d }, sign.address);

    const squared = yield* squaredDistances(arena, honest, partials, distances);
    const farthest = Math.sqrt((yield* squaredNorms(arena, honest, norms)).reduce((most, square) => Math.max(most, square), 0));
    const nearest = leastSum(Float64Array.from(squared, Math.sqrt), rows.length, n - f - 2);
    const bound = (nearest / Math.max(1, n - 2 * f - 1) + farthest) / Math.sqrt(d);
    // The bound may be beyond what float32 holds; an infinite row would only be dropped.
    for (let lambda = Math.min(bound, GREATEST_FLOAT32); ; lambda /= 2) {
      yield* scale(d, -lambda, sign.address, output);
      // Written so that a NaN ends it too.
      if (!(lambda >= threshold)) return;
      const trial = yield* trials.run(output, candidate.address);
      if (trial !== undefined && (trial.weight === undefined ? yield* pickedByKrum(input, honest) : trial.weight > 0)) return;
    }
  },
};

/** Would Krum (the n − f − 2 nearest others, squared distances) pick one of f equal lies? Of equal scores it is taken to. */
function* pickedByKrum({ arena, n, f, output, memory: { distances, pointPartials } }: Input, honest: RowTable): Work<boolean> {
  const toLie = yield* squaredDistancesTo(arena, honest, output, pointPartials);
  const squared = arena.view(distances);
  const others = n - f - 2;
  const score = (near: Float64Array): number => near.sort().subarray(0, Math.max(0, others)).reduce((sum, square) => sum + square, 0);
  const ofLie = score(Float64Array.of(...new Array<number>(f - 1).fill(0), ...toLie));
  for (let i = 0; i < honest.n; i++) {
    const row = squared.subarray(i * honest.n, (i + 1) * honest.n);
    const near = Float64Array.of(...row.subarray(0, i), ...row.subarray(i + 1), ...new Array<number>(f).fill(toLie[i] as number));
    if (score(near) < ofLie) return false;
  }
  return true;
}

/** Of the rows of an n × n matrix with zeros on its diagonal, the least sum of the k least others. */
function leastSum(matrix: Float64Array, n: number, k: number): number {
  let least = Infinity;
  for (let i = 0; i < n; i++) {
    // The row itself comes first, and adds 0.
    const sorted = matrix.slice(i * n, (i + 1) * n).sort();
    least = Math.min(least, sorted.subarray(0, Math.max(0, k) + 1).reduce((sum, distance) => sum + distance, 0));
  }
  return least;
}

function memory({ n, f, d }: AttackShape) {
  const honest = Math.max(1, n - f);
  return {
    ...distanceRequests({ n: honest, f: 0, d, removed: 0 }),
    pointPartials: f64(pointPartialsLength(honest, d)),
    norms: f64(honest),
    candidate: f32(d),
    sign: f32(d),
    signTable: u32(1),
  };
}
