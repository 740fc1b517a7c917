import t from 'tap';
import { expand } from '../../lib/scenario/expand.js';
import { planSession } from '../../lib/training/session.js';
import { essence, runAll, small, SMALL, type Outcome } from './small.js';

/** All but what names the attack. */
function course(outcome: Outcome | undefined): string {
  const { config: _, ...same } = essence(outcome!) as Record<string, unknown>;
  return JSON.stringify(same);
}

t.test('an attacker who tries the rule changes neither its state nor its randomness: only the row that is reported counts', async (t) => {
  // A search of one evaluation tries the rule, and reports the row of an attack that tries nothing.
  const pairs = [
    [{ name: 'optimal-ipm', max: 0.5, evaluations: 1 }, { name: 'ipm', epsilon: 0.5 }],
    [{ name: 'optimal-alie', max: 1.5, evaluations: 1 }, { name: 'alie', preset: 'byzfl' }],
  ];
  const defences = [
    { aggregator: 'centered-clipping' },
    { aggregator: { name: 'centered-clipping', tau: 0.1, L: 3 }, preaggregators: ['bucketing'] },
    { aggregator: 'krum', preaggregators: ['nnm'], momentum: { placement: 'worker', beta: 0.9 } },
  ];
  for (const placement of ['first', 'seeded']) {
    const runs = defences.flatMap((defence) => pairs.flatMap((pair) => pair.map((attack) => small({ ...defence, attack, byzantine: { count: 2, placement } }))));
    const outcomes = await runAll(runs, 2);
    for (let pair = 0; pair < outcomes.length; pair += 2) {
      const { attack, aggregator } = runs[pair]!;
      t.equal(course(outcomes[pair]), course(outcomes[pair + 1]), `${attack.name} under ${aggregator.name}, ${placement}`);
    }
  }
});

t.test('and a search of many evaluations that finds nothing better changes nothing either', async (t) => {
  // Under the mean, whose output is linear in the lie, the first factor tried is the best.
  const [searched, fixed] = await runAll([{ name: 'optimal-ipm', max: 2 }, { name: 'ipm', epsilon: 2 }].map((attack) => small({ attack })), 2);
  t.equal(course(searched), course(fixed));
});

t.test('without Byzantine workers, and outside their window, attacks that search or learn change nothing', async (t) => {
  const attacks = [
    { name: 'optimal-alie', evaluations: 3 }, { name: 'optimal-ipm', evaluations: 3 }, { name: 'fang-krum' }, { name: 'fang-trim' }, { name: 'lp-coordinate', evaluations: 3 }, { name: 'mimic', learned: true },
    { name: 'label-flip' },
  ];
  const none = { aggregator: { name: 'krum', f: 2 }, byzantine: 0 };
  const late = { aggregator: 'krum', rounds: 2 };
  const runs = [small(none), ...attacks.map((attack) => small({ ...none, attack })), small(late), ...attacks.map((attack) => small({ ...late, rounds: 3, attack: { ...attack, start: 2 } }))];
  const outcomes = await runAll(runs, 1);
  const [honest, ...idle] = outcomes.slice(0, attacks.length + 1);
  const [before, ...behind] = outcomes.slice(attacks.length + 1);
  for (const [index, { name }] of attacks.entries()) {
    t.equal(idle[index]!.result.parametersHash, honest!.result.parametersHash, name);
    t.same(behind[index]!.records[1]!.trainLoss, before!.records[1]!.trainLoss, `${name}: two rounds without a trace of it`);
    t.ok(behind[index]!.records[2]!.attacked);
  }
});

t.test('a mimic that learns goes on where it was, and copies one worker after its warmup', async (t) => {
  const [outcome] = await runAll([small({ aggregator: { name: 'krum', f: 2 }, attack: { name: 'mimic', learned: true, warmup: 2 }, partition: { name: 'label-shards', labels: 1 }, rounds: 6 })], 2);
  t.equal(outcome!.result.status, 'completed');
  t.ok(outcome!.records.every(({ attacked, removed }) => attacked && removed.length === 0));
});

t.test('what an attack needs of the rule is said before the start', async (t) => {
  const refused = (changes: object, message: RegExp) => t.throws(() => expand({ ...SMALL, ...changes }), { name: 'ScenarioError', message });
  refused({ attack: 'lp-coordinate', aggregator: 'median' }, /^attack: lp-coordinate looks for.*median works by coordinate; give gamma/);
  refused({ attack: 'lp-coordinate', aggregator: 'median', allowUnsafe: true }, /median works by coordinate/);
  refused({ attack: 'lp-coordinate', aggregator: 'krum', preaggregators: ['bucketing'] }, /bucketing mixes the rows/);
  refused({ attack: 'fang-krum', workers: 9, byzantine: 4, aggregator: 'mean' }, /fang-krum needs n ≥ 2f \+ 2/);
  refused({ attack: { name: 'fang-trim', b: '1 - t' } }, /in round 1, fang-trim needs b ≥ 1/);
  t.ok(expand({ ...SMALL, attack: { name: 'lp-coordinate', gamma: '0.1 * t' }, aggregator: 'median' }));
  t.ok(expand({ ...SMALL, attack: 'lp-coordinate', aggregator: 'krum' }));
});

t.test('a coordinate that the model does not have is refused before anything is allocated', async (t) => {
  const run = small({ attack: { name: 'lp-coordinate', gamma: 1, k: 31_810 } });
  await t.rejects(planSession([run], { threads: 1, dataFolders: [] }), { name: 'PreconditionError', message: /needs k < d.*k = 31810, d = 31810/ });
});

t.test('the memory of a search is known up front', async (t) => {
  const runs = [{ name: 'ipm' }, { name: 'optimal-ipm' }].map((attack) => small({ attack, aggregator: 'centered-clipping', preaggregators: ['nnm'] }));
  const [plain, searching] = (await planSession(runs, { threads: 1, dataFolders: [] })).runs;
  const rows = (count: number): number => count * 4 * 31_810;
  const more = searching!.bytes - plain!.bytes;
  t.ok(more > rows(13 + 2) && more < rows(13 + 5), `a second pipeline and its state: ${more} bytes`);
});
