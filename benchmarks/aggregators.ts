import { AGGREGATORS } from '../lib/aggregators/registry.js';
import { compileKernels } from '../lib/kernels/load.js';
import { ThreadPool } from '../lib/training/thread-pool.js';
import type { Benchmark } from './benchmark.js';
import { measureTogether } from './measure.js';
import { PaperNetwork, PRODUCT_FLOP } from './paper-network.js';
import { BenchmarkRows } from './rows.js';

const N = 51;
const D = 79_510;
const F = 12;
const THREADS = 2;

/** Each rule once, against the matrix products' rate on the same machine at the same time. */
export const aggregators: Benchmark = {
  name: 'aggregators',
  question: `how long each rule takes for n = ${N}, d = ${D.toLocaleString('en')}, f = ${F}, on one thread and on ${THREADS}; u is the time of 1 GFLOP at the matrix products' rate`,
  async run({ kernels, repeats, rules = AGGREGATORS.names }) {
    const compiled = compileKernels(kernels);
    const network = new PaperNetwork(compiled);
    const rows = new BenchmarkRows(compiled, rules, N, D, F, THREADS);
    const pool = new ThreadPool(THREADS);
    const run = rows.join(pool);
    try {
      const table: Record<string, string | number>[] = [];
      for (const rule of rules) {
        const timings = await measureTogether(
          { here: () => { rows.here(rule); }, pool: () => run.perform(rows.aggregate(rule)), products: () => { network.products(); } },
          { repeats, seconds: 0.3 },
        );
        const unit = (1e9 / PRODUCT_FLOP) * timings.products.median;
        table.push({
          rule,
          u: Number((timings.here.median / unit).toFixed(3)),
          ms: Number((1000 * timings.here.median).toFixed(2)),
          'spread %': Number((100 * timings.here.spread).toFixed(0)),
          'GB/s': Number(((4 * N * D) / timings.here.median / 1e9).toFixed(1)),
          'GFLOP/s': Number((rows.operations(rule) / timings.here.median / 1e9).toFixed(1)),
          [`ms, ${THREADS} threads`]: Number((1000 * timings.pool.median).toFixed(2)),
          [`gain of ${THREADS} threads`]: Number((timings.here.median / timings.pool.median).toFixed(2)),
          'u in ms': Number((1000 * unit).toFixed(1)),
          repeats: timings.here.repeats,
        });
      }
      return { rows: table, findings: [] };
    } finally {
      await run.end();
      await pool.close();
    }
  },
};
