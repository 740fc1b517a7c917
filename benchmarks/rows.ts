import type { Aggregator, Shape } from '../lib/aggregators/aggregator.js';
import { PreconditionError } from '../lib/aggregators/errors.js';
import { AGGREGATORS } from '../lib/aggregators/registry.js';
import { rowAddress, rowStride } from '../lib/aggregators/row-matrix.js';
import { Stream } from '../lib/data/random.js';
import { instantiateKernels } from '../lib/kernels/load.js';
import { executeHere } from '../lib/kernels/execute.js';
import type { Executor } from '../lib/kernels/operations.js';
import { PAUSE, runInline, type Work } from '../lib/kernels/task.js';
import { Arena, ArenaPlan } from '../lib/memory/arena.js';
import { planControl, type ControlRegions } from '../lib/memory/phases.js';
import { f32, u32, u8, type Address, type Region } from '../lib/memory/regions.js';
import type { Preaggregator } from '../lib/preaggregators/preaggregator.js';
import { PREAGGREGATORS } from '../lib/preaggregators/registry.js';
import { allowedNames } from '../lib/registry/names.js';
import { mergeParameters, type Parameterised } from '../lib/registry/parameters.js';
import type { PoolPhases } from '../lib/training/pool-phases.js';
import { OptionError } from '../lib/training/session.js';
import { ThreadPool, type CompiledKernels } from '../lib/training/thread-pool.js';
import type { ThreadScratch } from '../lib/training/thread-task.js';

/**
 * n rows of d normal values, and rules and pre-aggregators ready to run on them: here on the main thread, or over a pool. A rule is named as `RULE` or
 * `RULE:PRESET`. Throws an ArenaLimitError, a ParameterError for an unknown name, a PreconditionError for a rule that can't run for these sizes.
 */
export class BenchmarkRows {
  readonly n: number;
  readonly d: number;
  readonly f: number;
  readonly arena: Arena;
  readonly executor: Executor;
  readonly #compiled: CompiledKernels;
  readonly #control: ControlRegions;
  readonly #scratch: readonly ThreadScratch[];
  readonly #table: Region<'u32'>;
  readonly #output: Region<'f32'>;
  readonly #planned: ReadonlyMap<string, () => Work<unknown>>;

