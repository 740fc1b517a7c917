import { compareWithBound } from './bound.js';
import { type Markup, html } from './html.js';
import { clockNote } from './clock-note.js';
import { removalsOf } from './kept-rounds.js';
import { againstNone, MISSING, figure, percent, percentOf, significant } from './numbers.js';
import { MARGIN, type RunGroup, configurationOf, outcomeOf, statusOf } from './summary.js';
import { type Column, headColumn, nameColumn, named, numberColumn, renderTable } from './table.js';
import type { ReportedRun, ScenarioReport } from './types.js';
import { describeValue } from './variant.js';

/** The final table: one row a group of runs that differ by seed alone. */
export function renderResults(groups: readonly RunGroup[], report: ScenarioReport): Markup {
  const published = groups.some((group) => group.publishedAccuracy !== undefined);
  const seeds = Math.max(0, ...groups.map((group) => group.runs.length));
  const columns = resultColumns(groups, published);
  const table = renderTable(columns, groups, (cells, group, index) => {
    const first = group.rule === groups[index - 1]?.rule ? undefined : html` class="first"`;
    const reasons = group.reasons.map((reason) => html`<tr class="reason"><td></td><td colspan="${columns.length - 1}">${reason}</td></tr>`);
    return html`<tr${first}>${cells}</tr>${reasons}`;
  });
  const loss = groups.some((group) => group.updatesPerSecond !== undefined) ? `that of the problem (${PROBLEM_LOSSES.join('; ')})` : 'the mean cross-entropy';
  return html`${table}
<p class="note">Accuracies are on the whole test set; “best” is the highest of a run's evaluations, the loss is ${loss} after the last round, rounds/s leave out set-up and evaluation.
${seeds > 1 ? 'Figures are means ± sample standard deviation over the seeds, diverged ones included where they have a finite figure.' : ''}
${groups.some((group) => group.backdoorSuccess !== undefined) ? '“Backdoor success” is the share of triggered images that the final model answers to as the attacker wants.' : ''}
${groups.some((group) => group.againstNone !== undefined) ? `“Against no attack”: points of final accuracy that the attack takes, or “holds” where these are at most ${100 * MARGIN}.` : ''}
${clockNote(groups) ?? ''}
${published ? `“Published” is the best accuracy in ${report.publishedSource ?? 'the literature'}.` : ''}</p>`;
}

/** What the models of HOGWILD! minimise, in the order of the catalogue. */
const PROBLEM_LOSSES = ['mean hinge loss', 'root of the mean squared error', 'mean of w·‖x_u − x_v‖₁ an arc, twice the cut’s where every vertex is at a corner'];

function resultColumns(groups: readonly RunGroup[], published: boolean): Column<RunGroup>[] {
  const number = numberColumn<RunGroup>;
  const target = groups.find((group) => group.target !== undefined)?.target?.accuracy;
  return [
    headColumn('rule', (group) => group.rule),
    nameColumn('attack', (group) => group.attack),
    ...(groups.some((group) => group.setting !== '') ? [nameColumn<RunGroup>('setting', (group) => group.setting)] : []),
    { ...number('best accuracy (%)', () => ''), cell: (group) => html`<td class="number strong">${percent(group.bestAccuracy)}</td>` },
    ...(published ? [number('published (%)', (group) => percentOf(group.publishedAccuracy))] : []),
    number('final accuracy (%)', (group) => percent(group.finalAccuracy)),
    ...(groups.some((group) => group.backdoorSuccess !== undefined) ? [number('backdoor success (%)', (group) => percent(group.backdoorSuccess))] : []),
    ...(groups.some((group) => group.publishedBackdoorSuccess !== undefined) ? [number('published (%)', (group) => percentOf(group.publishedBackdoorSuccess))] : []),
    ...(groups.some((group) => group.againstNone !== undefined) ? [number('against no attack', (group) => againstNone(group.againstNone))] : []),
    ...(target === undefined ? [] : [number('time', (group) => figure(group.time)), number(`time to ${percentOf(target)} %`, (group) => figure(group.target?.time))]),
    number('final loss', (group) => figure(group.finalLoss)),
    number('rounds/s', (group) => figure(group.roundsPerSecond)),
    statusColumn((group) => group.status),
  ];
}

function statusColumn<Row>(read: (row: Row) => string): Column<Row> {
  return { title: 'status', number: false, cell: (row) => html`<td class="status ${read(row) === 'completed' ? 'good' : 'bad'}">${read(row)}</td>` };
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
  const columns: Column<(typeof rows)[number]>[] = [
    headColumn('run', ({ name }) => name),
    numberColumn('seed', ({ run }) => seedOf(run)),
    numberColumn('rounds with removals', ({ run, rounds }) => `${rounds} of ${recordedRounds(run)}`),
    numberColumn('first', ({ first }) => first),
    numberColumn('last', ({ last }) => last),
    { title: 'workers', number: false, cell: ({ workers }) => html`<td>${listed(workers)}</td>` },
  ];
  return html`<p>Rows that held NaN or ±Inf were removed before the rule saw them.</p>
${renderTable(columns, rows)}`;
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
  const runs = eachRun(groups);
  const bounds = runs.some(({ run }) => compareWithBound(run) !== undefined);
  const racing = groups.some((group) => group.updatesPerSecond !== undefined);
  const repeated = racing
    ? 'Threads that race on the real clock may give others every time; the variant serial gives the same.'
    : 'the same configuration on the same family of processors and major version of Node gives them again, with any number of threads.';
  const bound = ' “Bound” is the greatest deviation / norm of the honest gradients for which the rule is proven, “within” the share of the rounds that keep to it.';
  return html`${renderTable(runColumns(bounds), runs, undefined, 'runs')}
<p class="note">Equal hashes of the final parameters mean equal bits${racing ? '. ' : ': '}${repeated}${bounds ? bound : ''}</p>`;
}

interface NamedRun {
  readonly name: string;
  readonly run: ReportedRun;
}

function runColumns(bounds: boolean): Column<NamedRun>[] {
  const number = (title: string, write: (run: ReportedRun) => string | number) => numberColumn<NamedRun>(title, ({ run }) => write(run));
  const hash = (title: string, read: (run: ReportedRun) => string | undefined): Column<NamedRun> => ({
    title, number: false, cell: ({ run }) => html`<td><code>${read(run) ?? MISSING}</code></td>`,
  });
  return [
    headColumn('run', ({ name }) => name),
    number('seed', seedOf),
    statusColumn(({ run }) => statusOf(run)),
    number('rounds', (run) => outcomeOf(run)?.rounds ?? recordedRounds(run)),
    number('best (%)', (run) => percentOf(outcomeOf(run)?.maxAccuracy)),
    number('final (%)', (run) => percentOf(outcomeOf(run)?.finalAccuracy)),
    number('loss', (run) => significant(outcomeOf(run)?.finalLoss ?? NaN)),
    ...(bounds
      ? [
          number('bound', (run) => significant(compareWithBound(run)?.bound ?? NaN)),
          number('within (%)', (run) => percentOf(compareWithBound(run)?.within)),
        ]
      : []),
    hash('configuration, SHA-256', ({ manifest }) => manifest?.manifest.configurationHash),
    hash('final parameters, SHA-256', ({ manifest, result }) => result?.parametersHash ?? manifest?.manifest.parametersHash),
  ];
}

function eachRun(groups: readonly RunGroup[]): NamedRun[] {
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
