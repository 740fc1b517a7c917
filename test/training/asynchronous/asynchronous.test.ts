import t from 'tap';
import { POLICIES } from '../../../lib/policies/registry.js';
import { essence, runAll, SMALL, small } from '../small.js';
import { expand } from '../../../lib/scenario/expand.js';

const MODE = { name: 'asynchronous' };
/** Policies that take rows one by one have no use for a rule. */
const ruleFor = (policy: string): string => (POLICIES.get(policy).rowsAtRule({ n: 13, f: 2, d: 1 }, POLICIES.get(policy).resolve({}, { n: 13, f: 2, d: 1 })) === undefined ? 'mean' : 'trimmed-mean');

t.test('the same bits and records for every number of threads, for every policy, with crashes, stragglers, damping and lies', async (t) => {
  const runs = POLICIES.names.map((policy) =>
    small({
      aggregator: ruleFor(policy), attack: { name: 'flood', factor: 3, lie: 'alie' }, rounds: 12, evaluateEvery: 6, momentum: { placement: 'worker', beta: 0.5 },
      mode: { ...MODE, policy, damping: 'inverse', slow: { count: 3, factor: 4 }, crashes: [{ worker: 4, at: 1.2, until: 2 }, { worker: 5, at: 0.5 }] },
    }),
  );
  const [one, ...others] = await Promise.all([1, 2, 3, 13].map((threads) => runAll(runs, threads)));
  for (const other of others) t.same(other.map(essence), one!.map(essence));
  t.equal(new Set(one!.map(({ result }) => result.parametersHash)).size, runs.length, 'policies differ');
});

t.test('with constant speeds and a policy that waits for all, it is synchronous training', async (t) => {
  const asynchronous = small({ aggregator: 'trimmed-mean', byzantine: 0, rounds: 5, mode: { ...MODE, policy: { name: 'buffered', K: 13 }, speed: { distribution: 'constant' } } });
  const synchronous = small({ aggregator: 'trimmed-mean', byzantine: 0, rounds: 5 });
  const [a, b] = await runAll([asynchronous, synchronous], 2);
  // Worker 12's arrival makes the step; the others had begun their next row on the old parameters, so only the first step is the same.
  const [first] = a!.records;
  t.equal(first!.trainLoss, b!.records[0]!.trainLoss);
  t.same(first!.asynchronous, { time: 1, arrivals: Array.from({ length: 13 }, (_, worker) => worker), rejected: [], used: Array.from({ length: 13 }, (_, worker) => ({ worker, staleness: 0 })) });
});

t.test('synchronous training may have the clock too: a round lasts as long as its slowest worker, and nothing else changes', async (t) => {
  const timing = { speed: { distribution: 'pareto', spread: 0.6 }, slow: { count: 2, factor: 3 } };
  const [timed, plain] = await runAll([small({ byzantine: 0, rounds: 4, mode: { name: 'synchronous', ...timing } }), small({ byzantine: 0, rounds: 4 })], 2);
  t.equal(timed!.result.parametersHash, plain!.result.parametersHash);
  t.ok(plain!.records.every(({ asynchronous }) => asynchronous === undefined));
  // The first arrivals of an asynchronous run come at the same times as the first round's rows.
  const [asynchronous] = await runAll([small({ byzantine: 0, rounds: 1, mode: { ...MODE, policy: { name: 'latest', k: 13 }, ...timing } })], 2);
  const times = timed!.records.map(({ asynchronous: record }) => record!.time);
  t.equal(times[0], asynchronous!.records[0]!.asynchronous!.time);
  t.ok(times.every((time, round) => time > (times[round - 1] ?? 0)));
  t.same(timed!.records[0]!.asynchronous!.used, Array.from({ length: 13 }, (_, worker) => ({ worker, staleness: 0 })));
  const refused = (mode: object, message: RegExp) => t.throws(() => expand({ ...SMALL, mode: { name: 'synchronous', ...mode } }), { name: 'ScenarioError', message });
  refused({ slow: { count: 1, factor: 2 } }, /without a speed there is no virtual clock/);
  refused({ speed: {}, slow: { count: 14, factor: 2 } }, /mode\.slow.*at most 13/);
  refused({ speed: { distribution: 'uniform', spread: 2 } }, /mode\.speed\.spread/);
});

