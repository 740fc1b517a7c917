import { availableParallelism } from 'node:os';
import { compileKernels } from '../lib/kernels/load.js';
import type { Work } from '../lib/kernels/task.js';
import type { Address } from '../lib/memory/regions.js';
import { expand } from '../lib/scenario/expand.js';
import { planSession, Session, warnOfThreads, type PlannedRun } from '../lib/training/session.js';
import { synchronous } from '../lib/training/synchronous.js';
import { ThreadPool, type CompiledKernels } from '../lib/training/thread-pool.js';
import type { BenchmarkOptions, BenchmarkReport } from './benchmark.js';
import { measure } from './measure.js';
import { BenchmarkRows } from './rows.js';

/** Up to a thread a worker of the paper's experiment, whatever cores there are. */
const THREADS = [1, 2, 4, 16, 51];
const WORKERS = 51;
const BYZANTINE = 12;
const D = 79_510;
const RULE = 'trimmed-mean';
const PHASE = 'a phase';
const ROUND = 'a whole round';
/** Rounds that are timed, and those before. */
const ROUNDS = 40;
const WARM_UP = 10;

interface Point {
  readonly what: string;
  readonly threads: number;
  readonly seconds: number;
}

/**
 * What threads cost, those above the cores included, at the size of one real round (51 workers, d = 79,510, batch 128): a phase with next to nothing to do, the trimmed
 * mean, and a round with its gradients.
 */
export async function measureExtraThreads({ kernels, repeats }: Pick<BenchmarkOptions, 'kernels' | 'repeats'>): Promise<Pick<BenchmarkReport, 'rows' | 'findings'>> {
  const compiled = compileKernels(kernels);
  const points: Point[] = [];
  for (const threads of THREADS) points.push(...(await measureRule(compiled, threads, repeats)), { what: ROUND, threads, seconds: await secondsOfRound(kernels, threads) });
  const base = Math.max(...THREADS.filter((threads) => threads <= availableParallelism()));
  const at = (what: string, threads: number): number => points.find((point) => point.what === what && point.threads === threads)?.seconds ?? Number.NaN;
  const price = ({ what, threads, seconds }: Point): number => (1e6 * (seconds - at(what, base))) / (threads - base);
  return {
    rows: points.map((point) => ({
      threads: point.threads, n: WORKERS, d: D, rule: point.what, ms: Number((1000 * point.seconds).toFixed(3)),
      ...(point.threads > base ? { 'µs a thread more': Number(price(point).toFixed(1)) } : {}),
    })),
    findings: [
      ...[PHASE, RULE, ROUND].flatMap((what) => {
        const most = points.filter((point) => point.what === what && point.threads > base).at(-1);
        return most === undefined ? [] : [`${what}, n = ${WORKERS}, d = ${D.toLocaleString('en')}: ${most.threads} threads take ${(most.seconds / at(what, base)).toFixed(2)} times as long as ${base}, ${price(most).toFixed(1)} µs for each thread more`];
      }),
      ...THREADS.flatMap((threads) => warnOfThreads(threads) ?? []),
    ],
  };
}

async function measureRule(compiled: CompiledKernels, threads: number, repeats: number): Promise<Point[]> {
  const pool = new ThreadPool(threads);
  try {
    const points: Point[] = [];
    const rows = new BenchmarkRows(compiled, [RULE], WORKERS, D, BYZANTINE, threads);
    const run = rows.join(pool);
    try {
      for (const [what, work] of [[PHASE, () => nothing(rows.executor.scratch)], [RULE, () => rows.aggregate(RULE)]] as const) {
        const { median } = await measure(() => run.perform(work()), { repeats, seconds: 0.5 });
        points.push({ what, threads, seconds: median });
      }
    } finally {
      await run.end();
    }
    return points;
  } finally {
    await pool.close();
  }
}

/** A chunk a worker, of which the first writes one number and the others lie behind the row's end; at a cost for which the threads are woken. */
function* nothing(target: Address): Work {
  yield { operation: 'fill', arguments: { d: 1, output: target, value: 0 }, chunks: WORKERS, cost: Infinity };
}

/** The median; evaluation is left out. */
async function secondsOfRound(kernels: BenchmarkOptions['kernels'], threads: number): Promise<number> {
  const options = { threads, dataFolders: [] };
  const configurations = expand({
    dataset: { name: 'digits', trainSamples: WORKERS * 256, testSamples: 200 }, model: { name: 'mlp', hidden: [100] }, workers: WORKERS, byzantine: BYZANTINE,
    batchSize: 128, rounds: WARM_UP + ROUNDS, evaluateEvery: WARM_UP + ROUNDS, aggregator: RULE, attack: 'alie', momentum: { placement: 'update', beta: 0.9 }, kernels,
  }).map(({ configuration }) => configuration);
  const plan = await planSession(configurations, options);
  const session = await Session.open(plan, options);
  try {
    const { prepared } = session.prepare(plan.runs[0] as PlannedRun);
    try {
      const times: number[] = [];
      for await (const { seconds: { gradient, craft, aggregate } } of synchronous(prepared)) times.push(gradient + craft + aggregate);
      return times.slice(WARM_UP).sort((a, b) => a - b)[ROUNDS / 2] as number;
    } finally {
      await prepared.run.end();
    }
  } finally {
    await session.close();
  }
}
