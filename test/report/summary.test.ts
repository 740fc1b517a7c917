import t from 'tap';
import { curve, thinOut } from '../../lib/report/curve.js';
import { configurationOf, statistic, summarize } from '../../lib/report/summary.js';
import { ATTACKS, RULES, sketchReport } from './fixture.js';

t.test('runs that differ by seed alone make one group', async (t) => {
  const groups = summarize(sketchReport({ seeds: 3 }));
  t.equal(groups.length, RULES.length * ATTACKS.length);
  for (const group of groups) t.same(group.runs.map((run) => configurationOf(run)?.seed), [0, 1, 2]);
  t.same(groups.slice(0, 3).map((group) => group.name), ['mean, no attack', 'mean, alie z=1.5', 'krum · baruch-2019-code, no attack']);
});

t.test('the order of the keys and of the runs does not split a group', async (t) => {
  const report = sketchReport({ rules: RULES.slice(0, 1), seeds: 2 });
  const turned = report.runs.map((run, index) => (index % 2 === 0 ? run : { ...run, varied: Object.fromEntries(Object.entries(run.varied).reverse()) }));
  t.equal(summarize({ ...report, runs: turned }).length, 2);
});

t.test('mean and sample standard deviation are those of the definition', async (t) => {
  for (const { runs, bestAccuracy, finalAccuracy, finalLoss, roundsPerSecond } of summarize(sketchReport({ seeds: 5 }))) {
    for (const [field, summary] of [['maxAccuracy', bestAccuracy], ['finalAccuracy', finalAccuracy], ['finalLoss', finalLoss], ['roundsPerSecond', roundsPerSecond]] as const) {
      const values = runs.map((run) => run.result![field]);
      const average = values.reduce((sum, value) => sum + value, 0) / 5;
      const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / 4;
      t.ok(Math.abs(summary!.mean - average) < 1e-12);
      t.ok(Math.abs(summary!.deviation! - Math.sqrt(variance)) < 1e-12);
    }
  }
});

t.test('what is not finite is left out, and one value has no deviation', async (t) => {
  t.same(statistic([NaN, 2, null, Infinity, undefined]), { mean: 2, deviation: undefined, count: 1 });
  t.equal(statistic([NaN, null]), undefined);
  t.equal(statistic([]), undefined);
});

t.test('a group says how its seeds ended', async (t) => {
  const { runs, ...report } = sketchReport({ rules: RULES.slice(0, 1), attacks: ATTACKS.slice(0, 1), seeds: 4 });
  const [first, second, third, fourth] = runs as [typeof runs[0] & object, typeof runs[0] & object, typeof runs[0] & object, typeof runs[0] & object];
  const diverged = { ...second, result: { ...second.result!, status: 'diverged' as const, reason: 'NaN in round 3' } };
  const failed = { ...third, error: 'thread 1 stalled', result: undefined };
  const unfinished = { ...fourth, result: undefined, manifest: undefined };
  const [group] = summarize({ ...report, runs: [first, diverged, failed, unfinished] });
  t.equal(group?.status, '1 of 4 diverged, 1 of 4 failed, 1 of 4 unfinished');
  t.same(group?.reasons, ['NaN in round 3', 'thread 1 stalled']);
  t.equal(summarize({ ...report, runs: [failed] })[0]?.status, 'failed');
});

t.test('a run that left nothing but its variation is named by what all runs share', async (t) => {
  const report = sketchReport({ rules: RULES.slice(1, 2) });
  const runs = report.runs.map((run) => ({ ...run, varied: { attack: run.varied['attack'] } }));
  const [, group] = summarize({ ...report, runs: [runs[0]!, { label: '', varied: runs[1]!.varied, records: [], error: 'refused' }] });
  t.equal(group?.name, 'krum · baruch-2019-code, alie z=1.5');
});

t.test('a curve is the mean over the seeds that recorded the round', async (t) => {
  const [record] = sketchReport({ rounds: 1 }).runs[0]!.records;
  const run = (losses: readonly (number | null)[]) => ({ label: '', varied: {}, records: losses.map((trainLoss, round) => ({ ...record!, round, trainLoss: trainLoss as number })) });
  t.same(curve([run([1, 2, NaN]), run([3, null])], (round) => round.trainLoss), [
    { round: 0, mean: 2, deviation: Math.SQRT2 },
    { round: 1, mean: 2, deviation: 0 },
  ]);
  t.same(curve([run([])], (round) => round.trainLoss), []);
});

t.test('thinning out keeps the number of points, their order and their mean', async (t) => {
  const points = Array.from({ length: 1000 }, (_, round) => ({ round, mean: Math.sin(round / 50), deviation: 0 }));
  const thin = thinOut(points, 100);
  t.equal(thin.length, 100);
  t.ok(thin.every((point, index) => index === 0 || point.round > thin[index - 1]!.round));
  const average = (list: readonly { mean: number }[]) => list.reduce((sum, point) => sum + point.mean, 0) / list.length;
  t.ok(Math.abs(average(thin) - average(points)) < 1e-9);
  t.same(thinOut(points.slice(0, 100), 100), points.slice(0, 100));
});

t.test('what follows from something else that varies is not told', async (t) => {
  const { runs, ...report } = sketchReport({ rules: RULES.slice(0, 1) });
  const settings = [{ 'mode.policy': 'latest', rounds: 5, batchSize: 1 }, { 'mode.policy': 'latest', rounds: 5, batchSize: 2 }, { 'mode.policy': 'kardam', rounds: 9, batchSize: 1 }, { 'mode.policy': 'basgd', rounds: 9, batchSize: 2 }];
  const varied = settings.map((setting) => ({ ...runs[0]!, varied: { aggregator: { name: 'mean' }, ...setting } }));
  t.same(summarize({ ...report, runs: varied }).map(({ setting }) => setting), ['mode.policy=latest, batchSize=1', 'mode.policy=latest, batchSize=2', 'mode.policy=kardam, batchSize=1', 'mode.policy=basgd, batchSize=2']);
  const single = runs.map((run) => ({ ...run, varied: { ...run.varied, rounds: 5 } }));
  t.same(new Set(summarize({ ...report, runs: single }).map(({ setting }) => setting)), new Set(['rounds=5']), 'one value alone follows from nothing');
});
