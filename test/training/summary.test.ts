import t from 'tap';
import type { RoundRecord } from '../../lib/run/records.js';
import { Summary } from '../../lib/training/summary.js';

const RECORD: RoundRecord = {
  round: 0, learningRate: 0.1, trainLoss: 2, attacked: false, removed: [], distance: 0, cosine: 1, withinDeviation: [1, 1, 1], deviationToNorm: 1,
  seconds: { gradient: 1, craft: 0.5, aggregate: 0.25, evaluate: 8 },
};

t.test('the greatest and the last evaluation count, and time is without evaluation', async (t) => {
  const summary = new Summary();
  for (const evaluation of [{}, { accuracy: 0.5, loss: 3 }, { accuracy: 0.25, loss: 1 }, {}]) summary.add({ ...RECORD, ...evaluation });
  t.strictSame(summary.result(undefined), { status: 'completed', maxAccuracy: 0.5, finalAccuracy: 0.25, finalLoss: 1, rounds: 4, seconds: 7, roundsPerSecond: 4 / 7 });
});

t.test('where nothing is classified there is a loss and no accuracy', async (t) => {
  const summary = new Summary();
  summary.add({ ...RECORD, loss: 3 });
  t.match(summary.result(undefined), { maxAccuracy: NaN, finalAccuracy: NaN, finalLoss: 3 });
});

t.test('a run that diverges says why, and with which loss where that is known', async (t) => {
  const summary = new Summary();
  summary.add({ ...RECORD, accuracy: 0.5, loss: 3 });
  t.match(summary.result({ round: 0, reason: 'too far' }), { status: 'diverged', reason: 'too far', finalLoss: 3 });
});

t.test('half a million evaluated rounds are summed up as a few are', async (t) => {
  const summary = new Summary();
  for (let round = 0; round < 500_000; round++) summary.add({ ...RECORD, round, accuracy: round === 1000 ? 0.75 : 0.5, loss: 1 });
  t.match(summary.result(undefined), { maxAccuracy: 0.75, finalAccuracy: 0.5, finalLoss: 1, rounds: 500_000 });
});
