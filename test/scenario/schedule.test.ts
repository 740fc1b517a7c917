import t from 'tap';
import { ScenarioError, ScheduleError, simulate } from '../../lib/index.js';
import { duringRound, scheduleToTry } from '../../lib/scenario/schedule.js';
import { refusal } from './refusal.js';

const BASE = {
  workers: 3, byzantine: 1, dataset: { name: 'digits', trainSamples: 60, testSamples: 20 }, model: 'softmax-regression', aggregator: 'mean', batchSize: 4,
};

/** So many rounds that not every one is tried before the start: 0, 20, 40 … are. */
const LONG = { ...BASE, rounds: 2_000_001, evaluateEvery: 1_000_000 };

t.test('every round is tried up to 100,000 of them, and then as many, evenly spaced', (t) => {
  const tried = (first: number, end: number): number[] => Array.from(scheduleToTry(first, end, 3, 1), ({ t: round = -1 }) => round);
  t.strictSame(tried(2, 6), [2, 3, 4, 5]);
  t.strictSame(tried(5, 6), [5]);
  t.strictSame(tried(6, 5), []);
  t.strictSame(tried(0, 100_000), Array.from({ length: 100_000 }, (_, round) => round));
  const spaced = tried(7, 1_000_000_000);
  t.match([spaced.length, spaced[0], spaced.at(-1)], [100_000, 7, 999_999_999]);
  t.ok(spaced.every((round, i) => i === 0 || round > spaced[i - 1]!));
  t.strictSame([...scheduleToTry(1, 2, 3, 1)], [{ t: 1, n: 3, f: 1 }]);
  t.end();
});

t.test('a learning rate below 0 in any of so many rounds is refused', (t) => {
  const learningRate = 't == 7 ? -1 : 0.1';
  t.match(refusal({ ...BASE, rounds: 2001, learningRate }), { learningRate: /gives -1, and it must be at least 0, for t = 7, n = 3, f = 1/ });
  t.match(refusal({ ...BASE, rounds: 2001, learningRate: '1 / (t - 1999)' }), { learningRate: /at least 0|not a finite/ });
  t.strictSame(refusal({ ...BASE, rounds: 7, learningRate }), {});
  t.end();
});

t.test('what no try has shown ends the run with an error that names the round', async (t) => {
  const cases: [object, RegExp][] = [
    [{ learningRate: 't == 7 ? -1 : 0.1' }, /^in round 7, learningRate: .*gives -1, and it must be at least 0/],
    [{ learningRate: 't == 7 ? 1 / 0 : 0.1' }, /^in round 7, learningRate: .*gives Infinity, which is not a finite number/],
    [{ attack: { name: 'gaussian', sigma: 't == 7 ? -1 : 1' } }, /^in round 7, attack: gaussian needs sigma ≥ 0: sigma = -1/],
    [{ attack: { name: 'gaussian', sigma: 't == 7 ? 0 / 0 : 1' } }, /^in round 7, attack.*sigma: .*gives NaN/],
  ];
  for (const [change, message] of cases) {
    let last = -1;
    const run = simulate({ ...LONG, ...change }, { threads: 1 });
    await t.rejects(run.result, { name: 'ScheduleError', round: 7, message }, JSON.stringify(change));
    const rounds = async (): Promise<void> => {
      for await (const { round } of run) last = round;
    };
    await t.rejects(rounds(), ScheduleError);
    t.equal(last, 6, 'the rounds before it are there');
  }
});

t.test('only what a scenario gets refused for becomes a ScheduleError', (t) => {
  t.equal(duringRound(1, () => 2), 2);
  t.throws(() => duringRound(3, () => { throw new ScenarioError([{ path: 'x', message: 'y' }]); }), { name: 'ScheduleError', message: 'in round 3, x: y' });
  t.throws(() => duringRound(3, () => { throw new RangeError('z'); }), RangeError);
  t.end();
});
