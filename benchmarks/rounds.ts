import { availableParallelism } from 'node:os';
import { compileKernels } from '../lib/kernels/load.js';
import { simulate } from '../lib/training/simulate.js';
import { ThreadPool } from '../lib/training/thread-pool.js';
import { median, sum } from 'simple-statistics';
import type { Benchmark } from './benchmark.js';
import { measure, measureTogether } from './measure.js';
import { PaperNetwork } from './paper-network.js';
import { BenchmarkRows } from './rows.js';

const WORKERS = 51;
const BYZANTINE = 12;
const ROUNDS = 60;
/** Rounds before V8's optimized code is in place in every thread. */
const WARM_UP = 10;
const RULE = 'trimmed-mean';

/** Whole synchronous rounds, against what the gradient and the aggregator alone predict. */
export const rounds: Benchmark = {
  name: 'rounds',
  question: `how long a round of ${WORKERS} workers (batch 128, ${RULE}, ALIE) takes, evaluation left out, against the gradient's and the rule's own time`,
  async run({ kernels, repeats }) {
    const compiled = compileKernels(kernels);
    const network = new PaperNetwork(compiled);
    const threadCounts = [...new Set([1, Math.min(2, availableParallelism())])];
    const table: Record<string, string | number>[] = [];
    for (const threads of threadCounts) {
      const parts = await predict(network, compiled, threads, repeats);
      const records = [];
      const scenario = {
        dataset: { name: 'digits', trainSamples: 51 * 256, testSamples: 200 }, model: { name: 'mlp', hidden: [100] }, workers: WORKERS, byzantine: BYZANTINE,
        batchSize: 128, rounds: ROUNDS, evaluateEvery: ROUNDS, aggregator: RULE, attack: 'alie', momentum: { placement: 'update', beta: 0.9 }, kernels,
      };
      for await (const record of simulate(scenario, { threads })) records.push(record);
      const timed = records.slice(WARM_UP).map(({ seconds }) => seconds);
      const whole = median(timed.map(({ gradient, craft, aggregate }) => gradient + craft + aggregate));
      const predicted = (parts.gradient * WORKERS) / threads + parts.aggregate;
      table.push({
        threads,
        'ms a round': milliseconds(whole),
        'rounds/s': Number((1 / whole).toFixed(1)),
        'predicted ms': milliseconds(predicted),
        'predicted / measured': Number((predicted / whole).toFixed(3)),
        'gradient %': share(timed.map(({ gradient }) => gradient), timed.map(({ gradient, craft, aggregate }) => gradient + craft + aggregate)),
        'craft ms': milliseconds(median(timed.map(({ craft }) => craft))),
        'aggregate ms': milliseconds(median(timed.map(({ aggregate }) => aggregate))),
        rounds: timed.length,
      });
    }
    const [one, two] = table.map((row) => Number(row['ms a round']));
    return {
      rows: table,
      findings: one === undefined || two === undefined ? [] : [`two threads: ${(one / two).toFixed(2)} times the rounds of one`],
    };
  },
};

/** Seconds of one gradient on one thread, and of the rule on `threads`. */
async function predict(network: PaperNetwork, compiled: ReturnType<typeof compileKernels>, threads: number, repeats: number): Promise<{ gradient: number; aggregate: number }> {
  const gradient = await measure(() => network.gradient(), { repeats: 5 * repeats, seconds: 0.5 });
  const rows = new BenchmarkRows(compiled, [RULE], WORKERS, 79_510, BYZANTINE, threads);
  const pool = new ThreadPool(threads);
  const run = rows.join(pool);
  try {
    const { aggregate } = await measureTogether({ aggregate: () => run.perform(rows.aggregate(RULE)) }, { repeats, seconds: 0.5 });
    return { gradient: gradient.median, aggregate: aggregate.median };
  } finally {
    await run.end();
    await pool.close();
  }
}

function milliseconds(seconds: number): number {
  return Number((1000 * seconds).toFixed(2));
}

function share(part: number[], whole: number[]): number {
  return Number(((100 * sum(part)) / sum(whole)).toFixed(1));
}
