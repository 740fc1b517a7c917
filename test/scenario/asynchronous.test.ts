import t from 'tap';
import { refusal } from './refusal.js';

const BASE = { workers: 8, byzantine: 2, dataset: 'digits', model: 'mlp', aggregator: 'mean', mode: { name: 'asynchronous', policy: 'async-sgd' } };

t.test('what a flood sends is an attack on rows, without a window of its own, and within its precondition', (t) => {
  const flood = (lie: unknown): Record<string, string> => refusal({ ...BASE, attack: { name: 'flood', lie } });
  for (const lie of ['label-flip', 'stale', 'flood', 'fang-krum', 'optimal-alie', 'alie-backdoor', 'nobody']) {
    t.match(flood(lie), { 'attack.lie': new RegExp(`^"${lie}" can't be sent in a flood; allowed: none, alie, .*sign-flip`) });
  }
  t.match(flood({ name: 'sign-flip', start: 3 }), { 'attack.lie': /no start or stop of its own/ });
  t.match(refusal({ ...BASE, byzantine: 1, attack: { name: 'flood', lie: { name: 'alie', ddof: 1 } } }), { 'attack.lie': /ddof/ });
  t.strictSame(flood({ name: 'alie', z: 1 }), {});
  t.strictSame(flood('sign-flip'), {});
  t.end();
});

t.test('crashes of one worker do not overlap; one may begin where another ends', (t) => {
  const crashes = (...list: object[]): Record<string, string> => refusal({ ...BASE, mode: { ...BASE.mode, crashes: list } });
  t.match(crashes({ worker: 1, at: 1, until: 100 }, { worker: 1, at: 2, until: 4 }), { 'mode.crashes.1': /no other crash of the same worker meanwhile/ });
  t.match(crashes({ worker: 1, at: 1 }, { worker: 1, at: 2, until: 4 }), { 'mode.crashes.1': /no other crash/ });
  t.strictSame(crashes({ worker: 1, at: 1, until: 5 }, { worker: 1, at: 5, until: 9 }, { worker: 2, at: 2 }), {});
  t.end();
});

t.test('a buffer that can’t fill before the run is given up is refused', (t) => {
  const buffered = (K: number): Record<string, string> => refusal({ ...BASE, mode: { name: 'asynchronous', policy: { name: 'buffered', K } } });
  t.match(buffered(801), { 'mode.policy': /K ≤ 100n: K = 801, n = 8/ });
  t.strictSame(buffered(800), {});
  t.end();
});
