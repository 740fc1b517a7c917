import { z } from 'zod';
import type { Shape } from '../aggregators/aggregator.js';
import { groupMeans } from '../kernels/work.js';
import { type Address, u32 } from '../memory/regions.js';
import type { Preaggregator } from './preaggregator.js';

const parameters = z.strictObject({
  s: z.int().min(1).default(2).describe('how many rows are averaged into one: a whole number of at least 1'),
});

interface Resolved {
  readonly s: number;
}

/** Means of random groups: fewer rows of less variance, up to f of which hold a lie. */
export const bucketing: Preaggregator<z.input<typeof parameters>, Resolved, ReturnType<typeof memory>> = {
  name: 'bucketing',
  formula: 'rows in an order drawn from (seed, round); the means of consecutive groups of s, the last of which may be smaller',
  source: 'Karimireddy et al. 2022',
  precondition: 's ≥ 1; n becomes ⌈n/s⌉ and f stays, so the rule has to tolerate f of ⌈n/s⌉',
  cost: 'O(nd)',
  parameters,
  presets: {},
  mixes: true,
  anonymous: true,
  properties: ({ s = 2 }) => ({ order: false, translation: true, scale: 'any', meanWithoutByzantine: s === 1, within: 'all values' }),
  resolve: ({ s = 2 }) => ({ s }),
  check: () => undefined,
  rowsOut: ({ n }, { s }) => Math.ceil(n / s),
  memory,
  *preaggregate({ arena, rows, d, output, outputTable, memory: regions, random, parameters: { s } }) {
    const order = random.shuffle(Array.from(rows.keys()));
    const groups = output.map((_, group) => order.slice(group * s, (group + 1) * s).map((row) => rows[row] as Address));
    yield* groupMeans(arena, groups, d, regions, outputTable);
    return undefined;
  },
};

function memory({ n }: Shape, { s }: Resolved) {
  return { members: u32(n), bounds: u32(Math.ceil(n / s) + 1) };
}
