import t from 'tap';
import { SYNCHRONOUS_ATTACKS } from '../training/pairs.js';
import { AGGREGATORS } from '../../lib/aggregators/registry.js';
import type { RunConfiguration } from '../../lib/scenario/configuration.js';
import { essence, runAll, small } from '../training/small.js';

const PLACEMENTS = ['none', { placement: 'worker', beta: 0.9 }, { placement: 'server', beta: 0.9 }, { placement: 'update', beta: 0.9 }] as const;
const PARTITIONS = ['iid', { name: 'dirichlet', alpha: 0.3 }, { name: 'label-shards', labels: 2 }] as const;
const THREADS = [1, 2, 5, 13];
/** What an attack needs here: `lp-coordinate` is searched for otherwise, and a partition may leave the Byzantine workers few images to train on. */
const NEEDED: Readonly<Record<string, object>> = { 'lp-coordinate': { gamma: 0.1 }, 'alie-backdoor': { images: 20, epochs: 2, batchSize: 15 }, 'model-replacement': { images: 20, epochs: 2, batchSize: 15 } };

/** Every rule against every attack; momentum, partition and placement change from one to the next. */
function everyPair(): RunConfiguration[] {
  const rules = AGGREGATORS.names;
  const attacks = SYNCHRONOUS_ATTACKS;
  return rules.flatMap((name, i) =>
    attacks.map((attack, j) =>
      small({
        aggregator: { name, f: 2 },
        attack: { name: attack, ...NEEDED[attack] },
        seed: i * attacks.length + j,
        momentum: PLACEMENTS[(i + j) % PLACEMENTS.length],
        partition: PARTITIONS[(i + 2 * j) % PARTITIONS.length],
        byzantine: { count: 2, placement: (['first', 'spread', 'seeded'] as const)[(i + j) % 3] },
        weightDecay: j % 2 === 0 ? 0 : 1e-4,
        rounds: 8,
      }),
    ),
  );
}

t.test('every rule under every attack gives the same bits for any number of threads', { timeout: 1_200_000 }, async (t) => {
  const runs = everyPair();
  const [first = [], ...others] = await inTurn(THREADS, (threads) => runAll(runs, threads));
  runs.forEach(({ aggregator, attack }, index) => {
    const expected = JSON.stringify(essence(first[index]!));
    t.ok(others.every((outcomes) => JSON.stringify(essence(outcomes[index]!)) === expected), `${aggregator.name} under ${attack.name}`);
  });
});

t.test('the paper’s network gives the same bits for any number of threads over many rounds', { timeout: 1_200_000 }, async (t) => {
  const run = small({
    workers: 51, byzantine: 12, model: { name: 'mlp', hidden: [100] }, batchSize: 32, rounds: 30, evaluateEvery: 10,
    momentum: { placement: 'update', beta: 0.9 }, aggregator: { name: 'bulyan', preset: 'baruch-2019-code' }, attack: 'alie',
  });
  const outcomes = await inTurn([1, 2, 7, 51], (threads) => runAll([run], threads));
  const [expected, ...others] = outcomes.map(([outcome]) => JSON.stringify(essence(outcome!)));
  t.ok(others.every((other) => other === expected));
});

async function inTurn<T, R>(items: readonly T[], action: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await action(item));
  return results;
}
