import { compareWithBound } from './bound.js';
import { type Markup, html } from './html.js';
import { clockNote } from './clock-note.js';
import { removalsOf } from './kept-rounds.js';
import { againstNone, MISSING, figure, percent, percentOf, significant } from './numbers.js';
import { MARGIN, type RunGroup, configurationOf, outcomeOf, statusOf } from './summary.js';
import type { ReportedRun, ScenarioReport } from './types.js';
import { describeValue } from './variant.js';

/** The final table: one row a group of runs that differ by seed alone. */
export function renderResults(groups: readonly RunGroup[], report: ScenarioReport): Markup {
  const published = groups.some((group) => group.publishedAccuracy !== undefined);
  const seeds = Math.max(0, ...groups.map((group) => group.runs.length));
  const columns = resultColumns(groups, published);
  return html`<div class="scroll"><table>
<thead><tr>${columns.map(({ title, number }) => html`<th${number ? html` class="number"` : undefined}>${title}</th>`)}</tr></thead>
<tbody>${groups.map((group, index) => html`<tr${group.rule === groups[index - 1]?.rule ? undefined : html` class="first"`}>${columns.map(({ cell }) => cell(group))}</tr>${group.reasons.map((reason) => html`<tr class="reason"><td></td><td colspan="${columns.length - 1}">${reason}</td></tr>`)}`)}</tbody>
</table></div>
<p class="note">Accuracies are on the whole test set; “best” is the highest of a run's evaluations, the loss is ${groups.some((group) => group.updatesPerSecond !== undefined) ? 'that of the problem (mean hinge loss; root of the mean squared error; mean of w·‖x_u − x_v‖₁ an arc, twice the cut’s where every vertex is at a corner)' : 'the mean cross-entropy'} after the last round, rounds/s leave out set-up and evaluation.
${seeds > 1 ? 'Figures are means ± sample standard deviation over the seeds, diverged ones included where they have a finite figure.' : ''}
${groups.some((group) => group.backdoorSuccess !== undefined) ? '“Backdoor success” is the share of triggered images that the final model answers to as the attacker wants.' : ''}
${groups.some((group) => group.againstNone !== undefined) ? `“Against no attack”: points of final accuracy that the attack takes, or “holds” where these are at most ${100 * MARGIN}.` : ''}
${clockNote(groups) ?? ''}
${published ? `“Published” is the best accuracy in ${report.publishedSource ?? 'the literature'}.` : ''}</p>`;
}

interface Column {
  readonly title: string;
  readonly number: boolean;
  readonly cell: (group: RunGroup) => Markup;
}

function resultColumns(groups: readonly RunGroup[], published: boolean): Column[] {
  const number = (title: string, write: (group: RunGroup) => string): Column => ({ title, number: true, cell: (group) => html`<td class="number">${write(group)}</td>` });
  const name = (title: string, read: (group: RunGroup) => string): Column => ({ title, number: false, cell: (group) => html`<td>${named(read(group))}</td>` });
  const target = groups.find((group) => group.target !== undefined)?.target?.accuracy;
  return [
    { title: 'rule', number: false, cell: (group) => html`<th scope="row">${named(group.rule)}</th>` },
    name('attack', (group) => group.attack),
    ...(groups.some((group) => group.setting !== '') ? [name('setting', (group) => group.setting)] : []),
    { ...number('best accuracy (%)', () => ''), cell: (group) => html`<td class="number strong">${percent(group.bestAccuracy)}</td>` },
    ...(published ? [number('published (%)', (group) => percentOf(group.publishedAccuracy))] : []),
    number('final accuracy (%)', (group) => percent(group.finalAccuracy)),
    ...(groups.some((group) => group.backdoorSuccess !== undefined) ? [number('backdoor success (%)', (group) => percent(group.backdoorSuccess))] : []),
    ...(groups.some((group) => group.publishedBackdoorSuccess !== undefined) ? [number('published (%)', (group) => percentOf(group.publishedBackdoorSuccess))] : []),
    ...(groups.some((group) => group.againstNone !== undefined) ? [number('against no attack', (group) => againstNone(group.againstNone))] : []),
    ...(target === undefined ? [] : [number('time', (group) => figure(group.time)), number(`time to ${percentOf(target)} %`, (group) => figure(group.target?.time))]),
    number('final loss', (group) => figure(group.finalLoss)),
    number('rounds/s', (group) => figure(group.roundsPerSecond)),
    { title: 'status', number: false, cell: (group) => html`<td class="status ${group.status === 'completed' ? 'good' : 'bad'}">${group.status}</td>` },
  ];
}

/** A name stays on one line unless it is too long for that. */
function named(name: string): Markup {
  return html`<span class="${name.length > 34 ? 'long name' : 'name'}">${name}</span>`;
}

/** Best accuracy at a glance, rules down and attacks across; only where each pair is one group, and both vary. */
export function renderOverview(groups: readonly RunGroup[]): Markup | undefined {
  const rules = [...new Set(groups.map((group) => group.rule))];
  const attacks = [...new Set(groups.map((group) => group.attack))];
  if (rules.length < 2 || attacks.length < 2 || rules.length * attacks.length < groups.length) return undefined;
  const cell = (rule: string, attack: string) => {
    const group = groups.find((candidate) => candidate.rule === rule && candidate.attack === attack);
    if (group === undefined) return html`<td></td>`;
    const best = group.bestAccuracy?.mean;
    const bar = best === undefined ? undefined : html`<i style="width:${(100 * Math.min(1, Math.max(0, best))).toFixed(1)}%"></i>`;
    return html`<td class="meter">${bar}<span>${percent(group.bestAccuracy)}</span>${group.status === 'completed' ? undefined : html`<small>${group.status}</small>`}</td>`;
  };
  return html`<div class="scroll"><table class="overview">
<thead><tr><th></th>${attacks.map((attack) => html`<th><span class="name long">${attack}</span></th>`)}</tr></thead>
<tbody>${rules.map((rule) => html`<tr><th scope="row">${named(rule)}</th>${attacks.map((attack) => cell(rule, attack))}</tr>`)}</tbody>
</table></div>
<p class="note">Best test accuracy in per cent, rules down, attacks across; the bar runs from 0 to 100.</p>`;
}

