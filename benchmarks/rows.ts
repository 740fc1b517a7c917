import type { Aggregator } from '../lib/aggregators/aggregator.js';
import { AGGREGATORS } from '../lib/aggregators/registry.js';
import { Stream } from '../lib/data/random.js';
import { instantiateKernels } from '../lib/kernels/load.js';
import type { Executor } from '../lib/kernels/operations.js';
import { PAUSE, runInline, type Work } from '../lib/kernels/task.js';
import { Arena, ArenaPlan } from '../lib/memory/arena.js';
import { planControl, type ControlRegions } from '../lib/memory/phases.js';
import { addressOf, f32, u32, u8, type Address, type Region, type RegionRequests, type Regions } from '../lib/memory/regions.js';
import { executeHere, ThreadPool, type CompiledKernels, type Run } from '../lib/training/thread-pool.js';
import type { ThreadScratch } from '../lib/training/thread-task.js';

/** n rows of d normal values, and a rule ready to run on them: here on the main thread, or over a pool. Throws an ArenaLimitError. */
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
  readonly #rules: ReadonlyMap<string, { rule: Aggregator; memory: Regions<RegionRequests>; state: Regions<RegionRequests> }>;

  constructor(compiled: CompiledKernels, rules: readonly string[], n: number, d: number, f: number, threads: number) {
    this.n = n;
    this.d = d;
    this.f = f;
    this.#compiled = compiled;
    const sizes = instantiateKernels(compiled.module, Arena.allocate(0).memory);
    const plan = new ArenaPlan();
    const stride = Math.ceil(d / 16) * 16;
    this.#control = planControl(plan, threads);
    const rows = plan.add('rows', f32(n * stride));
    this.#table = plan.add('table', u32(n));
    this.#output = plan.add('output', f32(d));
    this.#scratch = Array.from({ length: threads + 1 }, (_, thread) => ({
      columns: plan.add(`scratch ${thread}`, u8(sizes.columnScratch(n))).address,
      network: rows.address,
    }));
    this.#rules = new Map(
      rules.map((name) => {
        const rule = AGGREGATORS.get(name);
        const shape = { n, f, d, removed: 0 };
        const parameters = rule.resolve(defaults(rule), shape);
        const broken = rule.check(shape, parameters);
        if (broken !== undefined) throw new RangeError(broken);
        return [name, { rule, memory: plan.addAll(name, rule.memory(shape, parameters)), state: plan.addAll(`${name}/state`, rule.state?.(shape, parameters) ?? {}) }];
      }),
    );
    plan.check();
    this.arena = Arena.allocate(plan.bytes);
    this.executor = { kernels: instantiateKernels(compiled.module, this.arena.memory), scratch: (this.#scratch[threads] as ThreadScratch).columns };
    fillNormal(this.arena.view(rows));
    this.arena.view(this.#table).set(Array.from({ length: n }, (_, row) => addressOf(rows, row * stride)));
  }

  /** One application of a rule. */
  aggregate(name: string): Work<unknown> {
    const planned = this.#rules.get(name);
    if (planned === undefined) throw new RangeError(`"${name}" was not planned`);
    const { rule, memory, state } = planned;
    const shape = { n: this.n, f: this.f, d: this.d, removed: 0 };
    const table = Array.from(this.arena.view(this.#table));
    return rule.aggregate({
      ...shape,
      table: this.#table.address,
      rows: table as Address[],
      workers: Array.from({ length: this.n }, (_, worker) => worker),
      parameters: rule.resolve(defaults(rule), shape),
      memory,
      state,
      // What a server's own gradient and losses take depends on its samples, and is not measured here.
      server: {
        learningRate: 0.1,
        trustedRow: function* (): Work<Address> { yield PAUSE; return table[0] as Address; },
        scores: function* ({ n }): Work<Float64Array> { yield PAUSE; return new Float64Array(n); },
      },
      output: this.#output.address,
      arena: this.arena,
      seed: 0,
      round: 0,
      random: new Stream(0, 'aggregator'),
    });
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

  join(pool: ThreadPool): Run {
    return pool.join({ arena: this.arena, kernels: this.#compiled, control: this.#control, scratch: this.#scratch, setup: undefined }, this.executor);
  }
}

function defaults({ presets }: Aggregator): object {
  return Object.values(presets)[0] ?? {};
}

/** Normal values; a block of 65,537 is repeated, since drawing 10⁸ would take longer than what is measured. */
function fillNormal(values: Float32Array): void {
  const stream = new Stream(1, 'attack');
  const block = Float32Array.from({ length: Math.min(values.length, 65_537) }, () => stream.normal());
  for (let start = 0; start < values.length; start += block.length) {
    values.set(block.subarray(0, Math.min(block.length, values.length - start)), start);
  }
}
