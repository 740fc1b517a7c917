import { compileKernels } from '../lib/kernels/load.js';
import { availableParallelism } from 'node:os';
import { PARALLEL_THRESHOLD } from '../lib/training/pool-phases.js';
import { ThreadPool } from '../lib/training/thread-pool.js';
import type { Benchmark } from './benchmark.js';
import { measureTogether } from './measure.js';
import { BenchmarkRows } from './rows.js';

/** What waking the threads costs, and from what size on it gains. */
export const phases: Benchmark = {
  name: 'phases',
  takes: [],
  question: `what a phase costs, and how large a mean has to be to gain from ${availableParallelism()} threads (the threshold in use: ${PARALLEL_THRESHOLD.toLocaleString('en')} operations)`,
  async run({ kernels, repeats }) {
    const compiled = compileKernels(kernels);
    const threads = availableParallelism();
    const pool = new ThreadPool(threads);
    const table: Record<string, string | number>[] = [];
    try {
      for (const n of [10, 20, 40, 80, 160, 320]) {
        const rows = new BenchmarkRows(compiled, ['mean'], n, 10_000, 0, threads);
        const run = rows.join(pool);
        // The threshold itself would keep small tasks here: give the pool the same task with a cost that can't be small.
        const { here, pool: over } = await measureTogether(
          { here: () => { rows.here('mean'); }, pool: () => run.perform(costly(rows.aggregate('mean'))) },
          { repeats: 5 * repeats, seconds: 0.3 },
        );
        await run.end();
        table.push({
          operations: n * 10_000,
          'here, µs': Number((1e6 * here.median).toFixed(0)),
          [`${threads} threads, µs`]: Number((1e6 * over.median).toFixed(0)),
          gain: Number((here.median / over.median).toFixed(2)),
          repeats: over.repeats,
        });
      }
    } finally {
      await pool.close();
    }
    return { rows: table, findings: [] };
  },
};

function* costly(work: ReturnType<BenchmarkRows['aggregate']>): ReturnType<BenchmarkRows['aggregate']> {
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value;
    yield { ...step.value, cost: Infinity };
  }
}
