import { expand } from '../../../lib/scenario/expand.js';
import type { RoundRecord } from '../../../lib/run/records.js';
import { planRuns } from '../../../lib/training/modes.js';
import type { ManifestedRun } from '../../../lib/training/planned-session.js';

/** Three scenarios that take milliseconds, one for each problem. */
export const PROBLEMS = {
  svm: { dataset: { name: 'sparse-svm', samples: 2000, testSamples: 500, features: 200, nonzeros: 10 }, model: 'linear-svm', learningRate: 0.3 },
  matrix: { dataset: { name: 'low-rank-matrix', rows: 60, columns: 50, rank: 2, entriesPerRow: 25, testPerRow: 5 }, model: { name: 'matrix-factorization', rank: 3 }, learningRate: 0.03 },
  cut: { dataset: { name: 'planted-cut', vertices: 300, classes: 3, degree: 10, known: 0.2 }, model: 'multiway-cut', learningRate: 0.05 },
} as const;

export const SMALL = { workers: 4, rounds: 6, evaluateEvery: 3, mode: { name: 'hogwild' } } as const;

export interface Outcome extends ManifestedRun {
  readonly records: readonly RoundRecord[];
}

/** Executes the runs of a scenario, which share their data, one after another. */
export async function runAll(scenario: object, threads: number): Promise<Outcome[]> {
  const options = { threads, dataFolders: [], stallTimeout: 60 };
  const session = await (await planRuns(expand(scenario).map(({ configuration }) => configuration), options)).open();
  const outcomes: Outcome[] = [];
  try {
    for (const index of expand(scenario).keys()) {
      const records: RoundRecord[] = [];
      outcomes.push({ ...(await session.execute(index, (record) => { records.push(record); })), records });
    }
  } finally {
    await session.close();
  }
  return outcomes;
}
