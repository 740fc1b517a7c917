import t from 'tap';
import { craft } from '../../lib/attacks/craft.js';
import { ATTACKS } from '../../lib/attacks/registry.js';
import { actsOnData } from '../../lib/attacks/attack.js';
import { planSession } from '../../lib/training/session.js';
import { normalRows } from '../aggregators/rows.js';
import { runAll, small, type Outcome } from './small.js';

const hash = (outcome: Outcome | undefined): string => outcome!.result.parametersHash;

t.test('a map that changes no label is no attack, one that turns the labels round is the default', async (t) => {
  const maps = [undefined, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]];
  const runs = [small(), ...maps.map((map) => small({ attack: { name: 'label-flip', ...(map === undefined ? {} : { map }) } }))];
  const [honest, flipped, turned, same, shifted] = (await runAll(runs, 2)).map(hash);
  t.equal(turned, flipped);
  t.equal(same, honest);
  t.equal(new Set([honest, flipped, shifted]).size, 3);
});

t.test('labels are flipped in the rounds of the attack, for the corrupted workers and no others', async (t) => {
  const attack = { name: 'label-flip', start: 1, stop: 2 };
  const monna = (pivot: number, f: number) => ({ name: 'monna', pivot, f });
  // MoNNA with f = 12 of 13 may take the pivot's row alone: what is learned is what that worker reports.
  const runs = [0, 1, 2, 12].flatMap((pivot) => [
    small({ aggregator: monna(pivot, 12), allowUnsafe: true, attack, rounds: 2, evaluateEvery: 1 }),
    small({ aggregator: monna(pivot, 12), allowUnsafe: true, rounds: 2, evaluateEvery: 1 }),
  ]);
  const outcomes = await runAll(runs, 1);
  for (const [index, pivot] of [0, 1, 2, 12].entries()) {
    const [attacked, honest] = [outcomes[2 * index]!, outcomes[2 * index + 1]!];
    t.same(attacked.records.map((record) => record.attacked), [false, true]);
    t.equal(attacked.records[0]!.loss, honest.records[0]!.loss, 'before the attack');
    t.equal(hash(attacked) === hash(honest), pivot >= 2, `worker ${pivot}`);
  }
});

t.test('a corrupted worker keeps its own momentum, poisoned rounds included', async (t) => {
  const only = { aggregator: { name: 'monna', pivot: 0, f: 12 }, allowUnsafe: true, rounds: 3, learningRate: 0, momentum: { placement: 'worker', beta: 0.9 } };
  const [attacked, honest] = await runAll([small({ ...only, attack: { name: 'label-flip', stop: 1 } }), small(only)], 1);
  // With a rate of 0 the parameters stay, so that rows differ by their velocities alone.
  for (const round of [0, 1, 2]) t.not(attacked!.records[round]!.distance, honest!.records[round]!.distance, `round ${round}`);
  t.same(attacked!.records.map((record) => record.trainLoss), honest!.records.map((record) => record.trainLoss), 'the honest workers saw no flipped label');
});

t.test('a map that does not fit the classes is refused before the start', async (t) => {
  const refused = async (map: number[], message: RegExp): Promise<void> => {
    await t.rejects(planSession([small({ attack: { name: 'label-flip', map } })], { threads: 1, dataFolders: [] }), { name: 'PreconditionError', message });
  };
  await refused([1, 0], /label-flip needs a map of 10 labels from 0 to 9.*map = \[1, 0\]/);
  await refused([0, 1, 2, 3, 4, 5, 6, 7, 8, 10], /from 0 to 9/);
  t.throws(() => small({ attack: { name: 'label-flip', map: [0.5] } }), { name: 'ScenarioError', message: /attack\.map/ });
  t.throws(() => small({ attack: { name: 'label-flip', map: [-1] } }), { name: 'ScenarioError' });
});

t.test('it acts on data: there is no row to craft', async (t) => {
  t.throws(() => craft('label-flip', normalRows(1, 5), { n: 10, f: 1 }), { name: 'PreconditionError', message: /label-flip acts on the corrupted workers' data.*name it in a scenario/ });
  const attack = ATTACKS.get('label-flip');
  t.ok(actsOnData(attack) && !actsOnData(ATTACKS.get('alie')));
  t.match(attack.warn({ n: 3, f: 1, d: 1 }, { map: [0, 1] }), /leaves every label as it is/);
  t.equal(attack.warn({ n: 3, f: 1, d: 1 }, {}), undefined);
});
