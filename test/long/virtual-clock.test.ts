import t from 'tap';
import { POLICIES } from '../../lib/policies/registry.js';
import type { RunConfiguration } from '../../lib/scenario/configuration.js';
import { essence, runAll, small } from '../training/small.js';

const SHAPE = { workers: 51, byzantine: 12, rounds: 30, evaluateEvery: 30 };
const ROUGH = { speed: { distribution: 'pareto', spread: 0.6 }, slow: { count: 9, factor: 4 }, crashes: [{ worker: 14, at: 1.2, until: 2 }, { worker: 15, at: 0.5 }] };
const ATTACKS = ['none', { name: 'flood', factor: 3, lie: 'alie' }, 'stale', 'silent'];

/** Every policy, with a rule where it uses one, and Downpour, each under two of the attacks. */
function runs(): RunConfiguration[] {
  const policies = Array.from(POLICIES, (policy) => {
    const shape = { n: 51, f: 12, d: 1 };
    return { aggregator: policy.rowsAtRule(shape, policy.resolve({}, shape)) === undefined ? 'mean' : 'trimmed-mean', mode: { name: 'asynchronous', policy: policy.name, damping: 'inverse', ...ROUGH } };
  });
  const downpour = [{ nFetch: 1, nPush: 1 }, { nFetch: 4, nPush: 3 }].map((every) => ({ aggregator: undefined, learningRate: 0.01, mode: { name: 'downpour', ...every, ...ROUGH } }));
  return [...policies, ...downpour].flatMap((changes, place) => [0, 1].map((more) => small({ ...SHAPE, ...changes, attack: ATTACKS[(place + more) % ATTACKS.length] })));
}

t.test('virtual-clock runs give the same hash for 1, 2, 3 and 51 threads, for every policy and for Downpour', { timeout: 1_200_000 }, async (t) => {
  const all = runs();
  const [first, ...others] = [await runAll(all, 1), await runAll(all, 2), await runAll(all, 3), await runAll(all, 51)];
  all.forEach(({ mode, attack }, index) => {
    const expected = JSON.stringify(essence(first[index]!));
    t.ok(others.every((outcomes) => JSON.stringify(essence(outcomes[index]!)) === expected), `${JSON.stringify(mode)} under ${attack.name}`);
  });
});
