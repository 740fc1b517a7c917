import t from 'tap';
import { iid } from '../../../lib/data/partitions/iid.js';
import { Stream } from '../../../lib/data/random.js';
import { mlp } from '../../../lib/models/mlp.js';
import { vector } from '../../../lib/models/shape.js';
import { expand } from '../../../lib/scenario/expand.js';
import { referenceGradient } from '../../models/reference.js';
import { essence, runAll, SMALL, small } from '../small.js';
import { firstParameters, trainingSamples } from '../textbook.js';

const MODE = { name: 'downpour' };
const { aggregator: _, ...WITHOUT_RULE } = SMALL;
/** The one run that differs from SMALL in so much; Downpour has no rule. */
const run = (changes: object) => small({ aggregator: undefined, ...changes });

t.test('the same bits and records for every number of threads, with crashes, stragglers and lies', async (t) => {
  const rough = { slow: { count: 3, factor: 4 }, crashes: [{ worker: 4, at: 1.2, until: 2 }, { worker: 5, at: 0.5 }] };
  const runs = [
    run({ rounds: 40, evaluateEvery: 15, attack: { name: 'flood', factor: 3, lie: 'alie' }, learningRate: 0.01, mode: { ...MODE, ...rough, nFetch: 3, nPush: 2 } }),
    run({ rounds: 40, evaluateEvery: 15, attack: 'stale', mode: { ...MODE, ...rough, optimizer: 'sgd', speed: { distribution: 'pareto', spread: 0.7 } } }),
    run({ rounds: 40, evaluateEvery: 15, attack: 'silent', learningRate: 0.01, weightDecay: 0.01, mode: { ...MODE, nFetch: 1, nPush: 5, localLearningRate: 0 } }),
  ];
  const [one, ...others] = await Promise.all([1, 2, 3, 13].map((threads) => runAll(runs, threads)));
  for (const other of others) t.same(other.map(essence), one!.map(essence));
  t.ok(one!.every(({ result }) => result.status === 'completed'));
});

t.test('fetching and pushing every time, and without Adagrad, it is asynchronous training without protection', async (t) => {
  const same = { rounds: 60, attack: { name: 'flood', factor: 3 }, learningRate: 0.02 };
  const [downpour, asynchronous] = await runAll([run({ ...same, mode: { ...MODE, optimizer: 'sgd' } }), small({ ...same, mode: { name: 'asynchronous', policy: 'async-sgd' } })], 2);
  t.equal(downpour!.result.parametersHash, asynchronous!.result.parametersHash);
  t.same(downpour!.records.map(({ asynchronous: record }) => record!.used), asynchronous!.records.map(({ asynchronous: record }) => record!.used));
});

interface Setting {
  readonly nFetch: number;
  readonly nPush: number;
  readonly optimizer: 'adagrad' | 'sgd';
}

/** Algorithm 7.1 of the paper and Adagrad in float64: workers of constant speed, one after another. */
async function train({ nFetch, nPush, optimizer }: Setting, workers: number, pushes: number, batchSize: number, rate: number, localRate: number) {
  const layers = mlp.layers({ hidden: [6] }, vector(784), 10);
  const { images, labels } = await trainingSamples(250);
  const shards = iid.partition(Uint8Array.from(labels), 10, workers, {}, new Stream(5, 'partition'));
  const start = firstParameters(layers, 5);
  const server = start.slice();
  const squares = new Float64Array(server.length);
  const replicas = Array.from({ length: workers }, () => ({ parameters: server.slice(), accrued: new Float64Array(server.length) }));
  let made = 0;
  for (let step = 0; made < pushes; step++) {
    for (const [worker, replica] of replicas.entries()) {
      const shard = shards.indices.subarray(shards.offsets[worker], shards.offsets[worker + 1]);
      const batch = Array.from({ length: batchSize }, (_, k) => shard[(step * batchSize + k) % shard.length]!);
      const { gradient } = referenceGradient(layers, replica.parameters, batch.map((sample) => images[sample]!), batch.map((sample) => labels[sample]!));
      gradient.forEach((slope, k) => {
        replica.accrued[k]! += slope;
        replica.parameters[k]! -= localRate * slope;
      });
      if (step % nPush === 0 && made < pushes) {
        replica.accrued.forEach((push, k) => {
          squares[k]! += push * push;
          const divisor = optimizer === 'sgd' ? 1 : Math.sqrt(squares[k]!);
          if (divisor > 0) server[k]! -= (rate * push) / divisor;
        });
        replica.accrued.fill(0);
        made += 1;
      }
      if ((step + 1) % nFetch === 0) replica.parameters.set(server);
    }
  }
  return { start, end: server };
}

