import type { InspectedClass, InspectionReport } from '../inspections/inspection.js';
import { html, type Markup } from './html.js';
import { MISSING, percent, percentOf, significant } from './numbers.js';
import { outcomeOf, statistic, type RunGroup } from './summary.js';
import { type Column, named, numberCell, numberColumn, renderTable } from './table.js';

/** What inspections of the finished models found, class by class. Undefined without any. */
export function renderInspections(groups: readonly RunGroup[]): Markup | undefined {
  const rows = groups.flatMap((group) =>
    reportsOf(group).flatMap((report) => report.classes.map((inspected, index): InspectedRow => ({ name: group.name, report, inspected, first: index === 0 }))),
  );
  if (groups.every((group) => reportsOf(group).length === 0)) return undefined;
  return html`${renderTable(COLUMNS, rows, (cells, { first }) => html`<tr${first ? html` class="first"` : undefined}>${cells}</tr>`)}
<p class="note">The samples of each label, by what the last hidden layer makes of them, in two clusters: \
the smaller one is suspected where it is small enough and the two are clearly two. A label can’t be judged where
activations are NaN or infinite, as those of a diverged model are. Poisoned: samples that an attack on data
changed. Precision: the share of the suspected samples that are; recall: the share of the poisoned samples that are suspected.</p>`;
}

/** A class of a run's report. What is said of the whole run stands in the first one's row. */
interface InspectedRow {
  readonly name: string;
  readonly report: InspectionReport;
  readonly inspected: InspectedClass;
  readonly first: boolean;
}

const ofRun = (title: string, read: (report: InspectionReport) => number | undefined): Column<InspectedRow> => ({
  title, number: true, cell: ({ report, first }) => (first ? numberCell(percentOf(read(report))) : html`<td></td>`),
});

const COLUMNS: readonly Column<InspectedRow>[] = [
  { title: 'run', number: false, cell: ({ name, first }) => html`${first ? html`<th scope="row">${named(name)}</th>` : html`<td></td>`}\n` },
  numberColumn('label', ({ inspected }) => inspected.label),
  numberColumn('samples', ({ inspected }) => inspected.samples.toLocaleString('en-US')),
  numberColumn('smaller cluster (%)', ({ inspected }) => percentOf(inspected.smaller)),
  numberColumn('silhouette', ({ inspected }) => significant(inspected.silhouette ?? NaN)),
  { title: 'suspected', number: false, cell: ({ inspected }) => html`\n<td>${verdictOf(inspected)}</td>` },
  numberColumn('poisoned', ({ inspected }) => inspected.poisoned?.toLocaleString('en-US') ?? MISSING),
  ofRun('precision (%)', ({ precision }) => precision),
  ofRun('recall (%)', ({ recall }) => recall),
];

function verdictOf({ nonFinite, suspected }: InspectedClass): string {
  if (nonFinite !== undefined) return `can’t be judged: ${nonFinite.toLocaleString('en-US')} not finite`;
  return suspected ? 'yes' : 'no';
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
      : ['no label that it can judge', `; it can't judge ${labelled(unjudged)}, because activations of ${nonFinite.toLocaleString('en-US')} samples are NaN or infinite`];
    return [`${group.name}: ${first.name} suspects ${suspected.length === 0 ? none : `samples of ${labelled(suspected)}`}; ${found}${beside}`];
  });
}

function labelsOf(reports: readonly InspectionReport[], those: (report: InspectionReport) => readonly number[]): number[] {
  return [...new Set(reports.flatMap(those))].sort((a, b) => a - b);
}

function labelled(labels: readonly number[]): string {
  return `the labels ${labels.join(', ')}`;
}

function reportsOf({ runs }: RunGroup): InspectionReport[] {
  return runs.flatMap((run) => outcomeOf(run)?.inspection ?? []);
}
