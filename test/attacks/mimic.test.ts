import t from 'tap';
import { craft } from '../../lib/attacks/craft.js';
import { ATTACKS } from '../../lib/attacks/registry.js';
import { Stream } from '../../lib/data/random.js';
import { mean, type Rows } from '../aggregators/reference.js';
import { difference, normalRows } from '../aggregators/rows.js';
import { length, minus } from './pipeline-reference.js';

const dot = (x: ArrayLike<number>, y: ArrayLike<number>): number => Array.from(x).reduce((sum, value, k) => sum + value * y[k]!, 0);
const unit = (x: number[]): number[] => x.map((value) => value / length(x));

/** The released learning in float64: the workers mimicked round by round, and the direction learned. */
function learn(rounds: readonly Rows[], warmup: number, start: readonly number[]): { targets: number[]; direction: number[] } {
  let mu: number[] = [];
  let z = [...start];
  const targets: number[] = [];
  for (const [t, rows] of rounds.slice(0, warmup).entries()) {
    const now = mean(rows);
    mu = t === 0 ? now : mu.map((value, k) => (t / (t + 1)) * value + now[k]! / (t + 1));
    const step = rows.reduce<number[]>((total, row) => {
      const centred = minus(row, mu);
      const share = dot(centred, z);
      return total.map((value, k) => value + share * centred[k]!);
    }, mu.map(() => 0));
    z = t === 0 ? unit(step) : unit(z.map((value, k) => (t / (t + 1)) * value + unit(step)[k]! / (t + 1)));
    const along = rows.map((row) => dot(row, z));
    targets.push(along.indexOf(Math.max(...along)));
  }
  return { targets: rounds.map((_, t) => targets[Math.min(t, warmup - 1)]!), direction: z };
}

/** Workers that differ for good, one axis more than the others, and noise about each. */
function rowsOfRounds(workers: number, d: number, rounds: number, seed: number): Float32Array[][] {
  const centres = normalRows(workers, d, seed).map((row) => row.map((value, k) => (k === 2 ? 3 : 0.5) * value + 1));
  return Array.from({ length: rounds }, (_, round) => normalRows(workers, d, 1000 * seed + round).map((noise, i) => noise.map((value, k) => 0.3 * value + centres[i]![k]!)));
}

const startOf = (d: number, seed: number): number[] => {
  const random = new Stream(seed, 'attack', 0, 0);
  return Array.from({ length: d }, () => Math.fround(random.normal()));
};

t.test('learned: round by round the row, and in the end the direction, are those of the formula', async (t) => {
  for (const [seed, workers, d, warmup] of [[1, 9, 20, 6], [2, 5, 300, 3], [3, 12, 7, 1]] as const) {
    const rounds = rowsOfRounds(workers, d, warmup + 3, seed);
    const { targets, direction } = learn(rounds, warmup, startOf(d, seed));
    const state: Record<string, unknown> = {};
    for (const [round, rows] of rounds.entries()) {
      const lie = craft({ name: 'mimic', learned: true, warmup }, rows, { n: workers + 2, f: 2, seed, round, state });
      t.same(lie, rows[targets[round]!], `seed ${seed}, round ${round}`);
    }
    t.ok(difference(state['direction'] as Float32Array, direction) < 1e-5, 'the direction');
    t.same(state['progress'], Uint32Array.of(warmup, targets.at(-1)!));
  }
});

t.test('the direction of greatest variance is found', async (t) => {
  const rounds = rowsOfRounds(20, 30, 50, 4);
  const state: Record<string, unknown> = {};
  for (const [round, rows] of rounds.entries()) craft({ name: 'mimic', learned: true }, rows, { n: 25, f: 5, round, state });
  t.ok(Math.abs((state['direction'] as Float32Array)[2]!) > 0.9, String((state['direction'] as Float32Array)[2]));
});

t.test('without a state every call is the first round', async (t) => {
  const [rows] = rowsOfRounds(9, 20, 1, 1) as [Float32Array[]];
  const once = craft({ name: 'mimic', learned: true }, rows, { n: 11, f: 2, seed: 1 });
  t.same(craft({ name: 'mimic', learned: true }, rows, { n: 11, f: 2, seed: 1 }), once);
  t.throws(() => craft({ name: 'mimic', learned: true }, rows, { n: 11, f: 2, state: { direction: new Float32Array(3) } }), /state\.direction is not of this rule or attack/);
  t.throws(() => craft('mimic', rows, { n: 11, f: 2, state: 1 as never }), /state is an object/);
});

t.test('rows of any size are learned from, and a row that is not finite is neither learned from nor chosen', async (t) => {
  const rounds = rowsOfRounds(9, 20, 4, 5);
  const { targets } = learn(rounds, 4, startOf(20, 5));
  for (const scale of [2 ** 100, 2 ** -100]) {
    const state = {};
    for (const [round, rows] of rounds.entries()) {
      const scaled = rows.map((row) => row.map((value) => scale * value));
      t.same(craft({ name: 'mimic', learned: true }, scaled, { n: 11, f: 2, seed: 5, round, state }), scaled[targets[round]!], `${scale}, round ${round}`);
    }
  }
  const state: Record<string, unknown> = {};
  for (const [round, rows] of rounds.entries()) {
    const broken = [...rows, new Float32Array(20).fill(round % 2 === 0 ? NaN : Infinity)];
    t.same(craft({ name: 'mimic', learned: true }, broken, { n: 12, f: 2, seed: 5, round, state }), rows[targets[round]!]);
  }
});

t.test('equal rows teach nothing, and are mimicked all the same', async (t) => {
  const rows = Array.from({ length: 5 }, () => normalRows(1, 10)[0]!);
  const state: Record<string, unknown> = {};
  for (let round = 0; round < 3; round++) t.same(craft({ name: 'mimic', learned: true }, rows, { n: 7, f: 2, round, state }), rows[0]);
  t.ok((state['direction'] as Float32Array).every(Number.isFinite));
});

t.test('what would be ignored is refused', async (t) => {
  const rows = normalRows(5, 10);
  t.throws(() => craft({ name: 'mimic', learned: true, target: 0 }, rows, { n: 7, f: 2 }), { name: 'PreconditionError', message: /either learns whom to mimic or has a target/ });
  t.throws(() => craft({ name: 'mimic', warmup: 3 }, rows, { n: 7, f: 2 }), { name: 'PreconditionError', message: /leave warmup = 3 out, or learn/ });
  const attack = ATTACKS.get('mimic');
  const shape = { n: 3, f: 2, d: 1 };
  t.match(attack.warn(shape, attack.resolve({ learned: true }, shape)), /nothing to learn/);
  t.same(attack.resolve({ learned: true }, shape), { target: undefined, learned: true, warmup: 50 });
});
