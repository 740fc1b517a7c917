import { availableParallelism } from 'node:os';
import { mean } from 'simple-statistics';
import { compileKernels } from '../lib/kernels/load.js';
import { expand } from '../lib/scenario/expand.js';
import { planSession, Session, type PlannedRun, type SessionPlan } from '../lib/training/session.js';
import { synchronous } from '../lib/training/synchronous.js';
import { ThreadPool } from '../lib/training/thread-pool.js';
import type { Benchmark } from './benchmark.js';
import { PaperNetwork } from './paper-network.js';
import { BenchmarkRows } from './rows.js';

const WORKERS = 51;
const BYZANTINE = 12;
const ROUNDS = 120;
/** Rounds before V8's optimized code is in place in every thread. */
const WARM_UP = 20;
const RULE = 'trimmed-mean';
const D = 79_510;

/** Whole synchronous rounds, against what the gradient and the rule alone predict; the three are measured in turn. */
export const rounds: Benchmark = {
  name: 'rounds',
  takes: [],
  question: `how long a round of ${WORKERS} workers (batch 128, ${RULE}, ALIE) takes, evaluation left out, against the gradient's and the rule's own time; means`,
  async run({ kernels }) {
    const threadCounts = [...new Set([1, Math.min(2, availableParallelism())])];
    const table: Record<string, string | number>[] = [];
    for (const threads of threadCounts) table.push(await measureRounds(threads, kernels));
    const [one, two] = table.map((row) => Number(row['ms a round']));
    return {
      rows: table,
      findings: one === undefined || two === undefined ? [] : [`two threads: ${(one / two).toFixed(2)} times the rounds of one`],
    };
  },
};

async function measureRounds(threads: number, kernels: Parameters<typeof compileKernels>[0]): Promise<Record<string, string | number>> {
  const compiled = compileKernels(kernels);
  const network = new PaperNetwork(compiled);
  const rows = new BenchmarkRows(compiled, [RULE], WORKERS, D, BYZANTINE, threads);
  const configurations = expand({
    dataset: { name: 'digits', trainSamples: WORKERS * 256, testSamples: 200 }, model: { name: 'mlp', hidden: [100] }, workers: WORKERS, byzantine: BYZANTINE,
    batchSize: 128, rounds: ROUNDS, evaluateEvery: ROUNDS, aggregator: RULE, attack: 'alie', momentum: { placement: 'update', beta: 0.9 }, kernels,
  }).map(({ configuration }) => configuration);
  const plan = await planSession(configurations, { threads, dataFolders: [] });
  const kept = (await sampleRounds(plan, rows, network)).slice(WARM_UP);
  // Means, not medians: a phase of 51 gradients is their sum, and meets every interruption that a median leaves out.
  const middle = (name: keyof Sample): number => mean(kept.map((sample) => sample[name]));
  const predicted = (middle('oneGradient') * WORKERS) / threads + middle('rule');
  return {
    threads,
    'ms a round': milliseconds(middle('whole')),
    'rounds/s': Number((1 / middle('whole')).toFixed(1)),
    'predicted ms': milliseconds(predicted),
    'predicted / measured': Number((predicted / middle('whole')).toFixed(3)),
    'gradients ms': milliseconds(middle('gradients')),
    'craft ms': milliseconds(middle('craft')),
    'aggregate ms': milliseconds(middle('aggregate')),
    'one gradient ms': milliseconds(middle('oneGradient')),
    'rule ms': milliseconds(middle('rule')),
    rounds: kept.length,
  };
}

/** Seconds of a round and its phases, and of one gradient and the rule by themselves right after it. */
interface Sample {
  readonly whole: number;
  readonly gradients: number;
  readonly craft: number;
  readonly aggregate: number;
  readonly oneGradient: number;
  readonly rule: number;
}

/** Whatever was begun is ended, also when something else can't be: threads that are left keep the process alive. */
async function sampleRounds(plan: SessionPlan, rows: BenchmarkRows, network: PaperNetwork): Promise<Sample[]> {
  const pool = new ThreadPool(plan.threads);
  try {
    const alone = rows.join(pool);
    try {
      const session = await Session.open(plan, { dataFolders: [] });
      try {
        const { prepared } = session.prepare(plan.runs[0] as PlannedRun);
        try {
          const samples: Sample[] = [];
          for await (const { seconds: { gradient, craft, aggregate } } of synchronous(prepared)) {
            const oneGradient = mean([0, 1, 2, 3, 4].map(() => timed(() => { network.gradient(); })));
            const start = performance.now();
            await alone.perform(rows.aggregate(RULE));
            const rule = (performance.now() - start) / 1000;
            samples.push({ whole: gradient + craft + aggregate, gradients: gradient, craft, aggregate, oneGradient, rule });
          }
          return samples;
        } finally {
          await prepared.run.end();
        }
      } finally {
        await session.close();
      }
    } finally {
      await alone.end();
    }
  } finally {
    await pool.close();
  }
}

function timed(call: () => void): number {
  const start = performance.now();
  call();
  return (performance.now() - start) / 1000;
}

function milliseconds(seconds: number): number {
  return Number((1000 * seconds).toFixed(2));
}
