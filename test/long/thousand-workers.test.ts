import t from 'tap';
import { simulate } from '../../lib/index.js';
import type { RoundRecord } from '../../lib/run/records.js';

t.test('a thousand workers of the paper’s network: two rounds are trained, attacked and evaluated', { timeout: 1_200_000 }, async (t) => {
  const simulation = simulate({
    workers: 1000, byzantine: 240, dataset: 'digits', model: { name: 'mlp', hidden: [100] }, batchSize: 32, rounds: 2, evaluateEvery: 1,
    aggregator: 'trimmed-mean', attack: 'alie', momentum: { placement: 'worker', beta: 0.9 },
  });
  const records: RoundRecord[] = [];
  for await (const record of simulation) records.push(record);
  const { status, finalAccuracy } = await simulation.result;
  t.equal(status, 'completed');
  t.equal(records.length, 2);
  t.ok(records.every(({ accuracy, trainLoss }) => accuracy !== undefined && Number.isFinite(trainLoss)));
  t.ok(finalAccuracy > 0.05 && finalAccuracy < 1);
});
