import t from 'tap';
import { planSession } from '../../lib/training/session.js';
import { byzantineWorkers } from '../../lib/training/byzantine.js';
import { runAll, small, type Outcome } from './small.js';

const hash = (outcome: Outcome | undefined): string => outcome!.result.parametersHash;

t.test('an attack is active from its first round up to, not including, its stop', async (t) => {
  const attack = { name: 'sign-flip', scale: 5, start: 2, stop: 4 };
  const runs = [1, 2, 3, 4, 6].flatMap((rounds) => [small({ rounds, attack }), small({ rounds })]);
  const outcomes = await runAll(runs, 1);
  const attacked = outcomes.filter((_, index) => index % 2 === 0);
  const honest = outcomes.filter((_, index) => index % 2 === 1);
  t.same(attacked.at(-1)!.records.map((record) => record.attacked), [false, false, true, true, false, false]);
  t.ok(honest.at(-1)!.records.every((record) => !record.attacked));
  t.same([0, 1].map((k) => hash(attacked[k])), [0, 1].map((k) => hash(honest[k])), 'two rounds without a trace of it');
  t.not(hash(attacked[2]), hash(honest[2]), 'then it shows');
});

t.test('an attack without an end goes on to the last round', async (t) => {
  const [outcome] = await runAll([small({ attack: { name: 'zero', start: 1 }, rounds: 4 })], 1);
  t.same(outcome!.records.map(({ attacked }) => attacked), [false, true, true, true]);
});

t.test('a stopped attack leaves the workers’ own velocities behind, not the lies', async (t) => {
  // The mean of no lies: after the stop, rows are what they would be had the parameters gone the same way. With lr = 0 they did.
  const still = { learningRate: 0, momentum: { placement: 'worker', beta: 0.9 }, rounds: 4 };
  const [attacked, honest] = await runAll([small({ ...still, attack: { name: 'huge', stop: 2 } }), small(still)], 1);
  for (const round of [2, 3]) {
    const { seconds: _, attacked: __, ...after } = attacked!.records[round]!;
    const { seconds: ___, attacked: ____, ...without } = honest!.records[round]!;
    t.same(after, without, `round ${round}`);
  }
  t.not(attacked!.records[1]!.distance, honest!.records[1]!.distance);
});

t.test('without Byzantine workers an attack changes nothing, and no round says it was attacked', async (t) => {
  const [attacked, honest] = await runAll([small({ byzantine: 0, attack: 'huge' }), small({ byzantine: 0 })], 1);
  t.equal(hash(attacked), hash(honest));
  t.notOk(attacked!.records.some((record) => record.attacked));
});

t.test('an attack that changes from round to round is given the round', async (t) => {
  // z = 0 in round 0: the mean of the Byzantine workers' rows; then 1.5 deviations from it.
  const runs = ['1.5 * (t > 0)', 0, 1.5].flatMap((z) => [1, 2].map((rounds) => small({ attack: { name: 'alie', z }, rounds })));
  const [changing1, changing2, zero1, zero2, one1, one2] = (await runAll(runs, 1)).map(hash);
  t.equal(changing1, zero1);
  t.not(changing1, one1);
  t.not(changing2, zero2);
  t.not(changing2, one2);
});

t.test('Byzantine workers are the first, spread evenly, or drawn from the seed', async (t) => {
  const place = (placement: 'first' | 'spread' | 'seeded', count: number, workers: number, seed = 0): number[] =>
    byzantineWorkers({ workers, byzantine: { count, placement }, seed });
  t.same(place('first', 3, 10), [0, 1, 2]);
  for (const [count, workers] of [[3, 10], [4, 13], [1, 5], [9, 10], [0, 4]] as const) {
    const spread = place('spread', count, workers);
    t.equal(new Set(spread).size, count, 'all different');
    const gaps = spread.map((worker, k) => (spread[k + 1] ?? workers + (spread[0] as number)) - worker);
    t.ok(gaps.every((gap) => Math.abs(gap - workers / count) <= 1), `${count} of ${workers}: gaps ${gaps.join(', ')}`);
  }
  const drawn = Array.from({ length: 50 }, (_, seed) => place('seeded', 3, 10, seed));
  t.ok(drawn.every((workers) => new Set(workers).size === 3 && workers.every((worker, k) => worker >= 0 && worker < 10 && (k === 0 || worker > workers[k - 1]!))));
  t.equal(new Set(drawn.flat()).size, 10, 'every worker has its turn');
  t.same(place('seeded', 3, 10, 7), place('seeded', 3, 10, 7));
});

t.test('rows that are not finite are removed and named, wherever the Byzantine workers are, and training goes on', async (t) => {
  const runs = (['first', 'spread', 'seeded'] as const).flatMap((placement) =>
    ['nan', 'inf'].flatMap((attack) =>
      ['krum', 'trimmed-mean', 'bulyan', { name: 'mean', f: 2 }].map((aggregator) => small({ aggregator, attack, byzantine: { count: 2, placement } })),
    ),
  );
  for (const { result, records, parameters } of await runAll(runs, 1)) {
    const { aggregator, attack, byzantine } = result.config;
    const corrupted = byzantineWorkers(result.config);
    const label = `${aggregator.name}, ${attack.name}, ${byzantine.placement}`;
    t.equal(result.status, 'completed', label);
    t.ok(parameters.every(Number.isFinite), label);
    for (const { removed, weights, byzantineWeight } of records) {
      t.same(removed, corrupted, label);
      if (weights === undefined) continue;
      t.equal(weights.length, 13, 'weights are by worker, removed ones included');
      t.ok(corrupted.every((worker) => weights[worker] === 0));
      t.equal(byzantineWeight, 0);
    }
  }
});

t.test('weights that a rule gives are told by worker, and their Byzantine share is right', async (t) => {
  const [mean, krum] = await runAll([small({ attack: 'alie' }), small({ attack: 'huge', aggregator: 'krum' })], 1);
  for (const { weights, byzantineWeight } of mean!.records) {
    t.ok(weights!.every((weight) => Math.abs(weight - 1 / 13) < 1e-12));
    t.ok(Math.abs(byzantineWeight! - 2 / 13) < 1e-12);
  }
  for (const { weights, byzantineWeight } of krum!.records) {
    t.same([...weights!].sort(), [...new Array<number>(12).fill(0), 1], 'one row counts');
    t.equal(byzantineWeight, 0, 'and it is none of the far ones');
  }
});

t.test('memory for crafted rows is planned for an attack alone, one row where all lies are the same', async (t) => {
  const attacks = ['none', 'zero', 'gaussian'];
  const { runs } = await planSession(attacks.map((attack) => small({ attack })), { threads: 1, dataFolders: [] });
  t.same(runs.map(({ layout: { craft, rowStride } }) => craft.crafted.length / rowStride), [0, 1, 2]);
});
