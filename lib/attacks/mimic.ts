import { z } from 'zod';
import { scale } from '../kernels/work.js';
import type { Address } from '../memory/regions.js';
import type { Attack, AttackShape } from './attack.js';
import { learnWhom, learningMemory, learningState } from './mimic-learning.js';

const parameters = z.strictObject({
  target: z.int().min(0).optional().describe('which honest worker is mimicked, counted among the honest ones only, 0 (the first) by default: a whole number of at least 0'),
  learned: z.boolean().optional().describe('learns in its first rounds whom it hurts most to mimic, instead of a fixed target; false by default: true or false'),
  warmup: z.int().min(1).optional().describe('how many rounds of the attack it learns, when learned, 50 by default: a whole number of at least 1'),
});

interface Resolved {
  /** Undefined when learned. */
  readonly target: number | undefined;
  readonly learned: boolean;
  /** Undefined unless learned. */
  readonly warmup: number | undefined;
}

/** No lie at all: one honest worker's samples count f times more than the others', which hurts where workers' data differ. */
export const mimic: Attack<z.input<typeof parameters>, Resolved, ReturnType<typeof memory>, ReturnType<typeof state>> = {
  name: 'mimic',
  formula:
    'the row of the honest worker `target`; learned: in the first `warmup` rounds μ_t = (1 − 1/t)μ_{t−1} + (1/t)·mean, u = Σ_i ⟨x_i − μ_t, z⟩(x_i − μ_t), z ∝ (1 − 1/t)z + (1/t)u/‖u‖, and the row of greatest ⟨x_i, z⟩; afterwards that worker\'s',
  source: 'Karimireddy, He, Jaggi 2022',
  precondition: 'target < n − f',
  parameters,
  presets: {},
  expressions: [],
  resolve({ target, learned = false, warmup }) {
    return { target: learned ? target : (target ?? 0), learned, warmup: learned ? (warmup ?? 50) : warmup };
  },
  knowledge: () => 'omniscient',
  shared: () => true,
  check({ n, f }, { target, learned, warmup }) {
    if (learned && target !== undefined) return `mimic either learns whom to mimic or has a target: learned = true, target = ${target}; leave one of them out`;
    if (!learned && warmup !== undefined) return `mimic learns nothing unless learned = true: leave warmup = ${warmup} out, or learn`;
    const last = target ?? 0;
    return last < n - f ? undefined : `mimic needs target < n − f, one of the honest workers: n = ${n}, f = ${f}, target = ${last}`;
  },
  warn({ n, f }, { learned }) {
    return learned && n - f === 1 ? `mimic sees a single honest row, so there is nothing to learn: n = ${n}, f = ${f}` : undefined;
  },
  memory,
  state,
  *craft(input) {
    const { rows, d, output, parameters: { target = 0, warmup } } = input;
    const whom = warmup === undefined ? target : yield* learnWhom(input, warmup);
    yield* scale(d, 1, rows[whom] as Address, output);
  },
};

function memory(shape: AttackShape, { learned }: Resolved) {
  return learningMemory(shape, learned);
}

function state({ d }: AttackShape, { learned }: Resolved) {
  return learningState(d, learned);
}