/** Rounds in which rows that held NaN or ±Inf were removed. */
export function renderRemovals(groups: readonly RunGroup[]): Markup | undefined {
  if (groups.every((group) => group.runs.every((run) => run.records.length === 0))) return undefined;
  const rows = eachRun(groups).flatMap(({ name, run }) => {
    const removals = run.removals ?? removalsOf(run.records);
    return removals === undefined ? [] : [{ name, run, ...removals }];
  });
  if (rows.length === 0) return html`<p>No row was removed: every gradient of every recorded round was finite.</p>`;
  return html`<p>Rows that held NaN or ±Inf were removed before the rule saw them.</p>
<div class="scroll"><table>
<thead><tr><th>run</th><th class="number">seed</th><th class="number">rounds with removals</th><th class="number">first</th><th class="number">last</th><th>workers</th></tr></thead>
<tbody>${rows.map(({ name, run, rounds, first, last, workers }) => html`<tr><th scope="row">${named(name)}</th><td class="number">${seedOf(run)}</td><td class="number">${rounds} of ${recordedRounds(run)}</td><td class="number">${first}</td><td class="number">${last}</td><td>${listed(workers)}</td></tr>`)}</tbody>
</table></div>`;
}

/** Overridden preconditions and what attacks warned of, each once with the runs it concerns. */
export function renderWarnings(groups: readonly RunGroup[]): Markup | undefined {
  const warnings = new Map<string, Set<string>>();
  for (const { name, run } of eachRun(groups)) {
    for (const warning of run.manifest?.manifest.warnings ?? []) warnings.set(warning, (warnings.get(warning) ?? new Set()).add(name));
  }
  if (warnings.size === 0) return undefined;
  return html`<ul class="warnings">${[...warnings].map(([warning, names]) => html`<li>${warning} <small>(${concerned([...names], groups.length)})</small></li>`)}</ul>`;
}

/** Each run by itself, with the hashes that identify its configuration and its final parameters. */
export function renderRuns(groups: readonly RunGroup[]): Markup {
  const bounds = eachRun(groups).some(({ run }) => compareWithBound(run) !== undefined);
  return html`<div class="scroll"><table class="runs">
<thead><tr><th>run</th><th class="number">seed</th><th>status</th><th class="number">rounds</th><th class="number">best (%)</th><th class="number">final (%)</th><th class="number">loss</th>${bounds ? html`<th class="number">bound</th><th class="number">within (%)</th>` : undefined}<th>configuration, SHA-256</th><th>final parameters, SHA-256</th></tr></thead>
<tbody>${eachRun(groups).map(({ name, run }) => renderRun(name, run, bounds))}</tbody>
</table></div>
<p class="note">${groups.some((group) => group.updatesPerSecond !== undefined) ? 'Equal hashes of the final parameters mean equal bits. Threads that race on the real clock may give others every time; the variant serial gives the same.' : 'Equal hashes of the final parameters mean equal bits: the same configuration on the same family of processors and major version of Node gives them again, with any number of threads.'}${bounds ? ' “Bound” is the greatest deviation / norm of the honest gradients for which the rule is proven, “within” the share of the rounds that keep to it.' : ''}</p>`;
}

function renderRun(name: string, run: ReportedRun, bounds: boolean): Markup {
  const compared = compareWithBound(run);
  const outcome = outcomeOf(run);
  const manifest = run.manifest?.manifest;
  return html`<tr><th scope="row">${named(name)}</th><td class="number">${seedOf(run)}</td><td class="status ${statusOf(run) === 'completed' ? 'good' : 'bad'}">${statusOf(run)}</td><td class="number">${outcome?.rounds ?? recordedRounds(run)}</td><td class="number">${percentOf(outcome?.maxAccuracy)}</td><td class="number">${percentOf(outcome?.finalAccuracy)}</td><td class="number">${significant(outcome?.finalLoss ?? NaN)}</td>${bounds ? html`<td class="number">${significant(compared?.bound ?? NaN)}</td><td class="number">${percentOf(compared?.within)}</td>` : undefined}<td><code>${manifest?.configurationHash ?? MISSING}</code></td><td><code>${run.result?.parametersHash ?? manifest?.parametersHash ?? MISSING}</code></td></tr>`;
}

function eachRun(groups: readonly RunGroup[]): { readonly name: string; readonly run: ReportedRun }[] {
  return groups.flatMap(({ name, runs }) => runs.map((run) => ({ name, run })));
}

function seedOf(run: ReportedRun): string {
  return describeValue(configurationOf(run)?.seed ?? run.varied['seed'] ?? MISSING);
}

function recordedRounds({ rounds, records }: ReportedRun): number {
  return rounds ?? records.length;
}

function concerned(names: readonly string[], groups: number): string {
  if (names.length === groups) return groups === 1 ? 'this run' : 'all runs';
  return names.length > 3 ? `${names.slice(0, 3).join('; ')}; … ${names.length} in all` : names.join('; ');
}

function listed(workers: readonly number[]): string {
  return workers.length > 20 ? `${workers.slice(0, 20).join(', ')}, … (${workers.length})` : workers.join(', ');
}
