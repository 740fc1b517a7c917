import { median } from 'simple-statistics';
import { AGGREGATORS } from '../lib/aggregators/registry.js';
import { compileKernels } from '../lib/kernels/load.js';
import { ThreadPool } from '../lib/training/thread-pool.js';
import type { Benchmark } from './benchmark.js';
import { measureGroups, type Timing } from './measure.js';
import { PaperNetwork, PRODUCT_FLOP } from './paper-network.js';
import { BenchmarkRows } from './rows.js';

const N = 51;
const D = 79_510;
const F = 12;
const THREADS = 2;
/** Enough for a second that the machine is busy with something else to move no median. */
const LEAST_VISITS = 15;
const REPEATS = 4;

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
      const groups = new Map(rules.map((rule) => [rule, {
        products: () => { network.products(); },
        here: () => { rows.here(rule); },
        pool: () => run.perform(rows.aggregate(rule)),
      }]));
      const timings = await measureGroups(groups, { visits: Math.max(repeats, LEAST_VISITS), repeats: REPEATS });
      const units = new Map([...timings].map(([rule, { products }]) => [rule, (1e9 / PRODUCT_FLOP) * products.median]));
      const unit = median([...units.values()]);
      const table = rules.map((rule) => {
        const { here, pool } = timings.get(rule) as Record<'here' | 'pool', Timing>;
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
