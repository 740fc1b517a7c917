import { median } from 'simple-statistics';
import { AGGREGATORS } from '../lib/aggregators/registry.js';
import { PREAGGREGATORS } from '../lib/preaggregators/registry.js';
import { compileKernels } from '../lib/kernels/load.js';
import { ThreadPool, type CompiledKernels } from '../lib/training/thread-pool.js';
import type { Benchmark } from './benchmark.js';
import { measure, measureGroups, type Timing } from './measure.js';
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

/** Every rule that can run and every pre-aggregator, with its first preset; and presets that cost something else than the first. */
const MEASURED = [
  ...AGGREGATORS.names.filter((name) => !REFUSALS.has(name)).flatMap((name) => (name === 'geometric-median' ? [name, `${name}:rfa`] : [name])),
  ...PREAGGREGATORS.names,
];

/** Searches over subsets, at sizes that they are made for. */
const SEARCHES = [{ rule: 'mda', n: 30, d: 2048, f: 10 }, { rule: 'smea', n: 16, d: 4096, f: 5 }];

/** From a second thread: what every rule has to gain unless it takes less than so many u already. */
const LEAST_GAIN = 1.5;
const QUICK_ENOUGH = 0.06;

/** Each rule once, against the matrix products' rate on the same machine at the same time. */
export const aggregators: Benchmark = {
  name: 'aggregators',
  takes: ['rules'],
  question: `how long each rule and pre-aggregator takes for n = ${N}, d = ${D.toLocaleString('en')}, f = ${F}, on one thread and on ${THREADS}; u is the time of 1 GFLOP at the matrix products' rate`,
  async run({ kernels, repeats, rules = MEASURED }) {
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
      const gains = new Map<string, number>();
      const table = rules.map((rule) => {
        const { here, pool } = timings.get(rule) as Record<'here' | 'pool', Timing>;
        if (here.median >= QUICK_ENOUGH * unit) gains.set(rule, here.median / pool.median);
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
      const searches: string[] = [];
      for (const search of SEARCHES) if (rules === MEASURED || rules.includes(search.rule)) searches.push(await measureSearch(compiled, search));
      return {
        rows: table,
        findings: [
          `u = ${(1000 * unit).toFixed(1)} ms: 1 GFLOP at ${(1 / unit).toFixed(1)} GFLOP/s`,
          `of those that take ${QUICK_ENOUGH} u or more, these gain less than ${LEAST_GAIN} times from the second thread: ${[...gains].flatMap(([rule, gain]) => (gain < LEAST_GAIN ? `${rule} ${gain.toFixed(2)}` : [])).join(', ') || 'none'}`,
          ...searches,
          ...(rules === MEASURED ? REFUSALS.values() : []),
        ],
      };
    } finally {
      await run.end().finally(() => pool.close());
    }
  },
};

/** On one thread. */
async function measureSearch(compiled: CompiledKernels, { rule, n, d, f }: (typeof SEARCHES)[number]): Promise<string> {
  const rows = new BenchmarkRows(compiled, [rule], n, d, f, 1);
  const { median: seconds, repeats } = await measure(() => { rows.here(rule); }, { repeats: 5, seconds: 0 });
  return `${rule} at n = ${n}, d = ${d.toLocaleString('en')}, f = ${f}, on one thread: ${(1000 * seconds).toFixed(1)} ms, ${repeats} times`;
}
