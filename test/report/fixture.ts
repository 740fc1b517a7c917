import type { Manifest, RoundRecord, RunResult } from '../../lib/run/records.js';
import type { Named, RunConfiguration } from '../../lib/scenario/configuration.js';
import type { ReportedRun, ScenarioReport } from '../../lib/report/types.js';

/** A made-up scenario for the report: plausible curves from a fixed generator, no training. */
export interface Sketch {
  readonly rules?: readonly Named[];
  readonly attacks?: readonly Named[];
  readonly seeds?: number;
  readonly rounds?: number;
  readonly workers?: number;
  readonly evaluateEvery?: number;
  readonly partition?: Named;
  readonly published?: boolean;
}

export const RULES: readonly Named[] = [
  { name: 'mean' },
  { name: 'krum', preset: 'baruch-2019-code' },
  { name: 'trimmed-mean', preset: 'baruch-2019-code' },
  { name: 'bulyan', preset: 'baruch-2019-code' },
];

export const ATTACKS: readonly Named[] = [{ name: 'none' }, { name: 'alie', z: 1.5 }];

/** The runs of a grid of rules × attacks × seeds. */
export function sketchReport(sketch: Sketch = {}): ScenarioReport {
  const { rules = RULES, attacks = ATTACKS, seeds = 1, published = false } = sketch;
  const runs = rules.flatMap((aggregator, rule) =>
    attacks.flatMap((attack, index) => Array.from({ length: seeds }, (_, seed) => sketchRun(sketch, { aggregator, attack, ...(seeds > 1 ? { seed } : {}) }, [rule, index, seed]))),
  );
  return {
    name: 'a-little-is-enough',
    started: '2026-03-02T10:15:00.000Z',
    runs: runs.map((run) => ({ ...run, ...(published ? { publishedAccuracy: 0.961 - (run.result?.config.attack.name === 'none' ? 0 : 0.12) } : {}) })),
    ...(published ? { publishedSource: 'Baruch et al. 2019, Table 1' } : {}),
  };
}

/** One run: rules later in the list and attacks later in the list do worse. */
export function sketchRun(sketch: Sketch, varied: { aggregator: Named; attack: Named; seed?: number }, [rule, attack, seed]: [rule: number, attack: number, seed: number]): ReportedRun {
  const { rounds = 100, workers = 51, evaluateEvery = 5 } = sketch;
  const config = configuration(sketch, varied);
  const random = generator(1 + rule * 1009 + attack * 101 + seed);
  const harm = attack * (0.08 + 0.13 * rule + 0.06 * random()) + 0.01 * random();
  const corrupted = config.byzantine.count;
  const byzantineWeight = rule === 0 ? corrupted / workers : attack === 0 ? 0 : Math.min(1, 0.3 * rule);
  const records = Array.from({ length: rounds }, (_, round): RoundRecord => {
    const learned = 1 - Math.exp((-6 * round) / rounds);
    const evaluated = (round + 1) % evaluateEvery === 0 || round === rounds - 1;
    const accuracy = Math.min(1, Math.max(0, 0.1 + (0.86 - harm) * learned + 0.02 * (random() - 0.5)));
    const spread = (base: number) => Math.min(0.99, base + 0.5 * (1 - base) * learned + 0.02 * random());
    return {
      round,
      learningRate: 0.1,
      trainLoss: 2.3 - 2 * learned + 0.1 * random(),
      ...(evaluated ? { accuracy, loss: 2.3 - 2.1 * accuracy } : {}),
      attacked: attack > 0,
      removed: [],
      ...(rule === 0 || rule === 1 ? { byzantineWeight: rule === 1 && attack > 0 ? Number(random() < 0.8) : byzantineWeight } : {}),
      distance: (0.1 + 0.4 * attack * rule) * (0.8 + 0.4 * random()),
      cosine: Math.max(-1, 0.95 - 0.4 * attack * learned - 0.1 * rule + 0.1 * (random() - 0.5)),
      withinDeviation: [spread(0.32), spread(0.58), spread(0.87)],
      deviationToNorm: (2 + 6 * learned) * (0.9 + 0.2 * random()),
      seconds: { gradient: 0.02 + 0.004 * random(), craft: attack * 0.001, aggregate: 0.002 + 0.006 * rule, evaluate: evaluated ? 0.01 : 0 },
    };
  });
  const accuracies = records.flatMap((record) => record.accuracy ?? []);
  const result: RunResult = {
    status: 'completed',
    maxAccuracy: Math.max(0, ...accuracies),
    finalAccuracy: accuracies.at(-1) ?? NaN,
    finalLoss: records.at(-1)?.loss ?? NaN,
    rounds,
    seconds: rounds / 38,
    roundsPerSecond: 38 + random(),
    parametersHash: hash(random),
    threads: 2,
    kernels: 'relaxed',
    config,
  };
  return { label: Object.entries(varied).map(([path, value]) => `${path}=${JSON.stringify(value)}`).join(', '), varied, manifest: manifestOf(config, result, random), result, records };
}

function configuration({ rounds = 100, workers = 51, evaluateEvery = 5, partition = { name: 'iid' } }: Sketch, varied: { aggregator: Named; attack: Named; seed?: number }): RunConfiguration {
  const count = Math.floor(workers / 4);
  return {
    name: 'a-little-is-enough',
    seed: varied.seed ?? 0,
    workers,
    byzantine: { count, placement: 'first' },
    dataset: { name: 'mnist' },
    partition,
    model: { name: 'mlp', hidden: [100] },
    batchSize: 128,
    rounds,
    evaluateEvery,
    learningRate: 0.1,
    momentum: { placement: 'update', beta: 0.9, dampening: 0 },
    weightDecay: 0,
    preaggregators: [],
    aggregator: { f: count, ...varied.aggregator },
    attack: varied.attack,
    mode: { name: 'synchronous' },
    kernels: 'auto',
    allowUnsafe: false,
  };
}

function manifestOf(config: RunConfiguration, result: RunResult, random: () => number): Manifest {
  const { status, maxAccuracy, finalAccuracy, finalLoss, rounds, seconds, roundsPerSecond, parametersHash, threads, kernels } = result;
  return {
    ...config,
    kernels,
    manifest: {
      label: '',
      configurationHash: hash(random),
      versions: { byzantium: '0.1.0', node: '24.1.0', v8: '13.6.233.8-node.10' },
      kernels,
      threads,
      cpu: 'Intel(R) Xeon(R) Processor @ 2.60GHz',
      cores: 2,
      arenaBytes: 92_274_688,
      started: '2026-03-02T10:15:00.000Z',
      resolved: { aggregator: {}, attack: {} },
      data: { trainSamples: 60_000, testSamples: 10_000 },
      byzantineWorkers: Array.from({ length: config.byzantine.count }, (_item, worker) => worker),
      warnings: [],
      labelHistogram: Array.from({ length: config.workers }, () => Array.from({ length: 10 }, () => (config.partition.name === 'iid' ? 118 : Math.floor(400 * random() ** 6)))),
      result: { status, maxAccuracy, finalAccuracy, finalLoss, rounds, seconds, roundsPerSecond, threads, kernels },
      parametersHash,
    },
  };
}

/** A multiplicative congruential generator: good enough to wiggle a curve. */
function generator(seed: number): () => number {
  let state = (seed * 48_271) % 2_147_483_647;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function hash(random: () => number): string {
  return Array.from({ length: 64 }, () => Math.floor(16 * random()).toString(16)).join('');
}
