import t from 'tap';
import { AGGREGATORS } from '../../lib/aggregators/registry.js';
import { rowAddress, rowStride } from '../../lib/aggregators/row-matrix.js';
import { planTrials } from '../../lib/attacks/trials.js';
import { ArenaPlan } from '../../lib/memory/arena.js';
import { f32 } from '../../lib/memory/regions.js';
import { planPipeline, type PipelineSpecification } from '../../lib/pipeline/pipeline.js';
import { openWorkspace } from '../../lib/pipeline/workspace.js';
import { normalRows, runPipeline } from '../aggregators/rows.js';

const [n, f, d] = [11, 2, 70];
const SETTINGS: readonly Omit<PipelineSpecification, 'allowUnsafe'>[] = [
  { preaggregators: [], aggregator: { name: 'centered-clipping', f } },
  { preaggregators: [{ name: 'bucketing', s: 2 }], aggregator: { name: 'centered-clipping', L: 2, f } },
  { preaggregators: [{ name: 'nnm' }], aggregator: { name: 'krum', f } },
  { preaggregators: [], aggregator: { name: 'monna', pivot: 3, f } },
];

/** A defender and an attacker on one arena: the rows of all workers, of whom `byzantine` report the candidate. */
function scene(setting: Omit<PipelineSpecification, 'allowUnsafe'>, rows: readonly Float32Array[], byzantine: readonly number[], candidate: Float32Array) {
  const specification = { ...setting, allowUnsafe: false };
  const plan = new ArenaPlan();
  const { matrix, lie, tried, output } = plan.addAll('test', { matrix: f32(n * rowStride(d)), lie: f32(d), tried: f32(d), output: f32(d) });
  const defender = planPipeline(plan, 'defender', specification, n, d);
  const trialsOf = planTrials(plan, 'attacker', specification, n, d);
  const { arena, run } = openWorkspace(plan, n);
  for (const region of Object.values(defender.state)) arena.view(region).forEach((_, k, view) => (view[k] = Math.fround(0.01 * k)));
  const addresses = rows.map((_, i) => rowAddress(matrix, i, d));
  for (const [i, row] of rows.entries()) arena.row(addresses[i]!, d).set(row);
  arena.view(lie).set(candidate);
  const keyed = { seed: 5, round: 6 };
  return {
    kept: () => Object.values(defender.state).map((region) => arena.view(region).slice()),
    trial() {
      const result = run(trialsOf({ arena, rows: addresses, byzantine, state: defender.state, ...keyed }).run(lie.address, tried.address));
      return { result, output: arena.view(tried).slice() };
    },
    defend() {
      const reported = addresses.map((row, worker) => (byzantine.includes(worker) ? lie.address : row));
      const result = run(defender.run({ arena, rows: reported, workers: [...rows.keys()], output: output.address, ...keyed }));
      return { result, output: arena.view(output).slice() };
    },
  };
}

t.test('a trial is what the defender then does, bit by bit, however often it is made, and leaves the defender as it was', async (t) => {
  for (const setting of SETTINGS) {
    for (const byzantine of [[0, 1], [3, 10]]) {
      const [candidate, ...rows] = normalRows(n + 1, d, 7, 0.2) as [Float32Array, ...Float32Array[]];
      const stage = scene(setting, rows, byzantine, candidate);
      const before = stage.kept();
      const [first, again] = [stage.trial(), stage.trial()];
      t.same(stage.kept(), before);
      const done = stage.defend();
      const what = `${setting.aggregator.name} behind ${setting.preaggregators.length}, ${byzantine.join()}`;
      t.same([first.output, again.output], [done.output, done.output], what);
      const { weights } = done.result;
      t.same(first.result, { weight: weights && byzantine.reduce((sum, worker) => sum + weights[worker]!, 0), removed: false }, what);
      if (before.length > 0) t.notSame(stage.kept(), before, 'the defender did go on');
      t.same(stage.trial().output.length, d, 'and so may the next trial');
    }
  }
});

t.test('a candidate that is not finite is removed; more rows than the rule tolerates make no result', async (t) => {
  const [, ...rows] = normalRows(n + 1, d, 7, 0.2) as [Float32Array, ...Float32Array[]];
  const broken = new Float32Array(d).fill(Infinity);
  t.same(scene(SETTINGS[0]!, rows, [0, 1], broken).trial().result, { weight: 0, removed: true });
  t.equal(scene(SETTINGS[0]!, rows, [0, 1, 2], broken).trial().result, undefined);
  t.equal(scene(SETTINGS[0]!, rows.with(5, broken), [0, 1], broken).trial().result, undefined);
});

t.test('rules say truly whether they give rows weight', async (t) => {
  const rows = normalRows(13, 20);
  // What a server's rules give weight is test/aggregators' business: here is no server.
  for (const rule of [...AGGREGATORS].filter(({ needs }) => needs === undefined)) {
    const { name } = rule;
    const { weights } = runPipeline({ aggregator: { name, f: 2 } }, rows);
    t.equal(weights === undefined, rule.properties({}).weights === 'none', name);
  }
});
