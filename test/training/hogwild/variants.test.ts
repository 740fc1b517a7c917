import t from 'tap';
import { HOGWILD_VARIANTS } from '../../../lib/scenario/hogwild-mode.js';
import { PROBLEMS, runAll, SMALL } from './small.js';

for (const [problem, scenario] of Object.entries(PROBLEMS)) {
  t.test(`${problem}: every variant makes every update, and reaches about the serial loss`, async (t) => {
    const outcomes = await runAll({ ...SMALL, ...scenario, grid: { 'mode.variant': HOGWILD_VARIANTS } }, 2);
    const serial = outcomes[HOGWILD_VARIANTS.indexOf('serial')]!.result;
    t.equal(outcomes.length, HOGWILD_VARIANTS.length);
    for (const [index, { result, records, facts }] of outcomes.entries()) {
      const variant = HOGWILD_VARIANTS[index]!;
      const edges = facts.hogwild!.sparsity!.edges;
      t.equal(result.status, 'completed', variant);
      t.equal(records.length, SMALL.rounds);
      for (const { updates } of records) t.equal(updates?.count, edges);
      t.equal(result.updates?.count, edges * SMALL.rounds);
      t.ok(Math.abs(result.finalLoss - serial.finalLoss) < 0.1 * serial.finalLoss, `${variant}: ${result.finalLoss}, serial ${serial.finalLoss}`);
      t.equal(result.threads, variant === 'serial' ? 1 : 2);
      t.equal(facts.hogwild?.clock, variant === 'serial' ? 'none' : 'real');
      t.ok(result.updates!.lost!.found <= result.updates!.lost!.expected);
      if (['serial', 'lock', 'coordinate-locks', 'round-robin'].includes(variant)) t.equal(result.updates?.lost?.share, 0, `${variant} loses nothing`);
      t.equal(records.some(({ updates }) => updates?.staleness !== undefined), variant !== 'serial');
      if (['serial', 'lock'].includes(variant)) t.equal(result.updates?.staleness?.greatest ?? 0, 0);
    }
  });

  t.test(`${problem}: learning lowers the loss; accuracy is where something is classified`, async (t) => {
    const [{ records, result }] = (await runAll({ ...SMALL, ...scenario, rounds: 10, evaluateEvery: 1 }, 1)) as [Awaited<ReturnType<typeof runAll>>[0]];
    t.ok(records.at(-1)!.trainLoss < 0.9 * records[0]!.trainLoss);
    t.ok(records.at(-1)!.loss! < records[0]!.loss!);
    if (problem === 'matrix') {
      t.ok(records.every(({ accuracy }) => accuracy === undefined));
      t.ok(Number.isNaN(result.maxAccuracy) && Number.isNaN(result.finalAccuracy));
    } else t.ok(result.finalAccuracy > (problem === 'svm' ? 0.8 : 0.6), String(result.finalAccuracy));
  });

  t.test(`${problem}: serial gives the same bits whatever the threads, and so does any variant on one thread in the order of blocks`, async (t) => {
    const serial = { ...SMALL, ...scenario, mode: { name: 'hogwild', variant: 'serial' } };
    const hashes = await Promise.all([runAll(serial, 1), runAll(serial, 3), runAll({ ...serial, mode: 'hogwild' }, 1), runAll({ ...serial, mode: { name: 'hogwild', variant: 'coordinate-locks' } }, 1)]);
    t.equal(new Set(hashes.map(([run]) => run!.result.parametersHash)).size, 1);
    t.not(hashes[0][0]!.result.parametersHash, (await runAll({ ...serial, seed: 1 }, 1))[0]!.result.parametersHash);
  });
}

t.test('nothing protects from a Byzantine worker that writes into the shared parameters', async (t) => {
  const writes = [{ kind: 'sign-flip', factor: 10 }, { kind: 'gaussian', deviation: 1 }, { kind: 'huge' }];
  const scenario = { ...SMALL, ...PROBLEMS.svm, mode: { name: 'hogwild', variant: 'serial' } };
  const [honest] = await runAll(scenario, 1);
  for (const { result, records, facts } of await runAll({ ...scenario, byzantine: 1, grid: { 'mode.write': writes } }, 1)) {
    t.ok(result.finalLoss > 2 * honest!.result.finalLoss, `${result.finalLoss} against ${honest!.result.finalLoss}`);
    t.ok(records.every(({ attacked }) => attacked));
    t.strictSame(facts.byzantineWorkers, [0]);
    t.match(facts.warnings, [/no protection/]);
  }
});

t.test('an impossible step ends as diverged, and the run says where', async (t) => {
  const [run] = await runAll({ ...SMALL, ...PROBLEMS.matrix, learningRate: 1e6 }, 2);
  t.equal(run!.result.status, 'diverged');
  t.match(run!.result.reason, /not finite (in|after) epoch 0/);
});