t.test('async-sgd with one worker is plain stochastic gradient descent', async (t) => {
  const [a, b] = await runAll([small({ workers: 1, byzantine: 0, rounds: 9, mode: { ...MODE, policy: 'async-sgd' } }), small({ workers: 1, byzantine: 0, rounds: 9 })], 1);
  t.equal(a!.result.parametersHash, b!.result.parametersHash);
});

t.test('staleness is how many steps were taken between fetching and use', async (t) => {
  const [{ records }] = (await runAll([small({ byzantine: 0, rounds: 40, mode: { ...MODE, policy: 'async-sgd' } })], 2)) as [Awaited<ReturnType<typeof runAll>>[0]];
  const last = new Map<number, number>();
  for (const { round, asynchronous } of records) {
    const [{ worker, staleness }] = asynchronous!.used as [{ worker: number; staleness: number }];
    // It fetched just after its own last step, or at the start.
    t.equal(staleness, round - (last.has(worker) ? last.get(worker)! + 1 : 0));
    last.set(worker, round);
  }
});

t.test('workers that are silent are done without where the rule tolerates them; when nobody is left the run ends and says so', async (t) => {
  const silent = (changes: object) => small({ attack: 'silent', rounds: 8, ...changes });
  const [tolerated, alone] = await runAll(
    [
      silent({ aggregator: 'trimmed-mean', mode: { ...MODE, policy: 'latest' } }),
      small({ byzantine: 0, rounds: 50, mode: { ...MODE, policy: 'async-sgd', speed: { distribution: 'constant' }, crashes: Array.from({ length: 13 }, (_, worker) => ({ worker, at: 2.5 })) } }),
    ],
    2,
  );
  t.equal(tolerated!.result.status, 'completed');
  t.ok(tolerated!.records.every(({ asynchronous }) => asynchronous!.arrivals.every((worker) => worker >= 2)), 'nothing comes from the two');
  t.equal(alone!.result.status, 'diverged');
  t.match(alone!.result.reason, /nobody is left/);
  t.equal(alone!.result.rounds, 26, 'two rows of each were there');
});

t.test('stale workers send their first row again and again; an attack window limits it', async (t) => {
  const base = { aggregator: 'mean', rounds: 30, mode: { ...MODE, policy: 'async-sgd' } };
  const [honest, stale, later] = await runAll([small({ ...base, attack: 'none' }), small({ ...base, attack: 'stale' }), small({ ...base, attack: { name: 'stale', start: 29 } })], 2);
  t.not(stale!.result.parametersHash, honest!.result.parametersHash);
  t.equal(later!.result.parametersHash, honest!.result.parametersHash, 'the first old row is the row of its time');
});

t.test('rows that are not finite are rejected one by one', async (t) => {
  const [{ result, records }] = (await runAll([small({ attack: 'nan', rounds: 20, mode: { ...MODE, policy: 'async-sgd' } })], 2)) as [Awaited<ReturnType<typeof runAll>>[0]];
  t.equal(result.status, 'completed');
  const rejected = records.flatMap(({ asynchronous }) => asynchronous!.rejected);
  t.ok(rejected.length > 0);
  t.ok(rejected.every(({ worker, reason }) => worker < 2 && reason === 'not finite'));
});

