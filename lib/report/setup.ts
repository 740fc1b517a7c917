import { basename } from 'node:path';
import type { Manifest } from '../run/records.js';
import type { RunConfiguration } from '../scenario/configuration.js';
import { type Markup, html } from './html.js';
import { significant } from './numbers.js';
import { configurationOf } from './summary.js';
import type { ScenarioReport } from './types.js';
import { describeValue } from './variant.js';

/** More distinct values of one setting than this are counted, not listed. */
const MOST_VALUES = 8;
/** Short values stand in one line. */
const SHORT = 6;
const MOST_SHORT = 16;

/** What was run and on what: each setting once, with all its values when it varies. */
export function renderSetup(report: ScenarioReport): Markup {
  const settings = [...configurationSettings(report), ...machineSettings(report)].filter(([, values]) => values.length > 0);
  if (settings.length === 0) return html`<p>No run got far enough to leave a record of its configuration.</p>`;
  const entries = settings.map(([name, values]) => {
    const long = values.length > 1 && values.some((value) => value.length > SHORT);
    return html`<div${long ? html` class="long"` : undefined}><dt>${name}</dt><dd>${list(values)}</dd></div>`;
  });
  return html`<dl class="setup">${entries}</dl>`;
}

type Setting = readonly [name: string, values: readonly string[]];

function configurationSettings(report: ScenarioReport): Setting[] {
  const configurations = report.runs.map(configurationOf).filter((configuration) => configuration !== undefined);
  const setting = (name: string, read: (configuration: (typeof configurations)[number]) => unknown): Setting => [
    name,
    [...new Set(configurations.map((configuration) => describeValue(read(configuration))))],
  ];
  return [
    setting('workers', (run) => run.workers),
    setting('Byzantine', (run) => (run.byzantine.count === 0 ? 0 : `${run.byzantine.count} (${run.byzantine.placement})`)),
    setting('data set', (run) => run.dataset),
    setting('partition', (run) => run.partition),
    setting('model', (run) => run.model),
    setting('aggregation rule', (run) => ruleOf(run)),
    setting('samples at the server', (run) => run.server?.samples ?? 'none'),
    ...(configurations.some((run) => run.server?.inspect !== undefined) ? [setting('inspection', (run) => run.server?.inspect ?? 'none')] : []),
    setting('attack', (run) => run.attack),
    setting('pre-aggregators', (run) => run.preaggregators),
    setting('batch size', (run) => run.batchSize),
    setting('rounds', (run) => run.rounds),
    setting('evaluated every', (run) => (run.evaluateEvery === 1 ? 'round' : `${run.evaluateEvery} rounds`)),
    setting('learning rate', (run) => run.learningRate),
    setting('momentum', (run) => run.momentum),
    setting('weight decay', (run) => run.weightDecay),
    setting('mode', (run) => run.mode),
    setting('seeds', (run) => run.seed),
  ];
}

/** What the runs had: samples and machine. */
function machineSettings(report: ScenarioReport): Setting[] {
  const manifests = report.runs.flatMap((run) => run.manifest?.manifest ?? []);
  const setting = (name: string, read: (manifest: (typeof manifests)[number]) => string): Setting => [name, [...new Set(manifests.map(read))]];
  return [
    setting('samples', (run) => samplesOf(run.data)),
    setting('kernels', (run) => run.kernels),
    setting('threads', (run) => String(run.threads)),
    setting('processor', (run) => `${run.cpu}, ${run.cores} ${run.cores === 1 ? 'core' : 'cores'}`),
    setting('memory', (run) => `${significant(run.arenaBytes / 2 ** 20)} MiB`),
    setting('Node', (run) => `${run.versions.node} (V8 ${run.versions.v8})`),
    setting('byzantium', (run) => run.versions.byzantium),
  ];
}

/** How many there were, and of which files where a data set does with some of them. */
function samplesOf({ trainSamples, testSamples, files }: Manifest['manifest']['data']): string {
  const counts = `${trainSamples.toLocaleString('en')} for training, ${testSamples.toLocaleString('en')} for tests`;
  return files === undefined ? counts : `${counts}, of ${files.map((file) => basename(file)).join(', ')}`;
}

/** The f that the rule is told, only where it isn't the Byzantine count. */
function ruleOf({ aggregator, byzantine }: RunConfiguration): object {
  const { f, ...rule } = aggregator;
  return f === byzantine.count ? rule : { ...rule, f };
}

function list(values: readonly string[]): Markup {
  if (values.length === 1) return html`${values}`;
  if (values.every((value) => value.length <= SHORT)) return html`${values.slice(0, MOST_SHORT).join(', ')}${values.length > MOST_SHORT ? ` … (${values.length} in all)` : ''}`;
  const shown = values.slice(0, MOST_VALUES);
  return html`<ul>${shown.map((value) => html`<li>${value}</li>`)}${values.length > shown.length ? html`<li>… ${values.length} in all</li>` : undefined}</ul>`;
}
