import { type Markup, html } from './html.js';
import { MISSING, figure, percent, percentOf, significant } from './numbers.js';
import { type RunGroup, configurationOf, outcomeOf, statusOf } from './summary.js';
import type { ReportedRun, ScenarioReport } from './types.js';
import { describeVariant } from './variant.js';

/** The final table: one row a group of runs that differ by seed alone. */
export function renderResults(groups: readonly RunGroup[], report: ScenarioReport): Markup {
  const setting = groups.some((group) => group.setting !== '');
  const published = groups.some((group) => group.publishedAccuracy !== undefined);
  const seeds = Math.max(0, ...groups.map((group) => group.runs.length));
  return html`<div class="scroll"><table>
<thead><tr><th>rule</th><th>attack</th>${setting ? html`<th>setting</th>` : undefined}<th class="number">best accuracy (%)</th>${published ? html`<th class="number">published (%)</th>` : undefined}<th class="number">final accuracy (%)</th><th class="number">final loss</th><th class="number">rounds/s</th><th>status</th></tr></thead>
<tbody>${groups.map((group, index) => html`<tr${group.rule === groups[index - 1]?.rule ? undefined : html` class="first"`}><th scope="row">${group.rule}</th><td>${group.attack}</td>${setting ? html`<td>${group.setting}</td>` : undefined}<td class="number strong">${percent(group.bestAccuracy)}</td>${published ? html`<td class="number">${percentOf(group.publishedAccuracy)}</td>` : undefined}<td class="number">${percent(group.finalAccuracy)}</td><td class="number">${figure(group.finalLoss)}</td><td class="number">${figure(group.roundsPerSecond)}</td><td>${status(group)}</td></tr>`)}</tbody>
</table></div>
<p class="note">Accuracies are on the whole test set; “best” is the highest of a run's evaluations, the loss is the mean cross-entropy after the last round, rounds/s leave out set-up and evaluation.
${seeds > 1 ? 'Figures are means ± sample standard deviation over the seeds, diverged ones included where they have a finite figure.' : ''}
${published ? `“Published” is the best accuracy in ${report.publishedSource ?? 'the literature'}.` : ''}</p>`;
}

function status(group: RunGroup): Markup {
  return html`<span class="status ${group.status === 'completed' ? 'good' : 'bad'}">${group.status}</span>${group.reasons.map((reason) => html`<br><span class="reason">${reason}</span>`)}`;
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
    return html`<td class="meter">${bar}<span>${percent(group.bestAccuracy)}${group.status === 'completed' ? undefined : html` <small>${group.status}</small>`}</span></td>`;
  };
  return html`<div class="scroll"><table class="overview">
<thead><tr><th></th>${attacks.map((attack) => html`<th>${attack}</th>`)}</tr></thead>
<tbody>${rules.map((rule) => html`<tr><th scope="row">${rule}</th>${attacks.map((attack) => cell(rule, attack))}</tr>`)}</tbody>
</table></div>
<p class="note">Best test accuracy in per cent, rules down, attacks across; the bar runs from 0 to 100.</p>`;
}

/** Rounds in which rows that held NaN or ±Inf were removed. */
export function renderRemovals(report: ScenarioReport): Markup {
  const rows = report.runs.flatMap((run) => {
    const rounds = run.records.filter((record) => record.removed.length > 0);
    return rounds.length === 0 ? [] : [{ run, rounds, workers: [...new Set(rounds.flatMap((record) => record.removed))].sort((a, b) => a - b) }];
  });
  if (rows.length === 0) return html`<p>No row was removed: every gradient of every recorded round was finite.</p>`;
  return html`<p>Rows that held NaN or ±Inf were removed before the rule saw them.</p>
<div class="scroll"><table>
<thead><tr><th>run</th><th class="number">rounds with removals</th><th class="number">first</th><th class="number">last</th><th>workers</th></tr></thead>
<tbody>${rows.map(({ run, rounds, workers }) => html`<tr><th scope="row">${nameOf(run)}</th><td class="number">${rounds.length} of ${run.records.length}</td><td class="number">${rounds[0]?.round ?? MISSING}</td><td class="number">${rounds.at(-1)?.round ?? MISSING}</td><td>${listed(workers)}</td></tr>`)}</tbody>
</table></div>`;
}

/** Overridden preconditions and what attacks warned of, each once with the runs it concerns. */
export function renderWarnings(report: ScenarioReport): Markup | undefined {
  const warnings = new Map<string, string[]>();
  for (const run of report.runs) {
    for (const warning of new Set(run.manifest?.manifest.warnings ?? [])) warnings.set(warning, [...(warnings.get(warning) ?? []), nameOf(run)]);
  }
  if (warnings.size === 0) return undefined;
  const concerned = (runs: readonly string[]) => (runs.length === report.runs.length ? 'all runs' : runs.length > 3 ? `${runs.slice(0, 3).join('; ')}; … ${runs.length} runs` : runs.join('; '));
  return html`<ul class="warnings">${[...warnings].map(([warning, runs]) => html`<li>${warning} <small>(${concerned(runs)})</small></li>`)}</ul>`;
}

/** Each run by itself, with the hashes that identify its configuration and its final parameters. */
export function renderRuns(report: ScenarioReport): Markup {
  return html`<div class="scroll"><table class="runs">
<thead><tr><th>run</th><th class="number">seed</th><th>status</th><th class="number">rounds</th><th class="number">best (%)</th><th class="number">final (%)</th><th class="number">loss</th><th>configuration, SHA-256</th><th>final parameters, SHA-256</th></tr></thead>
<tbody>${report.runs.map((run) => {
    const outcome = outcomeOf(run);
    const manifest = run.manifest?.manifest;
    return html`<tr><th scope="row">${nameOf(run)}</th><td class="number">${configurationOf(run)?.seed ?? MISSING}</td><td>${statusOf(run)}</td><td class="number">${outcome?.rounds ?? run.records.length}</td><td class="number">${percentOf(outcome?.maxAccuracy)}</td><td class="number">${percentOf(outcome?.finalAccuracy)}</td><td class="number">${significant(outcome?.finalLoss ?? NaN)}</td><td><code>${manifest?.configurationHash ?? MISSING}</code></td><td><code>${run.result?.parametersHash ?? manifest?.parametersHash ?? MISSING}</code></td></tr>`;
  })}</tbody>
</table></div>
<p class="note">Equal hashes of the final parameters mean equal bits: the same configuration on the same family of processors and major version of Node gives them again, with any number of threads.</p>`;
}

function nameOf(run: ReportedRun): string {
  const name = describeVariant(run.varied);
  return name === '' ? run.label || 'the run' : name;
}

function listed(workers: readonly number[]): string {
  return workers.length > 20 ? `${workers.slice(0, 20).join(', ')}, … (${workers.length})` : workers.join(', ');
}
