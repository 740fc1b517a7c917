import type { Shape } from '../aggregators/aggregator.js';
import { NonFiniteRowsError } from '../aggregators/errors.js';
import { rowAddress, rowStride } from '../aggregators/row-matrix.js';
import { Stream } from '../data/random.js';
import { findNonFinite, type RowTable } from '../kernels/work.js';
import type { Work } from '../kernels/task.js';
import type { Arena, ArenaPlan } from '../memory/arena.js';
import { type Address, f32, f64, type Region, type Regions, u32 } from '../memory/regions.js';
import type { Named } from '../registry/parameters.js';
import type { Registry } from '../registry/registry.js';
import type { Preaggregator } from './preaggregator.js';
import { PREAGGREGATORS } from './registry.js';
import { chainStages, refuseBroken, type Stage } from './stages.js';

export interface ChainSpecification {
  readonly preaggregators: readonly Named[];
  /** How many Byzantine rows to tolerate. */
  readonly f: number;
  readonly allowUnsafe: boolean;
}

export interface ChainInput {
  readonly arena: Arena;
  /** As many as were planned for, d float32 each. */
  readonly rows: readonly Address[];
  /** Which worker each of them belongs to. */
  readonly workers: readonly number[];
  /** Which of the rows are known to be finite; the others are searched. None by default. */
  readonly finite?: readonly boolean[] | undefined;
  readonly seed: number;
  readonly round: number;
}

/** The rows that come out of a chain. With n and d it is a `RowTable`. */
export interface ChainOutput extends Shape, RowTable {
  readonly rows: readonly Address[];
  /** Which worker each row speaks for; the rows' own numbers when they speak for none. */
  readonly workers: readonly number[];
  /** Which incoming row each of them is; undefined when a pre-aggregator mixed the rows. */
  readonly origins: readonly number[] | undefined;
  /** The workers whose rows were dropped as not finite. */
  readonly removedWorkers: readonly number[];
}

/** What a pre-aggregator comes to for a shape. */
export interface ResolvedPreaggregator {
  readonly name: string;
  readonly parameters: object;
  /** Rows that go out. */
  readonly n: number;
}

/**
 * Plans the chain before a rule: rows that are not finite are dropped, the pre-aggregators follow in order. Adds its regions to the
 * plan as `owner/…`. Throws a ParameterError for unknown names and parameters, a PreconditionError for a precondition that breaks.
 */
export function planChain(
  plan: ArenaPlan, owner: string, { preaggregators, f, allowUnsafe }: ChainSpecification, n: number, d: number,
  registry: Registry<Preaggregator> = PREAGGREGATORS,
): Chain {
  const { stages, shape } = chainStages(registry, preaggregators, { n, f, d, removed: 0 });
  for (const stage of stages) refuseBroken(stage, allowUnsafe);
  const planned = stages.map((stage, place): PlannedStage => {
    const { rule, parameters } = stage;
    const rowsOut = rule.rowsOut(stage.shape, parameters);
    const name = `${owner}/${place + 1}-${rule.name}`;
    const output = plan.addAll(`${name}/output`, { table: u32(rowsOut), rows: f32(rowsOut * rowStride(d)) });
    return { ...stage, output, memory: plan.addAll(name, rule.memory(stage.shape, parameters)) };
  });
  return new Chain(n, shape, planned, plan.addAll(owner, { table: u32(n), nonFinite: f64(n) }));
}

interface PlannedStage extends Stage<Preaggregator> {
  readonly output: Regions<{ table: ReturnType<typeof u32>; rows: ReturnType<typeof f32> }>;
  readonly memory: Regions<ReturnType<Preaggregator['memory']>>;
}

/** A planned chain; made by `planChain`. */
export class Chain {
  /** The shape that comes out when no row is removed. */
  readonly shape: Shape;
  readonly #n: number;
  readonly #stages: readonly PlannedStage[];
  readonly #memory: { readonly table: Region<'u32'>; readonly nonFinite: Region<'f64'> };

  constructor(n: number, shape: Shape, stages: readonly PlannedStage[], memory: { readonly table: Region<'u32'>; readonly nonFinite: Region<'f64'> }) {
    this.#n = n;
    this.shape = shape;
    this.#stages = stages;
    this.#memory = memory;
  }

  /** Throws a NonFiniteRowsError when more than f rows, or all, hold NaN or ±Inf. */
  *run(input: ChainInput): Work<ChainOutput> {
    const { arena, seed, round } = input;
    let rows = yield* this.#finiteRows(input);
    for (const [place, { rule, given, output, memory }] of this.#stages.entries()) {
      const parameters = rule.resolve(given, rows);
      const n = rule.rowsOut(rows, parameters);
      const addresses = Array.from({ length: n }, (_, row) => rowAddress(output.rows, row, rows.d));
      arena.view(output.table).set(addresses);
      const random = new Stream(seed, 'aggregator', place + 1, round);
      const origins = yield* rule.preaggregate({
        ...rows, parameters, memory, output: addresses, outputTable: output.table.address, arena, seed, round, random,
      });
      rows = {
        ...rows,
        n,
        table: output.table.address,
        rows: addresses,
        workers: origins === undefined ? Array.from(addresses.keys()) : origins.map((row) => rows.workers[row] as number),
        origins: rule.mixes ? undefined : compose(rows.origins, origins),
      };
    }
    return rows;
  }

  /** What each pre-aggregator comes to when no row is removed. */
  resolved(): ResolvedPreaggregator[] {
    return this.#stages.map(({ rule, shape, parameters }) => ({ name: rule.name, parameters, n: rule.rowsOut(shape, parameters) }));
  }

  /** True when the rows that come out speak for no worker any more. */
  get anonymous(): boolean {
    return this.#stages.some(({ rule }) => rule.anonymous === true);
  }

  /** The preconditions that break and run all the same. */
  get unsafe(): readonly string[] {
    return this.#stages.flatMap(({ broken }) => broken ?? []);
  }

  *#finiteRows({ arena, rows, workers, finite = [] }: ChainInput): Work<ChainOutput> {
    const n = this.#n;
    const { f, d } = this.shape;
    if (rows.length !== n || workers.length !== n) {
      throw new RangeError(`the chain is planned for ${n} rows and got ${rows.length}, of ${workers.length} workers`);
    }
    const { table, nonFinite } = this.#memory;
    // Byzantine workers with one lie share a row, which is searched once.
    const searched = [...new Set(rows.filter((_, row) => finite[row] !== true))];
    arena.view(table).set(searched);
    const found = new Set((yield* findNonFinite(arena, { table: table.address, n: searched.length, d }, nonFinite)).map((place) => searched[place]));
    const removedWorkers = workers.filter((_, row) => found.has(rows[row]));
    if (removedWorkers.length > f || removedWorkers.length === n) throw new NonFiniteRowsError(removedWorkers, n, f);
    const origins = Array.from(rows.keys()).filter((row) => !found.has(rows[row]));
    const kept = origins.map((row) => rows[row] as Address);
    arena.view(table).set(kept);
    return {
      n: kept.length,
      f: f - removedWorkers.length,
      d,
      removed: removedWorkers.length,
      table: table.address,
      rows: kept,
      workers: origins.map((row) => workers[row] as number),
      origins,
      removedWorkers,
    };
  }
}

/** The incoming row that each row is, over two steps; undefined when one of them mixes rows. */
function compose(first: readonly number[] | undefined, second: readonly number[] | undefined): readonly number[] | undefined {
  return first === undefined ? undefined : second?.map((row) => first[row] as number);
}
