import { z } from 'zod';
import { PreconditionError } from '../aggregators/errors.js';
import { fill, mean, pointPartialsLength, scale, squaredDistancesTo, weightedSum } from '../kernels/work.js';
import type { Work } from '../kernels/task.js';
import { f32, f64, GREATEST_FLOAT32, u32 } from '../memory/regions.js';
import type { Attack, AttackInput, AttackShape } from './attack.js';
import { optionalFactor, valueOf } from './factors.js';
import { greatestAllowed } from './search.js';
import { trialsFor, unweighed } from './trials.js';

const parameters = z.strictObject({
  gamma: optionalFactor('how far the lie is from the honest mean in a coordinate, by default the largest found to have weight'),
  p: z.union([z.literal(2), z.literal('inf')]).optional().describe('2 moves the coordinate k alone (the default), "inf" moves all of them'),
  k: z.int().min(0).optional().describe('the coordinate that is moved with p = 2, 0 by default: a whole number below d'),
  evaluations: z.int().min(1).max(1000).optional().describe('how many gammas are tried when none is given, 30 by default: a whole number from 1 to 1000'),
});

interface Resolved {
  readonly gamma: number | undefined;
  readonly p: 2 | 'inf';
  readonly k: number | undefined;
  readonly evaluations: number;
}

type Input = AttackInput<Resolved, ReturnType<typeof memory>>;

/** The hidden vulnerability of rules that go by distance: in one of many coordinates a row may be off by as much as honest rows differ in all. */
export const lpCoordinate: Attack<z.infer<typeof parameters>, Resolved, ReturnType<typeof memory>> = {
  name: 'lp-coordinate',
  formula:
    'the honest mean + gamma in coordinate k (p = 2) or in all (p = "inf"); gamma given, or the largest found whose row the rule gives weight: from the greatest distance of an honest row to the mean (over √d when p = "inf") doubled while it has weight, then halved between',
  source: 'El Mhamdi, Guerraoui, Rouault 2018',
  precondition: 'n − f ≥ 1, k < d, |gamma| ≤ 3.4e38; without gamma a rule that gives rows weight',
  parameters,
  presets: {},
  expressions: ['gamma'],
  resolve: ({ gamma, p = 2, k, evaluations = 30 }) => ({ gamma: gamma === undefined ? undefined : valueOf('lp-coordinate', 'gamma', gamma, 0), p, k, evaluations }),
  knowledge: () => 'omniscient',
  shared: () => true,
  needsPipeline: ({ gamma }) => (gamma === undefined ? 'weights' : undefined),
  check({ n, f, d }, { gamma = 0, p, k }) {
    if (n === f) return `lp-coordinate needs an honest worker, whose row to move: n = ${n}, f = ${f}`;
    if (!(Math.abs(gamma) <= GREATEST_FLOAT32)) return `lp-coordinate needs |gamma| ≤ ${GREATEST_FLOAT32}, the greatest float32: gamma = ${gamma}`;
    if (p === 'inf' && k !== undefined) return `lp-coordinate with p = "inf" moves all coordinates: k = ${k} says nothing there, so leave it out`;
    return (k ?? 0) < d ? undefined : `lp-coordinate needs k < d, one of the coordinates: k = ${k ?? 0}, d = ${d}`;
  },
  warn: (_, { gamma }) => (gamma === 0 ? 'lp-coordinate with gamma = 0 reports the honest mean' : undefined),
  memory,
  *craft(input) {
    const { arena, table, rows, d, output, memory: { honestMean, ones, moved, result, partials }, parameters: { gamma, p, evaluations } } = input;
    const honest = { table, n: rows.length, d };
    yield* mean(honest, honestMean.address);
    yield* fill(ones.address, p === 'inf' ? d : 0, 1);
    arena.view(moved).set([honestMean.address, ones.address]);
    if (gamma !== undefined) return yield* moveBy(input, gamma);

    const trials = trialsFor('lp-coordinate', input);
    const farthest = (yield* squaredDistancesTo(arena, honest, honestMean.address, partials)).reduce((most, square) => Math.max(most, square), 0);
    const first = Math.sqrt(p === 'inf' ? farthest / d : farthest);
    const largest = yield* greatestAllowed(first, GREATEST_FLOAT32, evaluations, function* (tried) {
      yield* moveBy(input, tried);
      const trial = yield* trials.run(output, result.address);
      if (trial === undefined) return false;
      if (trial.weight === undefined) throw new PreconditionError(unweighed('lp-coordinate', 'the rule gives none'));
      return trial.weight > 0;
    });
    yield* moveBy(input, largest);
  },
};

/** output = the honest mean, moved. Where that is beyond float32, it is the greatest of these with p = 2; with p = "inf" it is infinite. */
function* moveBy({ arena, d, output, memory: { honestMean, moved, weights }, parameters: { p, k = 0 } }: Input, gamma: number): Work {
  if (p === 'inf') {
    arena.view(weights).set([1, gamma]);
    return yield* weightedSum({ table: moved.address, n: 2, d }, weights, output);
  }
  yield* scale(d, 1, honestMean.address, output);
  const row = arena.row(output, d);
  row[k] = Math.max(-GREATEST_FLOAT32, Math.min(GREATEST_FLOAT32, (row[k] as number) + gamma));
}

function memory({ n, f, d }: AttackShape, { gamma, p }: Resolved) {
  const searches = gamma === undefined;
  return {
    honestMean: f32(d),
    ones: f32(p === 'inf' ? d : 0),
    moved: u32(2),
    weights: f64(2),
    result: f32(searches ? d : 0),
    partials: f64(searches ? pointPartialsLength(Math.max(1, n - f), d) : 0),
  };
}
