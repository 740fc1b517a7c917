import { availableParallelism } from 'node:os';
import { linearRegression } from 'simple-statistics';
import { compileKernels } from '../lib/kernels/load.js';
import { ArenaLimitError } from '../lib/memory/arena.js';
import { ThreadPool } from '../lib/training/thread-pool.js';
import type { Benchmark } from './benchmark.js';
import { measureExtraThreads } from './extra-threads.js';
import { measure } from './measure.js';
import { BenchmarkRows } from './rows.js';

const WORKERS = [11, 32, 100, 316, 1000];
const LENGTHS = [10_000, 100_000, 1_000_000];
/** 8 GB of rows: no arena holds them, and the table says so. */
const BEYOND = { n: 1000, d: 2_000_000 };
const RULES = ['mean', 'trimmed-mean', 'krum'];
/** Above this many elements a figure takes minutes, not seconds: n²·d for the rules that compare all pairs. */
const LONGEST_PAIRS = 3e11;

interface Point {
  readonly rule: string;
  readonly threads: number;
  readonly n: number;
  readonly d: number;
  readonly seconds: number;
}

/** Rules over n, d and threads, with fitted exponents; and at one size what each thread costs, up to many more than there are cores. */
export const scaling: Benchmark = {
  name: 'scaling',
  takes: ['rules'],
  question: 'how the rules grow with the number of workers n, the length d and the number of threads (f = ⌊n/5⌋), and what each of 1 to 51 threads costs in a round of 51 workers',
  async run({ kernels, repeats, rules = RULES }) {
    const compiled = compileKernels(kernels);
    const points: Point[] = [];
    const table: Record<string, string | number>[] = [];
    for (const threads of Array.from({ length: availableParallelism() }, (_, i) => i + 1)) {
      const pool = new ThreadPool(threads);
      try {
        for (const n of WORKERS) {
          for (const d of LENGTHS) {
            for (const rule of rules) table.push(await measurePoint({ compiled, pool, threads, n, d, rule, repeats, points }));
          }
        }
        for (const rule of rules) table.push(await measurePoint({ compiled, pool, threads, ...BEYOND, rule, repeats, points }));
      } finally {
        await pool.close();
      }
    }
    const extra = await measureExtraThreads({ kernels, repeats });
    return {
      rows: [...table, ...extra.rows],
      findings: [...rules.map((rule) => exponents(rule, points)), ...rules.flatMap((rule) => threadGain(rule, points)), ...extra.findings],
    };
  },
};

async function measurePoint(what: {
  compiled: ReturnType<typeof compileKernels>;
  pool: ThreadPool;
  threads: number;
  n: number;
  d: number;
  rule: string;
  repeats: number;
  points: Point[];
}): Promise<Record<string, string | number>> {
  const { compiled, pool, threads, n, d, rule, repeats, points } = what;
  const key = { threads, n, d, rule };
  let rows: BenchmarkRows;
  try {
    rows = new BenchmarkRows(compiled, [rule], n, d, Math.floor(n / 5), threads);
  } catch (error) {
    if (error instanceof ArenaLimitError) return { ...key, ms: `refused: ${error.message}` };
    throw error;
  }
  if (rule === 'krum' && n * n * d > LONGEST_PAIRS) return { ...key, ms: 'left out: takes minutes' };
  const run = rows.join(pool);
  try {
    const large = n * d > 1e7;
    const timing = await measure(() => run.perform(rows.aggregate(rule)), { repeats: large ? 3 : repeats, seconds: large ? 0 : 0.1 });
    points.push({ ...key, seconds: timing.median });
    return {
      ...key,
      ms: Number((1000 * timing.median).toFixed(3)),
      'GB/s': Number(((4 * n * d) / timing.median / 1e9).toFixed(2)),
      'spread %': Number((100 * timing.spread).toFixed(0)),
      repeats: timing.repeats,
    };
  } finally {
    await run.end();
  }
}

/** time ∝ n^a · d^b: a over n at d = 10⁵, b over d at n = 100, on one thread, by least squares of the logarithms. */
function exponents(rule: string, points: readonly Point[]): string {
  const own = points.filter((point) => point.rule === rule && point.threads === 1);
  const slope = (pairs: [number, number][]): string => (pairs.length < 2 ? '–' : linearRegression(pairs.map(([x, y]) => [Math.log(x), Math.log(y)])).m.toFixed(2));
  const overN = slope(own.filter(({ d }) => d === 100_000).map(({ n, seconds }) => [n, seconds]));
  const overD = slope(own.filter(({ n }) => n === 100).map(({ d, seconds }) => [d, seconds]));
  return `${rule}, one thread: time grows as n^${overN} (at d = 10⁵) and d^${overD} (at n = 100)`;
}

/** At the largest n·d that was measured for all numbers of threads. */
function threadGain(rule: string, points: readonly Point[]): string[] {
  const own = points.filter((point) => point.rule === rule);
  const most = Math.max(...own.map(({ threads }) => threads));
  const one = own.filter(({ threads }) => threads === 1).reduce<Point | undefined>((best, point) => (best === undefined || point.n * point.d > best.n * best.d ? point : best), undefined);
  const many = own.find(({ threads, n, d }) => threads === most && n === one?.n && d === one.d);
  if (one === undefined || many === undefined || most === 1) return [];
  return [`${rule}, n = ${one.n}, d = ${one.d.toLocaleString('en')}: ${most} threads are ${(one.seconds / many.seconds).toFixed(2)} times as fast as one`];
}
