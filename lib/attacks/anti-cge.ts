import { z } from 'zod';
import { fill, movedMean, scale, squaredNorms } from '../kernels/work.js';
import { type Address, f64, u32 } from '../memory/regions.js';
import type { Attack, AttackShape } from './attack.js';

/**
 * How much smaller than the next honest row the lie is, as a share of its norm: a norm's float32 sums of blocks are off by at most
 * some 2e-6, so a rule that compares norms finds it smaller for certain.
 */
const MARGIN = 1e-5;

/** Against rules that keep the rows of least norm: of all rows that they would still keep, the one that undoes most of the others. */
export const antiCge: Attack<Record<string, never>, Record<string, never>, ReturnType<typeof memory>> = {
  name: 'anti-cge',
  formula: '−(Σ of the n_h−f honest rows of least norm), rescaled to (1 − 1e-5) × the norm of the next honest row; n_h = n−f',
  source: 'Gupta, Liu, Vaidya 2020; El Mhamdi et al. 2021',
  precondition: '2f < n',
  parameters: z.strictObject({}),
  presets: {},
  expressions: [],
  resolve: () => ({}),
  knowledge: () => 'omniscient',
  shared: () => true,
  check({ n, f }) {
    return 2 * f < n ? undefined : `anti-cge needs 2f < n, an honest row among the n − 2f of least norm: n = ${n}, f = ${f}`;
  },
  warn: () => undefined,
  memory,
  *craft({ arena, rows, table, n, f, d, output, memory: regions }) {
    const squares = Float64Array.from(yield* squaredNorms(arena, { table, n: rows.length, d }, regions.squares));
    const order = Array.from(rows.keys()).sort((a, b) => (squares[a] as number) - (squares[b] as number) || a - b);
    const kept = order.slice(0, Math.max(0, n - 2 * f)).sort((a, b) => a - b).map((row) => rows[row] as Address);
    const next = order[kept.length];
    const selected = arena.view(regions.selected);
    if (next === undefined || kept.length === 0) return yield* fill(output, d, 0);
    selected.set(kept);
    // The mean has the sum's direction, and its norm is put right below.
    yield* movedMean({ table: regions.selected.address, n: kept.length, d }, output, 'unit', 0);
    selected[0] = output;
    const [square] = yield* squaredNorms(arena, { table: regions.selected.address, n: 1, d }, regions.squares);
    // Rows that cancel each other leave no direction: the lie is the zero row, which every such rule keeps.
    const factor = square === 0 ? 0 : ((1 - MARGIN) * Math.sqrt(squares[next] as number)) / Math.sqrt(square as number);
    yield* scale(d, -factor, output, output);
  },
};

function memory({ n, f }: AttackShape) {
  return { squares: f64(Math.max(1, n - f)), selected: u32(Math.max(1, n - f)) };
}
