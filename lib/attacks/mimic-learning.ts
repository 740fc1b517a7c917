import { findNonFinite, mean, pointPartialsLength, projections, type RowTable, scale, squaredNorms, weightedSum } from '../kernels/work.js';
import { PAUSE, type Work } from '../kernels/task.js';
import { type Address, f32, f64, type Region, u32 } from '../memory/regions.js';
import type { AttackInput, AttackShape } from './attack.js';

/**
 * How mimic learns whom to copy, as the released code of Karimireddy, He, Jaggi 2022 does: one step of power iteration a round for the
 * direction z of greatest variance. Rows are centred by μ, the mean over the honest rows of this round and of all before, which is
 * the centre of what the workers differ in for good, and not of one round's noise. Steps and z have length 1, and the t-th step
 * enters z with the weight 1/t. Rows that are not finite are left out.
 */

type Learning = AttackInput<object, ReturnType<typeof learningMemory>, ReturnType<typeof learningState>>;

/** Draws before the event loop may turn: about a millisecond. */
const DRAWN_AT_ONCE = 16_384;

/** Places in `progress`: rounds learned from, and the honest worker chosen in the last of them. */
const [LEARNED, TARGET] = [0, 1];

/** The honest worker to mimic, counted among the honest ones; learns from the round's rows unless `warmup` rounds were learned from. */
export function* learnWhom(input: Learning, warmup: number): Work<number> {
  const { arena, rows, d, memory: { table, flags, partials }, state: { average, direction } } = input;
  const progress = arena.view(input.state.progress);
  if ((progress[LEARNED] as number) >= warmup) return progress[TARGET] as number;
  const broken = new Set(yield* findNonFinite(arena, { table: input.table, n: rows.length, d }, flags));
  const finite = Array.from(rows.keys()).filter((row) => !broken.has(row));
  if (finite.length === 0) return progress[TARGET] as number;
  arena.view(table).set(finite.map((row) => rows[row] as Address));
  const honest = { table: table.address, n: finite.length, d };

  const round = (progress[LEARNED] as number) + 1;
  if (round === 1) yield* drawDirection(input);
  yield* moveAverage(input, honest, round);
  yield* moveDirection(input, honest, round);
  // ⟨μ, z⟩ is the same for all rows: the greatest ⟨x − μ, z⟩ is the row of the greatest ⟨x, z⟩.
  const along = yield* projections(arena, honest, average.address, direction.address, partials);
  const farthest = along.reduce((best, value, row) => (value > (along[best] as number) ? row : best), 0);
  progress.set([round, finite[farthest] as number]);
  return finite[farthest] as number;
}

function* drawDirection({ arena, d, random, state: { direction } }: Learning): Work {
  const z = arena.view(direction);
  for (let k = 0; k < d; k++) {
    z[k] = random.normal();
    if (k % DRAWN_AT_ONCE === 0) yield PAUSE;
  }
}

/** μ ← (1 − 1/t) μ + (1/t) · mean of the rows. */
function* moveAverage(input: Learning, honest: RowTable, round: number): Work {
  const { memory: { step }, state: { average } } = input;
  yield* mean(honest, step.address);
  yield* combine(input, [[average, 1 - 1 / round], [step, 1 / round]], average);
}

/** z ← (1 − 1/t) z + (1/t) u/‖u‖, and then to length 1; u = Σ ⟨x − μ, z⟩ (x − μ). Without a u, as when all rows are equal, z stays. */
function* moveDirection(input: Learning, honest: RowTable, round: number): Work {
  const { arena, d, memory: { table, weights, partials, step }, state: { average, direction } } = input;
  const along = yield* projections(arena, honest, average.address, direction.address, partials);
  // Only the direction of u matters: with weights that add up to ½ in absolute value, none of its coordinates overflows.
  const size = 2 * along.reduce((sum, value) => sum + Math.abs(value), 0);
  const shares = along.map((value) => (size > 0 ? value / size : 0));
  arena.view(table)[honest.n] = average.address;
  arena.view(weights).set([...shares, -shares.reduce((sum, share) => sum + share, 0)]);
  yield* weightedSum({ ...honest, n: honest.n + 1 }, weights, step.address);
  const length = yield* lengthOf(input, step);
  if (length === 0) return;
  yield* combine(input, [[direction, 1 - 1 / round], [step, 1 / (round * length)]], direction);
  const sum = yield* lengthOf(input, direction);
  // Two directions that cancel each other leave none, and the last step is as good as any.
  if (sum === 0) yield* scale(d, 1 / length, step.address, direction.address);
  else yield* scale(d, 1 / sum, direction.address, direction.address);
}

/** output = a weighted sum of two rows; it may be one of them. */
function* combine({ arena, d, memory: { pair, pairWeights } }: Learning, terms: readonly [Term, Term], output: Region<'f32'>): Work {
  arena.view(pair).set(terms.map(([row]) => row.address));
  arena.view(pairWeights).set(terms.map(([, weight]) => weight));
  yield* weightedSum({ table: pair.address, n: 2, d }, pairWeights, output.address);
}

type Term = readonly [row: Region<'f32'>, weight: number];

function* lengthOf({ arena, d, memory: { pair, norm } }: Learning, row: Region<'f32'>): Work<number> {
  arena.view(pair)[0] = row.address;
  const [square] = yield* squaredNorms(arena, { table: pair.address, n: 1, d }, norm);
  return Math.sqrt(square as number);
}

/** Nothing when nothing is learned. */
export function learningMemory({ n, f, d }: AttackShape, learned: boolean) {
  const honest = learned ? Math.max(1, n - f) : 0;
  return {
    table: u32(learned ? honest + 1 : 0),
    weights: f64(learned ? honest + 1 : 0),
    flags: f64(honest),
    partials: f64(learned ? pointPartialsLength(honest, d) : 0),
    step: f32(learned ? d : 0),
    pair: u32(2),
    pairWeights: f64(2),
    norm: f64(1),
  };
}

/** μ, z, and how far learning has come. */
export function learningState(d: number, learned: boolean) {
  return { average: f32(learned ? d : 0), direction: f32(learned ? d : 0), progress: u32(learned ? 2 : 0) };
}
