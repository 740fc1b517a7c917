import { availableParallelism } from 'node:os';
import { median } from 'simple-statistics';
import type { KernelChoice } from '../lib/kernels/load.js';
import { expand } from '../lib/scenario/expand.js';
import { HOGWILD_VARIANTS, type HogwildVariant } from '../lib/scenario/hogwild-mode.js';
import { planRuns } from '../lib/training/modes.js';
import type { Benchmark, BenchmarkReport } from './benchmark.js';
import { contention } from './hogwild-contention.js';

/** Epochs of a run: the first loads the caches and lets V8 put its optimized code in place. */
const EPOCHS = 4;
/** Runs of each variant, in turn with the others. */
const MOST_REPEATS = 5;

interface Problem {
  readonly name: string;
  readonly scenario: object;
  readonly variants: readonly HogwildVariant[];
}

const PAIRS: readonly HogwildVariant[] = HOGWILD_VARIANTS.filter((variant) => variant !== 'gathered');

const PROBLEMS: readonly Problem[] = [
  {
    name: '(a) SVM, 1,000,000 uniform features, 75 a sample',
    // Each feature is in 15 samples: too few to learn more of it than 61 % right answers.
    scenario: { dataset: { name: 'sparse-svm', samples: 200_000, testSamples: 10_000, features: 1_000_000, nonzeros: 75 }, model: 'linear-svm', learningRate: 1 },
    variants: HOGWILD_VARIANTS,
  },
  {
    name: '(b) SVM, RCV1’s shape: 47,236 features, Zipf, 75 a sample',
    scenario: { dataset: { name: 'sparse-svm', samples: 100_000, testSamples: 10_000, features: 47_236, nonzeros: 75, distribution: 'zipf' }, model: 'linear-svm', learningRate: 0.2 },
    variants: HOGWILD_VARIANTS,
  },
  {
    name: '(c) matrix completion, rank 50',
    scenario: { dataset: { name: 'low-rank-matrix', rows: 10_000, columns: 10_000, rank: 10, entriesPerRow: 50, testPerRow: 5 }, model: { name: 'matrix-factorization', rank: 50, mu: 0.1 }, learningRate: 0.005 },
    variants: PAIRS,
  },
];

/** Two features on one cache line, of which every sample has one: nothing but a line that the cores hand to each other. */
const ONE_LINE = { dataset: { name: 'sparse-svm', samples: 200_000, testSamples: 1, features: 2, nonzeros: 1 }, model: 'linear-svm', learningRate: 0.1 };

/** Updates a second of HOGWILD!'s variants, against the serial one measured in turn with them. */
export const hogwild: Benchmark = {
  name: 'hogwild',
  question: 'how many updates a second each variant of HOGWILD! makes, against the serial one and the one lock in the same run, and at which loss',
  takes: [],
  async run({ kernels, repeats }): Promise<BenchmarkReport> {
    const cores = availableParallelism();
    const rows: Record<string, string | number>[] = [];
    const findings: string[] = [];
    const line = cores < 2 ? undefined : 1 / ((await measure({ name: '', scenario: ONE_LINE, variants: ['lock-free'] }, 2, 3, kernels)).figures.get('lock-free')?.perSecond ?? NaN);
    for (const problem of PROBLEMS) {
      for (let threads = 1; threads <= cores; threads++) {
        const { figures, delta } = await measure(problem, threads, Math.min(repeats, MOST_REPEATS), kernels);
        const serial = figures.get('serial');
        const lock = figures.get('lock');
        if (serial === undefined || lock === undefined) throw new Error('the serial variant and the lock were not measured');
        for (const [variant, { perSecond, overSerial, overLock, testLoss, testError, staleness }] of figures) {
          rows.push({
            problem: problem.name,
            threads,
            variant,
            'updates/s': Math.round(perSecond),
            '× serial': Number(overSerial.toFixed(2)),
            '× lock': Number(overLock.toFixed(2)),
            'test loss': Number(testLoss.toPrecision(4)),
            'test error %': Number.isNaN(testError) ? '–' : Number((100 * testError).toFixed(2)),
            staleness: Number(staleness.toFixed(1)),
          });
        }
        if (threads === 2 && line !== undefined) findings.push(...contention(problem.name, delta, line, serial.perSecond, figures));
      }
    }
    return { rows, findings };
  },
};

export interface Figures {
  /** Medians over the runs; ratios are medians of the ratios within a turn. */
  readonly perSecond: number;
  readonly overSerial: number;
  readonly overLock: number;
  /** After the last epoch of the last run. */
  readonly testLoss: number;
  /** The share of wrong answers; NaN where nothing is classified. */
  readonly testError: number;
  readonly staleness: number;
}

async function measure({ scenario, variants }: Problem, threads: number, repeats: number, kernels: KernelChoice): Promise<{ figures: Map<HogwildVariant, Figures>; delta: number }> {
  const runs = expand({ workers: 64, rounds: EPOCHS, evaluateEvery: EPOCHS, kernels, ...scenario, mode: { name: 'hogwild', countLost: false }, grid: { 'mode.variant': variants } });
  const session = await (await planRuns(runs.map(({ configuration }) => configuration), { threads, dataFolders: [] })).open();
  const speeds = new Map(variants.map((variant) => [variant, [] as number[]]));
  const last = new Map<HogwildVariant, { testLoss: number; testError: number; staleness: number }>();
  let delta = NaN;
  try {
    for (let turn = 0; turn < repeats; turn++) {
      for (const [index, variant] of variants.entries()) {
        const epochs: number[] = [];
        const { result, facts } = await session.execute(index, ({ round, updates }) => {
          if (round > 0 && updates !== undefined) epochs.push(updates.perSecond);
        });
        speeds.get(variant)?.push(median(epochs));
        last.set(variant, { testLoss: result.finalLoss, testError: 1 - result.finalAccuracy, staleness: result.updates?.staleness?.mean ?? 0 });
        delta = facts.hogwild?.sparsity?.delta ?? NaN;
      }
    }
  } finally {
    await session.close();
  }
  const against = (values: readonly number[], variant: HogwildVariant): number => median(values.map((value, turn) => value / (speeds.get(variant)?.[turn] ?? NaN)));
  const figures = new Map([...speeds].map(([variant, values]) => [variant, { perSecond: median(values), overSerial: against(values, 'serial'), overLock: against(values, 'lock'), ...(last.get(variant) ?? { testLoss: NaN, testError: NaN, staleness: NaN }) }]));
  return { figures, delta };
}
