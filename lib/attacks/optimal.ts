import { z } from 'zod';
import { mean, pointPartialsLength, type RowTable, squaredDistancesTo } from '../kernels/work.js';
import type { Work } from '../kernels/task.js';
import type { Address } from '../memory/regions.js';
import { f32, f64, u32 } from '../memory/regions.js';
import type { Attack, AttackShape } from './attack.js';
import { factor, valueOf } from './factors.js';
import { greatestAt } from './search.js';
import { trialsFor } from './trials.js';

/** What optimal-alie and optimal-ipm share: of a family of rows, that which moves the output of the whole pipeline farthest from the honest mean. */

/** Of the search; each attack's parameters hold them. */
export const searchParameters = {
  max: factor('the greatest factor that is tried, above 0', 10),
  evaluations: z.int().min(1).max(1000).optional().describe('how many factors are tried, 30 by default: a whole number from 1 to 1000'),
};

interface Given {
  readonly max?: number | string | undefined;
  readonly evaluations?: number | undefined;
}

export interface ResolvedSearch {
  readonly max: number;
  readonly evaluations: number;
}

/** What tells the two attacks from each other. */
interface Family<Parameters extends Given, Resolved extends ResolvedSearch> {
  readonly name: string;
  readonly formula: string;
  readonly parameters: z.ZodType<Parameters>;
  /** Honest rows that it takes. */
  readonly least: number;
  /** Its own parameters. */
  readonly resolve: (given: Parameters) => Omit<Resolved, keyof ResolvedSearch>;
  /** output = the row of a factor; the mean of the honest rows is known. */
  readonly row: (honest: RowTable, honestMean: Address, output: Address, factor: number, parameters: Resolved) => Work;
}

export function optimal<Parameters extends Given, Resolved extends ResolvedSearch>(
  { name, formula, parameters, least, resolve, row }: Family<Parameters, Resolved>,
): Attack<Parameters, Resolved, ReturnType<typeof memory>> {
  return {
    name,
    formula: `${formula}; the factor in (0, max] for which the output of pre-aggregators and rule is farthest from the honest mean: max, max/2, max/4 … for a third of the evaluations, then golden section between the neighbours of the best`,
    source: 'El Mhamdi, Guerraoui, Rouault 2021',
    precondition: `n − f ≥ ${least}, max > 0`,
    parameters,
    presets: {},
    expressions: ['max'],
    resolve(given) {
      const { max, evaluations = 30 } = given;
      return { ...resolve(given), max: valueOf(name, 'max', max, 10), evaluations } as Resolved;
    },
    knowledge: () => 'omniscient',
    shared: () => true,
    needsPipeline: () => 'output',
    check({ n, f }, { max }) {
      if (!(max > 0 && max < Infinity)) return `${name} needs max > 0, the greatest factor to try: max = ${max}`;
      return n - f >= least ? undefined : `${name} needs at least ${least === 1 ? '1 honest row' : `${least} honest rows`} to see: n = ${n}, f = ${f}`;
    },
    warn: () => undefined,
    memory,
    *craft(input) {
      const { arena, table, rows, d, output, memory: { honestMean, result, resultTable, partials }, parameters: resolved } = input;
      const trials = trialsFor(name, input);
      const honest = { table, n: rows.length, d };
      yield* mean(honest, honestMean.address);
      arena.view(resultTable)[0] = result.address;
      const moved = { table: resultTable.address, n: 1, d };
      const best = yield* greatestAt(resolved.max, resolved.evaluations, function* (tried) {
        yield* row(honest, honestMean.address, output, tried, resolved);
        const trial = yield* trials.run(output, result.address);
        // A row that overflowed moves nothing by its values.
        if (trial === undefined || trial.removed) return -Infinity;
        return (yield* squaredDistancesTo(arena, moved, honestMean.address, partials))[0] as number;
      });
      yield* row(honest, honestMean.address, output, best, resolved);
    },
  };
}

function memory({ d }: AttackShape) {
  return { honestMean: f32(d), result: f32(d), resultTable: u32(1), partials: f64(pointPartialsLength(1, d)) };
}
