import t from 'tap';
import { AGGREGATORS } from '../../lib/aggregators/registry.js';
import { rowAddress, rowStride } from '../../lib/aggregators/row-matrix.js';
import { registeredSubjects, scoreOf, trustedRow, variants } from '../../lib/conformance/registered.js';
import { honestRows } from '../../lib/conformance/rows.js';
import { sameBits } from '../../lib/conformance/subject.js';
import { compileKernels, instantiateKernels } from '../../lib/kernels/load.js';
import { columnScratch } from '../../lib/kernels/sizes.js';
import type { Work } from '../../lib/kernels/task.js';
import { Arena, ArenaPlan } from '../../lib/memory/arena.js';
import { planControl } from '../../lib/memory/phases.js';
import { f32, u8 } from '../../lib/memory/regions.js';
import { planPipeline } from '../../lib/pipeline/pipeline.js';
import { planServerOptions } from '../../lib/pipeline/server-options.js';
import { PREAGGREGATORS } from '../../lib/preaggregators/registry.js';
import type { Named } from '../../lib/registry/parameters.js';
import { ThreadPool } from '../../lib/training/thread-pool.js';

const SIZE = { n: 15, f: 3, d: 12_345 };

/** The same work, every task of it dear enough to go to the threads. */
function* forThreads<Result>(work: Work<Result>): Work<Result> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    yield { ...step.value, cost: Infinity };
  }
}

/** What a pipeline makes of the rows with its tasks on a real pool; the pool is used for all of them. */
async function onPool(threads: number, pipelines: readonly { readonly preaggregators: readonly Named[]; readonly aggregator: Named }[]): Promise<Float32Array[]> {
  const { n, f, d } = SIZE;
  const rows = honestRows(SIZE, 3);
  const pool = new ThreadPool(threads);
  const results: Float32Array[] = [];
  try {
    for (const { preaggregators, aggregator } of pipelines) {
      const plan = new ArenaPlan();
      const control = planControl(plan, threads);
      const { matrix, output } = plan.addAll('test', { matrix: f32(n * rowStride(d)), output: f32(d) });
      const scratch = Array.from({ length: threads + 1 }, (_, thread) => plan.add(`scratch ${thread}`, u8(columnScratch(n))).address);
      const pipeline = planPipeline(plan, 'aggregation', { preaggregators, aggregator: { ...aggregator, f }, allowUnsafe: false }, n, d);
      const openServer = planServerOptions(plan, aggregator.name, pipeline.needs, {
        rows, ...SIZE, seed: 0, round: 0, state: {}, allowUnsafe: false, trusted: trustedRow(d), score: scoreOf,
      });
      const arena = Arena.allocate(plan.bytes);
      const compiled = compileKernels('auto');
      const addresses = rows.map((row, index) => {
        const address = rowAddress(matrix, index, d);
        arena.row(address, d).set(row);
        return address;
      });
      const run = pool.join(
        { arena, kernels: compiled, control, scratch: scratch.map((columns) => ({ columns, network: columns })), setup: undefined },
        { kernels: instantiateKernels(compiled.module, arena.memory), scratch: scratch[threads]! },
      );
      await run.perform(forThreads(pipeline.run({ arena, rows: addresses, workers: Array.from(rows.keys()), output: output.address, server: openServer(arena, addresses), seed: 0, round: 0 })));
      results.push(arena.view(output).slice());
      await run.end();
    }
  } finally {
    await pool.close();
  }
  return results;
}

t.test('1, 2 and 3 threads that race for every chunk leave the bits of one that does all', { timeout: 120_000 }, async (t) => {
  const pipelines = [
    ...[...AGGREGATORS].flatMap((rule) => variants(rule).map((aggregator) => ({ preaggregators: [], aggregator }))),
    ...[...PREAGGREGATORS].flatMap((rule) => variants(rule).map((named) => ({ preaggregators: [named], aggregator: { name: 'median' } }))),
  ];
  const [one, ...others] = await Promise.all([1, 2, 3].map((threads) => onPool(threads, pipelines)));
  for (const [index, { preaggregators, aggregator }] of pipelines.entries()) {
    t.ok(others.every((results) => sameBits(results[index]!, one![index]!)), JSON.stringify([...preaggregators, aggregator]));
  }
  const mean = registeredSubjects().find(({ label }) => label === 'mean')!;
  t.ok(sameBits(one![0]!, mean.run({ rows: honestRows(SIZE, 3), f: SIZE.f }).rows[0]!), 'and those of aggregate()');
});