  constructor(compiled: CompiledKernels, rules: readonly string[], n: number, d: number, f: number, threads: number) {
    this.n = n;
    this.d = d;
    this.f = f;
    this.#compiled = compiled;
    const sizes = instantiateKernels(compiled.module, Arena.allocate(0).memory);
    const plan = new ArenaPlan();
    this.#control = planControl(plan, threads);
    const rows = plan.add('rows', f32(n * rowStride(d)));
    this.#table = plan.add('table', u32(n));
    this.#output = plan.add('output', f32(d));
    this.#scratch = Array.from({ length: threads + 1 }, (_, thread) => ({
      columns: plan.add(`scratch ${thread}`, u8(sizes.columnScratch(n))).address,
      network: rows.address,
    }));
    this.#planned = new Map(rules.map((rule) => [rule, this.#plan(plan, rule)]));
    plan.check();
    this.arena = Arena.allocate(plan.bytes);
    this.executor = { kernels: instantiateKernels(compiled.module, this.arena.memory), scratch: (this.#scratch[threads] as ThreadScratch).columns };
    fillNormal(this.arena.view(rows));
    this.arena.view(this.#table).set(Array.from({ length: n }, (_, row) => rowAddress(rows, row, d)));
  }

  /** One application of a rule or pre-aggregator. */
  aggregate(name: string): Work<unknown> {
    const planned = this.#planned.get(name);
    if (planned === undefined) throw new RangeError(`"${name}" was not planned`);
    return planned();
  }

  /** Floating-point operations of one application, about, as its tasks count them. */
  operations(name: string): number {
    let sum = 0;
    runInline(this.aggregate(name), (task) => {
      sum += task.cost;
      executeHere(task, this.executor);
    });
    return sum;
  }

  here(name: string): void {
    runInline(this.aggregate(name), (task) => { executeHere(task, this.executor); });
  }

  join(pool: ThreadPool): PoolPhases {
    return pool.join({ arena: this.arena, kernels: this.#compiled, control: this.#control, scratch: this.#scratch, setup: undefined }, this.executor);
  }

  get #shape(): Shape {
    return { n: this.n, f: this.f, d: this.d, removed: 0 };
  }

  #plan(plan: ArenaPlan, name: string): () => Work<unknown> {
    const [rule = '', preset] = name.split(':');
    const preaggregator = PREAGGREGATORS.find(rule);
    if (preaggregator !== undefined) return this.#planPreaggregator(plan, name, preaggregator, givenTo(preaggregator, preset));
    const aggregator = AGGREGATORS.find(rule);
    if (aggregator === undefined) throw new OptionError(`--rules: there is no rule or pre-aggregator "${rule}"; ${allowedNames(rule, [...AGGREGATORS, ...PREAGGREGATORS].map((known) => known.name))}`);
    return this.#planRule(plan, name, aggregator, givenTo(aggregator, preset));
  }

  #planRule(plan: ArenaPlan, name: string, rule: Aggregator, given: object): () => Work<unknown> {
    const shape = this.#shape;
    const parameters = rule.resolve(given, shape);
    const broken = rule.check(shape, parameters);
    if (broken !== undefined) throw new PreconditionError(broken);
    const memory = plan.addAll(name, rule.memory(shape, parameters));
    const state = plan.addAll(`${name}/state`, rule.state?.(shape, parameters) ?? {});
    return () => {
      const rows = this.#rows();
      // What a server's own gradient and losses take depends on its samples, and is not measured here.
      const server = {
        learningRate: 0.1,
        trustedRow: function* (): Work<Address> { yield PAUSE; return rows[0] as Address; },
        scores: function* ({ n }: { readonly n: number }): Work<Float64Array> { yield PAUSE; return new Float64Array(n); },
      };
      return rule.aggregate({ ...this.#input(rows), parameters: rule.resolve(given, shape), memory, state, server, output: this.#output.address });
    };
  }

  #planPreaggregator(plan: ArenaPlan, name: string, rule: Preaggregator, given: object): () => Work<unknown> {
    const shape = this.#shape;
    const parameters = rule.resolve(given, shape);
    const broken = rule.check(shape, parameters);
    if (broken !== undefined) throw new PreconditionError(broken);
    const rowsOut = rule.rowsOut(shape, parameters);
    const memory = plan.addAll(name, rule.memory(shape, parameters));
    const { table, matrix } = plan.addAll(`${name}/output`, { table: u32(rowsOut), matrix: f32(rowsOut * rowStride(this.d)) });
    return () => {
      const output = Array.from({ length: rowsOut }, (_, row) => rowAddress(matrix, row, this.d));
      this.arena.view(table).set(output);
      return rule.preaggregate({ ...this.#input(this.#rows()), parameters: rule.resolve(given, shape), memory, output, outputTable: table.address });
    };
  }

  #rows(): Address[] {
    return Array.from(this.arena.view(this.#table)) as Address[];
  }

  #input(rows: readonly Address[]) {
    const workers = Array.from(rows.keys());
    return { ...this.#shape, table: this.#table.address, rows, workers, arena: this.arena, seed: 0, round: 0, random: new Stream(0, 'aggregator') };
  }
}

/** What is measured: the named preset, or the first one, with the example's values for what has no default. */
function givenTo(rule: Parameterised & { readonly example?: object }, preset: string | undefined): object {
  return mergeParameters(rule, { name: rule.name, ...(preset === undefined ? {} : { preset }), ...rule.example });
}

/** Normal values; a block of 65,537 is repeated, since drawing 10⁸ would take longer than what is measured. */
function fillNormal(values: Float32Array): void {
  const stream = new Stream(1, 'attack');
  const block = Float32Array.from({ length: Math.min(values.length, 65_537) }, () => stream.normal());
  for (let start = 0; start < values.length; start += block.length) {
    values.set(block.subarray(0, Math.min(block.length, values.length - start)), start);
  }
}
