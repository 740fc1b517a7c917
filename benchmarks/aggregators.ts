import { AGGREGATORS } from '../lib/aggregators/registry.js';
import { compileKernels } from '../lib/kernels/load.js';
import { ThreadPool } from '../lib/training/thread-pool.js';
import type { Benchmark } from './benchmark.js';
import { measureTogether, type Timing } from './measure.js';
import { PaperNetwork, PRODUCT_FLOP } from './paper-network.js';
import { BenchmarkRows } from './rows.js';

const N = 51;
const D = 79_510;
const F = 12;
const THREADS = 2;
/** Enough for a second that the machine is busy with something else to move no median. */
const LEAST_REPEATS = 60;

/** What a rule that can't run for these sizes says: no subset rule can search this many. */
const REFUSALS = new Map([...AGGREGATORS].flatMap((rule) => {
  const shape = { n: N, f: F, d: D, removed: 0 };
  const broken = rule.check(shape, rule.resolve({}, shape));
  return broken === undefined ? [] : [[rule.name, broken]];
}));

/** Each rule once, against the matrix products' rate on the same machine at the same time. */
export const aggregators: Benchmark = {
  name: 'aggregators',
  takesRules: true,
  question: `how long each rule takes for n = ${N}, d = ${D.toLocaleString('en')}, f = ${F}, on one thread and on ${THREADS}; u is the time of 1 GFLOP at the matrix products' rate`,
  async run({ kernels, repeats, rules = AGGREGATORS.names.filter((name) => !REFUSALS.has(name)) }) {
    const compiled = compileKernels(kernels);
    const network = new PaperNetwork(compiled);
    const rows = new BenchmarkRows(compiled, rules, N, D, F, THREADS);
    const pool = new ThreadPool(THREADS);
    const run = rows.join(pool);
    try {
      // All rules in turn, over and over: a machine that slows down for a second slows a few calls of each.
      const calls: Record<string, () => unknown> = { products: () => { network.products(); } };
      for (const rule of rules) {
        calls[`${rule} here`] = () => { rows.here(rule); };
        calls[`${rule} over the pool`] = () => run.perform(rows.aggregate(rule));
      }
      const timings = await measureTogether(calls, { repeats: Math.max(repeats, LEAST_REPEATS), seconds: 0 });
      const unit = (1e9 / PRODUCT_FLOP) * (timings['products'] as Timing).median;
      const table = rules.map((rule) => {
        const here = timings[`${rule} here`] as Timing;
        const pool = timings[`${rule} over the pool`] as Timing;
        return {
          rule,
          u: Number((here.median / unit).toFixed(3)),
          ms: Number((1000 * here.median).toFixed(2)),
          'spread %': Number((100 * here.spread).toFixed(0)),
          'GB/s': Number(((4 * N * D) / here.median / 1e9).toFixed(1)),
          'GFLOP/s': Number((rows.operations(rule) / here.median / 1e9).toFixed(1)),
          [`ms, ${THREADS} threads`]: Number((1000 * pool.median).toFixed(2)),
          [`gain of ${THREADS} threads`]: Number((here.median / pool.median).toFixed(2)),
          repeats: here.repeats,
        };
      });
      return { rows: table, findings: [`u = ${(1000 * unit).toFixed(1)} ms: 1 GFLOP at ${(1 / unit).toFixed(1)} GFLOP/s`, ...REFUSALS.values()] };
    } finally {
      await run.end();
      await pool.close();
    }
  },
};
