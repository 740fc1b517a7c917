import t from 'tap';
import { runAll, small } from './small.js';

t.test('rows that are not finite, under a rule told to tolerate none, end the run as diverged and name worker and round', async (t) => {
  const attack = { name: 'nan', start: 1 };
  const byzantine = { count: 2, placement: 'spread' };
  const [diverged, next] = await runAll([small({ aggregator: { name: 'mean', f: 0 }, attack, byzantine, rounds: 4 }), small()], 1);
  const { status, reason, rounds } = diverged!.result;
  t.equal(status, 'diverged');
  t.match(reason, /workers 0, 6/);
  t.match(reason, /round 1\b/);
  t.equal(rounds, 2, 'the round that has no aggregate is recorded too');
  t.same(diverged!.records.map(({ round }) => round), [0, 1]);
  t.same(diverged!.records[1]!.removed, [0, 6]);
  t.ok(Number.isFinite(diverged!.result.finalLoss), 'the parameters that are left are evaluated');
  t.equal(next!.result.status, 'completed', 'the next run of the session goes on');
});

t.test('more such rows than the rule tolerates end the run, as many as it tolerates do not', async (t) => {
  const runs = [1, 2, 3].map((f) => small({ aggregator: { name: 'trimmed-mean', f }, byzantine: 2, attack: 'inf' }));
  t.same((await runAll(runs, 1)).map(({ result }) => result.status), ['diverged', 'completed', 'completed']);
});

t.test('a rule that is left without a row ends the run as diverged, says why, and the next run is whole', async (t) => {
  // Each of 50 iterations drops 10 of 13 rows, by a few coordinates of its own.
  const aggregator = { name: 'dnc', niters: 50, b: 3, c: 5 };
  const [diverged, next] = await runAll([small({ aggregator, rounds: 4 }), small()], 1);
  const { status, reason, rounds } = diverged!.result;
  t.equal(status, 'diverged');
  t.match(reason, /^in round 0, dnc is left without a row: /);
  t.equal(rounds, 1, 'the round is recorded');
  t.same(diverged!.records[0]!.removed, []);
  t.ok(Number.isFinite(diverged!.result.finalLoss), 'the parameters that are left are evaluated');
  t.equal(next!.result.status, 'completed');
});

t.test('a learning rate beyond all bounds ends the run as diverged, and the next run is whole', async (t) => {
  // Parameters that are infinite at once; parameters so large that the next gradients are not finite; a loss that is not.
  const rates = [1e39, 1e38, 1e15];
  const [alone] = await runAll([small()], 1);
  const outcomes = await runAll(rates.flatMap((learningRate) => [small({ learningRate, rounds: 40 }), small()]), 1);
  rates.forEach((_, k) => {
    const [diverged, next] = outcomes.slice(2 * k, 2 * k + 2);
    const { status, reason, rounds, parametersHash } = diverged!.result;
    t.equal(status, 'diverged');
    t.match(reason, /round \d+/);
    t.ok(rounds < 40, `it ended early: ${reason}`);
    t.equal(diverged!.records.length, rounds);
    t.match(parametersHash, /^[0-9a-f]{64}$/);
    t.equal(next!.result.parametersHash, alone!.result.parametersHash);
  });
});

t.test('a run that diverges does so in the same round with the same bits for any number of threads', async (t) => {
  const run = small({ learningRate: 1e15, rounds: 20, attack: 'alie', aggregator: 'trimmed-mean' });
  const outcomes = [];
  for (const threads of [1, 3]) outcomes.push((await runAll([run], threads))[0]!.result);
  const told = outcomes.map(({ status, reason, rounds, parametersHash }) => ({ status, reason, rounds, parametersHash }));
  t.same(told[1], told[0]);
});

t.test('a run that ends because its training loss is not finite is evaluated, so that its accuracy is one', async (t) => {
  const run = small({ workers: 21, byzantine: 0, aggregator: { name: 'median', f: 10 }, dataset: { name: 'digits', trainSamples: 400, testSamples: 20 }, batchSize: 1, rounds: 50, evaluateEvery: 1000, learningRate: 1e17 });
  const [outcome] = await runAll([run], 1);
  const { status, finalAccuracy, maxAccuracy } = outcome!.result;
  t.equal(status, 'diverged');
  for (const accuracy of [finalAccuracy, maxAccuracy]) t.ok(accuracy >= 0 && accuracy <= 1, String(accuracy));
});