t.test('rules that need the server\'s samples work under every policy that uses a rule, and keep lies out', async (t) => {
  const attacked = { attack: { name: 'sign-flip', scale: 10 }, byzantine: 4, rounds: 30, evaluateEvery: 30, learningRate: 0.2 };
  const runs = [
    ...['fltrust', 'zeno', 'mean'].flatMap((aggregator) => ['latest', 'buffered', { name: 'basgd', B: 9 }].map((policy) => small({ ...attacked, aggregator, mode: { ...MODE, policy } }))),
    // More rows reach the rule than there are workers.
    small({ ...attacked, aggregator: { name: 'zeno', b: 14 }, server: { samples: 250 }, mode: { ...MODE, policy: { name: 'buffered', K: 30 } } }),
  ];
  const [outcomes, again] = await Promise.all([2, 3].map((threads) => runAll(runs, threads)));
  t.same(again!.map(essence), outcomes!.map(essence));
  outcomes!.forEach(({ result: { maxAccuracy, config } }) => {
    t.equal(maxAccuracy > 0.4, config.aggregator.name !== 'mean', `${config.aggregator.name} ${JSON.stringify(config.mode)}: ${maxAccuracy}`);
  });
});

t.test('the server\'s gradient is taken at the parameters that it has at that moment', async (t) => {
  // With constant speeds and K = n the first step of both is made of the same rows at the same parameters.
  const first = { aggregator: 'fltrust', rounds: 1, byzantine: 0 };
  const [a, b] = await runAll([small({ ...first, mode: { ...MODE, policy: { name: 'buffered', K: 13 }, speed: { distribution: 'constant' } } }), small(first)], 2);
  t.equal(a!.result.parametersHash, b!.result.parametersHash);
});

t.test('zeno++ learns where rows without protection destroy everything, and rejects the Byzantine workers\' alone', async (t) => {
  const attacked = { attack: { name: 'flood', factor: 5 }, byzantine: 4, rounds: 250, evaluateEvery: 50, learningRate: 0.05, aggregator: 'mean' };
  const [zeno, none] = await runAll([small({ ...attacked, mode: { ...MODE, policy: 'zeno++' } }), small({ ...attacked, mode: { ...MODE, policy: 'async-sgd' } })], 2);
  t.ok(zeno!.result.finalAccuracy > 0.4, `zeno++ ${zeno!.result.finalAccuracy}`);
  t.notOk(none!.result.finalAccuracy > 0.2, `async-sgd ${none!.result.finalAccuracy}`);
  const rejected = zeno!.records.flatMap(({ asynchronous }) => asynchronous!.rejected);
  const byzantine = rejected.filter(({ worker }) => worker < 4);
  t.ok(byzantine.length > 0.9 * rejected.length && byzantine.length > 100);
});

t.test('what an asynchronous run can\'t use is refused, with what to do', async (t) => {
  const refused = (changes: object, message: RegExp) => t.throws(() => expand({ ...SMALL, mode: MODE, ...changes }), { name: 'ScenarioError', message });
  refused({ mode: { ...MODE, policy: 'async-sgd' }, aggregator: 'krum' }, /mode\.policy: async-sgd .* no use for a rule: write "aggregator": "mean"/);
  refused({ mode: { ...MODE, policy: 'latests' } }, /"latests"/);
  refused({ mode: { ...MODE, policy: { name: 'buffered', K: 5 } }, aggregator: 'krum' }, /krum needs n ≥ 2f \+ 3.*n = 5, f = 2/);
  refused({ mode: { ...MODE, policy: { name: 'basgd', B: 4 } } }, /basgd needs 2f < B/);
  refused({ mode: { ...MODE, policy: 'kardam' }, byzantine: 5 }, /kardam needs n ≥ 3f \+ 1/);
  refused({ mode: { ...MODE, damping: '1/(s' } }, /mode\.damping/);
  refused({ mode: { ...MODE, damping: 'inverse2' } }, /mode\.damping.*inverse2/);
  refused({ mode: { ...MODE, crashes: [{ worker: 13, at: 1 }] } }, /mode\.crashes\.0.*below 13/);
  refused({ mode: { ...MODE, speed: { distribution: 'pareto', spread: 1.5 } } }, /mode\.speed\.spread/);
  refused({ mode: { ...MODE, policy: 'zeno++' } }, /server\.samples: is required: zeno\+\+ needs a gradient on samples at the server/);
  refused({ mode: 'synchronous', attack: 'flood' }, /attack: flood acts on when rows are sent.*"mode": "asynchronous"/);
});
