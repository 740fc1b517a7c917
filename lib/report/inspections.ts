import type { InspectionReport } from '../inspections/inspection.js';
import { html, type Markup } from './html.js';
import { MISSING, percent, percentOf, significant } from './numbers.js';
import { outcomeOf, statistic, type RunGroup } from './summary.js';

/** What inspections of the finished models found, class by class. Undefined without any. */
export function renderInspections(groups: readonly RunGroup[]): Markup | undefined {
  const runs = groups.flatMap((group) => reportsOf(group).map((report, place) => ({ name: group.name, place, report })));
  if (runs.length === 0) return undefined;
  const number = (text: string): Markup => html`<td class="number">${text}</td>`;
  return html`<div class="scroll"><table>
<thead><tr><th>run</th><th class="number">label</th><th class="number">samples</th><th class="number">smaller cluster (%)</th><th class="number">silhouette</th><th>suspected</th><th class="number">poisoned</th><th class="number">precision (%)</th><th class="number">recall (%)</th></tr></thead>
<tbody>${runs.map(({ name, report: { classes, precision, recall } }) => classes.map((one, row) => html`<tr${row === 0 ? html` class="first"` : undefined}>${row === 0 ? html`<th scope="row"><span class="${name.length > 34 ? 'long name' : 'name'}">${name}</span></th>` : html`<td></td>`}
${[String(one.label), one.samples.toLocaleString('en-US'), percentOf(one.smaller), one.silhouette === undefined ? MISSING : significant(one.silhouette)].map(number)}
<td>${one.nonFinite === undefined ? (one.suspected ? 'yes' : 'no') : `can’t be judged: ${one.nonFinite.toLocaleString('en-US')} not finite`}</td>${number(one.poisoned === undefined ? MISSING : one.poisoned.toLocaleString('en-US'))}${row === 0 ? [percentOf(precision), percentOf(recall)].map(number) : html`<td></td><td></td>`}</tr>`))}</tbody>
</table></div>
<p class="note">The samples of each label, by what the last hidden layer makes of them, in two clusters: the smaller one is suspected where it is small enough and the two are clearly two. A label can’t be judged where
activations are NaN or infinite, as those of a diverged model are. Poisoned: samples that an attack on data
changed. Precision: the share of the suspected samples that are; recall: the share of the poisoned samples that are suspected.</p>`;
}

/** A line a group for the table in the terminal. */
export function inspectionNotes(groups: readonly RunGroup[]): string[] {
  return groups.flatMap((group) => {
    const reports = reportsOf(group);
    const [first] = reports;
    if (first === undefined) return [];
    const suspected = labelsOf(reports, (report) => report.suspectedClasses);
    const unjudged = labelsOf(reports, (report) => report.unjudgedClasses ?? []);
    const found = `precision ${percent(statistic(reports.map((report) => report.precision)))} %, recall ${percent(statistic(reports.map((report) => report.recall)))} %`;
    const nonFinite = reports.reduce((sum, report) => sum + (report.nonFiniteSamples ?? 0), 0);
    const [none, beside] = unjudged.length === 0
      ? ['no label', '']
      : ['no label that it can judge', `; it can't judge ${named(unjudged)}, because activations of ${nonFinite.toLocaleString('en-US')} samples are NaN or infinite`];
    return [`${group.name}: ${first.name} suspects ${suspected.length === 0 ? none : `samples of ${named(suspected)}`}; ${found}${beside}`];
  });
}

function labelsOf(reports: readonly InspectionReport[], those: (report: InspectionReport) => readonly number[]): number[] {
  return [...new Set(reports.flatMap(those))].sort((a, b) => a - b);
}

function named(labels: readonly number[]): string {
  return `the labels ${labels.join(', ')}`;
}

function reportsOf({ runs }: RunGroup): InspectionReport[] {
  return runs.flatMap((run) => outcomeOf(run)?.inspection ?? []);
}
