import { PreconditionError } from '../aggregators/errors.js';
import { SERVER_NEEDS, type ServerAccess, type ServerNeed } from '../aggregators/server-access.js';
import type { Arena, ArenaPlan } from '../memory/arena.js';
import { type Address, f32 } from '../memory/regions.js';
import { kindOf } from '../registry/options.js';
import type { Call } from './aggregate.js';

/** The server of a call of `aggregate()`, once its rows lie in the arena. */
export type OpenServer = (arena: Arena, addresses: readonly Address[]) => ServerAccess;

/** What the learning rate is in a scenario that doesn't give one. A call of `aggregate()` has none. */
const LEARNING_RATE = 0.1;

const OPTIONS = {
  trusted: 'a Float32Array as long as the rows',
  score: 'a function that says for a row how much a step along it lowers the loss, L(θ) − L(θ − gamma · row)',
} as const;

/**
 * A server made of the options `trusted` and `score`. Rows are scored here, since the user's function may call `aggregate` itself, which
 * uses the same memory. Throws a TypeError when the option that a rule needs isn't there, a PreconditionError for a trusted row that
 * is no direction unless `allowUnsafe`.
 */
export function planServerOptions(plan: ArenaPlan, rule: string, needs: ServerNeed | undefined, { rows, trusted, score, allowUnsafe }: Call): OpenServer {
  if (needs !== undefined) {
    const { what, option } = SERVER_NEEDS[needs];
    if ((option === 'trusted' ? trusted : score) === undefined) throw new TypeError(`${rule} needs ${what}: give the option "${option}", ${OPTIONS[option]}`);
  }
  const compared = needs === 'trusted-row' ? trusted : undefined;
  if (compared !== undefined && !allowUnsafe) checkDirection(rule, compared);
  const region = plan.add('server/trusted', f32(compared?.length ?? 0));
  const scores = needs === 'score' ? rows.map((row) => (row.every(Number.isFinite) ? scoreOf(score, row.slice()) : Number.NaN)) : [];
  return (arena, addresses) => {
    if (compared !== undefined) arena.view(region).set(compared);
    return {
      learningRate: LEARNING_RATE,
      // eslint-disable-next-line require-yield -- the row is there already
      *trustedRow() {
        return region.address;
      },
      // eslint-disable-next-line require-yield -- the rows have their scores already
      *scores({ table, n }): Generator<never, Float64Array, void> {
        return Float64Array.from(new Uint32Array(arena.buffer, table, n), (address) => scores[addresses.indexOf(address as Address)] ?? Number.NaN);
      },
    };
  };
}

function scoreOf(score: Call['score'], row: Float32Array): number {
  const value: unknown = score?.(row);
  if (typeof value === 'number') return value;
  throw new TypeError(`score has to return a number, and returned ${kindOf(value)}`);
}

function checkDirection(of: string, row: Float32Array): void {
  const broken = row.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) throw new PreconditionError(`${of} needs a trusted row of finite numbers: coordinate ${broken} is ${String(row[broken])}`);
  if (row.every((value) => value === 0)) throw new PreconditionError(`${of} needs a trusted row g_0 ≠ 0, whose direction rows are compared with: all ${row.length} coordinates are 0`);
}