t.test('the parameters are those of a float64 reference', async (t) => {
  const settings: Setting[] = [
    { nFetch: 3, nPush: 2, optimizer: 'adagrad' },
    { nFetch: 1, nPush: 4, optimizer: 'adagrad' },
    { nFetch: 4, nPush: 1, optimizer: 'sgd' },
    { nFetch: 2, nPush: 3, optimizer: 'sgd' },
  ];
  const runs = settings.map((setting) =>
    run({
      seed: 5, workers: 4, byzantine: 0, batchSize: 4, rounds: 14, learningRate: 0.05, dataset: { name: 'digits', trainSamples: 250, testSamples: 1 }, model: { name: 'mlp', hidden: [6] },
      mode: { ...MODE, ...setting, localLearningRate: 0.2, speed: { distribution: 'constant' } },
    }),
  );
  const outcomes = await runAll(runs, 2);
  for (const [index, setting] of settings.entries()) {
    const { start, end } = await train(setting, 4, 14, 4, 0.05, 0.2);
    const { parameters } = outcomes[index]!;
    let difference = 0;
    let way = 0;
    end.forEach((value, k) => {
      difference += (value - parameters[k]!) ** 2;
      way += (value - start[k]!) ** 2;
    });
    t.ok(Math.sqrt(difference / way) < 1e-4, `${JSON.stringify(setting)}: off by ${Math.sqrt(difference / way)} of the way that the parameters went`);
  }
});

t.test('what is fetched and pushed is counted, in bytes', async (t) => {
  const [{ records, parameters }] = (await runAll([run({ byzantine: 0, rounds: 39, mode: { ...MODE, nFetch: 5, nPush: 3, speed: { distribution: 'constant' } } })], 2)) as [Awaited<ReturnType<typeof runAll>>[0]];
  const traffic = records.map(({ asynchronous }) => asynchronous!.traffic!);
  const total = (pick: (one: (typeof traffic)[0]) => number) => traffic.reduce((sum, one) => sum + pick(one), 0);
  // Thirteen workers push after their steps 0, 3 and 6, and fetch before their steps 0 and 5.
  t.equal(total(({ pushes }) => pushes), 39);
  t.equal(total(({ fetches }) => fetches), 26);
  t.equal(total(({ pushedBytes }) => pushedBytes), 39 * 4 * parameters.length);
  t.equal(total(({ fetchedBytes }) => fetchedBytes), 26 * 4 * parameters.length);
  t.equal(records.at(-1)!.asynchronous!.time, 7);
  t.same(records.at(-1)!.asynchronous!.used, [{ worker: 12, staleness: 38 - 26 }], 'fetched after its fifth step, when each had pushed twice');
});

t.test('nobody protects the server: turned gradients that come often undo what the others learn', async (t) => {
  const learning = { byzantine: 4, rounds: 300, evaluateEvery: 300, learningRate: 0.01, mode: MODE };
  const [none, flood] = await runAll([run({ ...learning, attack: 'none' }), run({ ...learning, attack: { name: 'flood', factor: 10 } })], 2);
  t.ok(none!.result.finalAccuracy > 0.5, `without ${none!.result.finalAccuracy}`);
  t.notOk(flood!.result.finalAccuracy > 0.2, `with ${flood!.result.finalAccuracy}`);
});

t.test('pushes that are not finite are rejected; when nobody is left the run ends and says so', async (t) => {
  const [nan, alone] = await runAll(
    [
      run({ attack: 'nan', rounds: 30, mode: { ...MODE, nPush: 2 } }),
      run({ byzantine: 0, rounds: 50, mode: { ...MODE, speed: { distribution: 'constant' }, crashes: Array.from({ length: 13 }, (_, worker) => ({ worker, at: 2.5 })) } }),
    ],
    2,
  );
  t.equal(nan!.result.status, 'completed');
  const rejected = nan!.records.flatMap(({ asynchronous }) => asynchronous!.rejected);
  t.ok(rejected.length > 0 && rejected.every(({ worker, reason }) => worker < 2 && reason === 'not finite'));
  t.equal(alone!.result.status, 'diverged');
  t.match(alone!.result.reason, /nobody is left/);
  t.equal(alone!.result.rounds, 26, 'two pushes of each were there');
});

t.test('what Downpour can\'t use is refused, with what to do', async (t) => {
  const refused = (changes: object, message: RegExp) => t.throws(() => expand({ ...WITHOUT_RULE, mode: MODE, ...changes }), { name: 'ScenarioError', message });
  refused({ aggregator: 'krum' }, /aggregator: "krum" has no meaning in the mode downpour.*leave aggregator out/);
  refused({ momentum: { placement: 'worker', beta: 0.9 } }, /momentum: .* has no meaning in the mode downpour/);
  refused({ mode: { ...MODE, nFetch: 0 } }, /mode\.nFetch.*at least 1/);
  refused({ mode: { ...MODE, crashes: [{ worker: 13, at: 1 }] } }, /mode\.crashes\.0.*below 13/);
  refused({ mode: { ...MODE, slow: { count: 14, factor: 2 } } }, /mode\.slow.*at most 13/);
  refused({ attack: 'optimal-alie' }, /optimal-alie searches against a round's pre-aggregators and rule, and the mode downpour has no rounds/);
  refused({ attack: { name: 'label-flip', start: 3 } }, /label-flip acts on data, and in the mode downpour/);
});
