import t from 'tap';
import { runAll } from './small.js';

/** Seven workers of a small network: milliseconds a round. */
const DENSE = {
  workers: 7, rounds: 12, evaluateEvery: 4, batchSize: 16, learningRate: 0.2,
  dataset: { name: 'digits', trainSamples: 2000, testSamples: 400 }, model: { name: 'mlp', hidden: [20] },
} as const;
/** Enough to learn from. */
const ROUNDS = 36;
const D = 784 * 20 + 20 + 20 * 10 + 10;

t.test('one worker’s serial updates are plain stochastic gradient descent: the synchronous run of one worker, bit by bit', async (t) => {
  const alone = { ...DENSE, workers: 1, weightDecay: 1e-3 };
  const [hogwild] = await runAll({ ...alone, mode: { name: 'hogwild', variant: 'serial', backoff: 1 } }, 1);
  const [synchronous] = await runAll({ ...alone, aggregator: 'mean' }, 1);
  t.equal(hogwild!.result.parametersHash, synchronous!.result.parametersHash);
  t.strictSame(hogwild!.records.map(({ trainLoss }) => trainLoss), synchronous!.records.map(({ trainLoss }) => trainLoss));
});

t.test('serial gives the same bits whatever the threads, and so does any variant on one thread', async (t) => {
  const hashes = [];
  for (const [variant, threads] of [['serial', 1], ['serial', 3], ['lock-free', 1], ['lock', 1]] as const) {
    const [run] = await runAll({ ...DENSE, mode: { name: 'hogwild', variant } }, threads);
    hashes.push(run!.result.parametersHash);
  }
  t.equal(new Set(hashes).size, 1);
});

t.test('every variant makes every update, and learns', async (t) => {
  const outcomes = await runAll({ ...DENSE, rounds: ROUNDS, mode: { name: 'hogwild' }, grid: { 'mode.variant': ['serial', 'lock-free', 'lock'] } }, 2);
  for (const { result, records, facts } of outcomes) {
    const variant = facts.hogwild!.variant;
    t.equal(result.status, 'completed', variant);
    for (const { updates } of records) t.equal(updates?.count, DENSE.workers);
    t.equal(result.updates?.count, DENSE.workers * ROUNDS);
    // Races decide how far it gets, a tenth is chance.
    t.ok(result.finalAccuracy > 0.4, `${variant}: ${result.finalAccuracy}`);
    t.equal(result.threads, variant === 'serial' ? 1 : 2);
    t.equal(facts.hogwild?.clock, variant === 'serial' ? 'none' : 'real');
    t.equal(result.updates?.lost?.expected, DENSE.workers * D);
    t.ok(result.updates!.lost!.found <= DENSE.workers * D);
    if (variant !== 'lock-free') t.equal(result.updates?.lost?.share, 0, `${variant} loses nothing`);
    t.equal(result.updates?.staleness?.greatest ?? 0, variant === 'lock-free' ? result.updates!.staleness!.greatest : 0);
    t.equal(result.updates?.staleness === undefined, variant === 'serial');
  }
});

t.test('the step falls by β with each pass over the training samples', async (t) => {
  const [run] = await runAll({ ...DENSE, rounds: 40, mode: { name: 'hogwild', variant: 'serial', backoff: 0.5 } }, 1);
  // 7 · 16 samples a round of 2000: the second pass begins in round 18, the third in round 36.
  t.strictSame([0, 17, 18, 35, 36].map((round) => run!.records[round]!.learningRate), [0.2, 0.2, 0.1, 0.1, 0.05]);
  const [several] = await runAll({ ...DENSE, workers: 50, batchSize: 100, rounds: 3, learningRate: 1, mode: { name: 'hogwild', variant: 'serial', backoff: 0.7 } }, 1);
  // 5000 of 2000 a round: two passes and three, one multiplication each.
  t.strictSame(several!.records.map(({ learningRate }) => learningRate), [1, 0.7 * 0.7, 0.7 * 0.7 * 0.7 * 0.7 * 0.7]);
});

t.test('nothing protects from a Byzantine worker that writes into the shared parameters', async (t) => {
  const mode = { name: 'hogwild', variant: 'serial' };
  const [honest] = await runAll({ ...DENSE, mode }, 1);
  const writes = [{ kind: 'sign-flip', factor: 10 }, { kind: 'gaussian', deviation: 1 }, { kind: 'huge' }];
  for (const { result, records, facts } of await runAll({ ...DENSE, mode, byzantine: 1, grid: { 'mode.write': writes } }, 1)) {
    t.ok(!(result.finalAccuracy > honest!.result.finalAccuracy - 0.1), `${result.finalAccuracy} against ${honest!.result.finalAccuracy}`);
    t.ok(records.every(({ attacked }) => attacked));
    t.strictSame(facts.byzantineWorkers, [0]);
    t.match(facts.warnings, [/no protection/]);
  }
});
