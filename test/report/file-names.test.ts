import { join } from 'node:path';
import t from 'tap';
import { nameFiles } from '../../lib/report/file-names.js';
import { renderReport } from '../../lib/report/report.js';
import { renderTextTable } from '../../lib/report/text-table.js';
import type { ReportedRun, ScenarioReport } from '../../lib/report/types.js';
import { describeVariant } from '../../lib/report/variant.js';
import { sketchReport } from './fixture.js';

const FOLDER = join(import.meta.dirname, 'scenarios');
const RULE = { name: 'module', module: join(FOLDER, 'my-rule.mjs'), sha256: 'a'.repeat(64), memory: 0.2 };
const ATTACK = { name: 'module', module: join(FOLDER, 'my-attack.mjs'), sha256: 'b'.repeat(64) };

/** Runs of the user's own rule under the user's own attack, of which the grid varies what is given. */
function reportOf(varied: readonly Readonly<Record<string, unknown>>[], configuration: object = {}): ScenarioReport {
  const report = sketchReport({ rules: [RULE], attacks: [ATTACK], rounds: 10 });
  const [run] = report.runs as readonly [ReportedRun];
  const manifest = { ...run.manifest!, ...configuration };
  return { ...report, runs: varied.map((each) => ({ ...run, varied: each, manifest })) };
}

/** The first two columns of the table: rule and attack. */
function named(report: ScenarioReport): string[] {
  return renderTextTable(report).split('\n').slice(1, 1 + report.runs.length).map((line) => line.split(/ {2,}/).slice(0, 2).join(', '));
}

t.test('rules and attacks of the user\'s own are called by their files, whatever of them varies', async (t) => {
  t.same(named(reportOf([{}])), ['my-rule.mjs, my-attack.mjs']);
  t.same(named(reportOf([{ 'aggregator.memory': 0.2 }, { 'aggregator.memory': 0.5 }])), ['my-rule.mjs memory=0.2, my-attack.mjs', 'my-rule.mjs memory=0.5, my-attack.mjs']);
  const modules = ['one.mjs', 'two.mjs'].map((file) => join(FOLDER, file));
  t.same(named(reportOf(modules.map((module) => ({ 'aggregator.module': module })))), ['one.mjs, my-attack.mjs', 'two.mjs, my-attack.mjs']);
  t.same(named(reportOf(modules.map((module) => ({ 'attack.module': module })))), ['my-rule.mjs, one.mjs', 'my-rule.mjs, two.mjs']);
  t.same(named(reportOf([{ aggregator: 'mean', attack: 'none' }, { aggregator: { module: './one.mjs', memory: 1 }, attack: { module: modules[1] } }])), ['mean, no attack', 'one.mjs memory=1, two.mjs']);
});

t.test('two files of one name in a report have the folders before them that differ', async (t) => {
  const modules = [join(FOLDER, 'first', 'deep', 'rule.mjs'), join(FOLDER, 'second', 'deep', 'rule.mjs'), join(FOLDER, 'other.mjs')];
  t.same(named(reportOf(modules.map((module) => ({ aggregator: { module } })))), ['first/deep/rule.mjs, my-attack.mjs', 'second/deep/rule.mjs, my-attack.mjs', 'other.mjs, my-attack.mjs']);
  t.same(nameFiles([{ module: './rule.mjs' }, { module: join(process.cwd(), 'rule.mjs') }]), [{ module: 'rule.mjs' }, { module: 'rule.mjs' }], 'one file is one, however it is given');
});

t.test('the page names rule, attack, pre-aggregators and model by their files, and no path is in it', async (t) => {
  const page = await renderReport(reportOf([{}], {
    preaggregators: [{ name: 'module', module: join(FOLDER, 'my-preaggregator.mjs'), sha256: 'c'.repeat(64) }],
    model: { name: 'tfjs', tfjs: join(FOLDER, 'my-model.mjs'), sha256: 'd'.repeat(64), backend: 'auto', units: 8 },
  }));
  for (const text of ['my-rule.mjs memory=0.2', 'my-attack.mjs', 'my-preaggregator.mjs', 'my-model.mjs backend=auto units=8']) t.match(page, `<dd>${text}</dd>`);
  t.notMatch(page, FOLDER);
  t.notMatch(page, 'rule unknown');
});

t.test('what varies reads as the file of a model or a pre-aggregator', async (t) => {
  const varied = { model: { tfjs: join(FOLDER, 'my-model.mjs'), units: 4 }, preaggregators: ['nnm', { module: './my-preaggregator.mjs' }] };
  t.equal(describeVariant(nameFiles(varied)), 'model=my-model.mjs units=4, preaggregators=nnm + my-preaggregator.mjs');
});
