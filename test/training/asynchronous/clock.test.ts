import fc from 'fast-check';
import t from 'tap';
import { VirtualClock } from '../../../lib/training/asynchronous/clock.js';

const STILL = { slow: { count: 0, factor: 1 }, crashes: [] };
const speed = (distribution: 'constant' | 'uniform' | 'log-normal' | 'pareto', mean = 1, spread = 0.3) => ({ distribution, mean, spread });

t.test('events come in the order of time, equal times in the order of the workers', async (t) => {
  const clock = new VirtualClock(1, 3, { ...STILL, speed: speed('constant', 2) });
  for (const worker of [2, 0, 1]) clock.begin(worker, 0);
  const first = [clock.next(), clock.next()];
  t.same(first, [{ time: 2, worker: 0, kind: 'arrival' }, { time: 2, worker: 1, kind: 'arrival' }]);
  clock.begin(0, 1);
  t.same([clock.next(), clock.next(), clock.next()], [{ time: 2, worker: 2, kind: 'arrival' }, { time: 4, worker: 0, kind: 'arrival' }, undefined]);
});

t.test('every distribution has its mean, and its draws depend on nothing but the key', async (t) => {
  for (const distribution of ['constant', 'uniform', 'log-normal', 'pareto'] as const) {
    const draws = (order: 1 | -1): number[] =>
      Array.from({ length: 20_000 }, (_, k) => (order === 1 ? k : 19_999 - k)).map((gradient) => {
        const clock = new VirtualClock(3, 1, { ...STILL, speed: speed(distribution, 5) });
        clock.begin(0, gradient);
        return clock.next()!.time;
      });
    const values = draws(1);
    // Five standard errors of the widest of them, the pareto one: its deviation is 5 · 0.7 · √(0.1/(0.3² …)) < 5.
    t.ok(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length - 5) < (5 * 5) / Math.sqrt(20_000), distribution);
    t.ok(values.every((value) => value > 0));
    t.same(draws(-1).reverse().slice(0, 50), values.slice(0, 50));
  }
});

t.test('slow workers are the last ones; in a hurry is who is told to be', async (t) => {
  const clock = new VirtualClock(1, 3, { speed: speed('constant'), slow: { count: 1, factor: 5 }, crashes: [] }, (worker) => (worker === 0 ? 4 : 1));
  for (const worker of [0, 1, 2]) clock.begin(worker, 0);
  t.same([clock.next()!.time, clock.next()!.time, clock.next()!.time], [0.25, 1, 5]);
});

t.test('a crash loses what is under way, and comes before an arrival at the same time', async (t) => {
  const clock = new VirtualClock(1, 2, { speed: speed('constant'), slow: STILL.slow, crashes: [{ worker: 0, at: 1, until: 1.5 }, { worker: 1, at: 7 }] });
  clock.begin(0, 0);
  clock.begin(1, 0);
  t.same([clock.next(), clock.next(), clock.next(), clock.next(), clock.next()], [
    { time: 1, worker: 0, kind: 'crash' },
    { time: 1, worker: 1, kind: 'arrival' },
    { time: 1.5, worker: 0, kind: 'recovery' },
    { time: 7, worker: 1, kind: 'crash' },
    undefined,
  ]);
});

t.test('time never runs back', async () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom('constant' as const, 'uniform' as const, 'log-normal' as const, 'pareto' as const), fc.integer({ min: 1, max: 9 }), (seed, distribution, n) => {
      const clock = new VirtualClock(seed, n, { speed: speed(distribution), slow: { count: 1, factor: 3 }, crashes: [{ worker: 0, at: 2, until: 4 }] });
      const begun = new Array<number>(n).fill(0);
      for (let worker = 0; worker < n; worker++) clock.begin(worker, 0);
      let last = 0;
      for (let step = 0; step < 100; step++) {
        const event = clock.next();
        if (event === undefined) return n === 1;
        if (event.time < last) return false;
        last = event.time;
        if (event.kind !== 'crash') clock.begin(event.worker, (begun[event.worker]! += 1));
      }
      return true;
    }),
  );
});
