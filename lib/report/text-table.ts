import Table from 'cli-table3';
import { MISSING, figure, percent, percentOf, significant } from './numbers.js';
import { type RunGroup, summarize } from './summary.js';
import type { ScenarioReport } from './types.js';

/** Columns of a terminal that the table keeps to. */
const WIDTH = 100;
/** A column of names gets at least this many characters; longer names continue on the next line. */
const NARROWEST = 10;
/** Blanks between columns. */
const GAP = 2;

/**
 * The final table as plain text, at most 100 columns wide: one row a group of runs that differ by seed alone, accuracies in per cent,
 * mean ± sample standard deviation over the seeds; below it why runs diverged or failed.
 */
export function renderTextTable(report: ScenarioReport): string {
  const groups = summarize(report);
  if (groups.length === 0) return 'No runs.';
  const columns = columnsOf(groups);
  const widths = fit(columns.map((column) => [column.title, ...groups.map(column.cell)].map(printableLength)), columns.map((column) => column.name));
  const table = new Table({
    head: columns.map((column) => column.title),
    colWidths: widths.map((width) => width + GAP),
    colAligns: columns.map((column) => (column.name ? 'left' : 'right')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
    chars: RULED_HEAD,
  });
  for (const group of groups) table.push(columns.map((column, index) => wrap(printable(column.cell(group)), widths[index] ?? WIDTH)));
  return [...table.toString().split('\n').map((line) => line.trimEnd()), ...notes(report, groups)].join('\n');
}

interface Column {
  readonly title: string;
  readonly cell: (group: RunGroup) => string;
  /** Text, aligned left and wrapped; otherwise a figure. */
  readonly name: boolean;
}

function columnsOf(groups: readonly RunGroup[]): Column[] {
  const text = (title: string, cell: Column['cell']): Column => ({ title, cell, name: true });
  const number = (title: string, cell: Column['cell']): Column => ({ title, cell, name: false });
  return [
    text('rule', (group) => group.rule),
    text('attack', (group) => group.attack),
    ...(groups.some((group) => group.setting !== '') ? [text('setting', (group) => group.setting)] : []),
    number('best %', (group) => percent(group.bestAccuracy)),
    ...(groups.some((group) => group.publishedAccuracy !== undefined) ? [number('published', (group) => percentOf(group.publishedAccuracy))] : []),
    number('final %', (group) => percent(group.finalAccuracy)),
    number('loss', (group) => figure(group.finalLoss)),
    number('rounds/s', (group) => (group.roundsPerSecond === undefined ? MISSING : significant(group.roundsPerSecond.mean))),
    text('status', (group) => group.status),
  ];
}

/** The widths that hold every cell, the columns of names narrowed, the widest first, until the line fits. */
function fit(lengths: readonly (readonly number[])[], names: readonly boolean[]): number[] {
  const widths = lengths.map((column) => Math.max(...column));
  const excess = () => widths.reduce((sum, width) => sum + width + GAP, -GAP) - WIDTH;
  while (excess() > 0) {
    const widest = Math.max(...widths.filter((_, column) => names[column]));
    if (widest <= NARROWEST) break;
    widths[widths.findIndex((width, column) => names[column] === true && width === widest)] = widest - 1;
  }
  return widths;
}

function notes(report: ScenarioReport, groups: readonly RunGroup[]): string[] {
  const reasons = groups.flatMap((group) => group.reasons.map((reason) => `${[group.rule, group.attack, group.setting].filter((part) => part !== '').join(', ')}: ${reason}`));
  const published = groups.some((group) => group.publishedAccuracy !== undefined) && report.publishedSource !== undefined ? [`published: ${report.publishedSource}`] : [];
  const lines = [...published, ...reasons].map(printable);
  return lines.length === 0 ? [] : ['', ...lines];
}

/** Breaks a text into lines at blanks and after hyphens, and within a word that alone is too long. */
function wrap(text: string, width: number): string {
  const lines = [''];
  for (const piece of text.split(/(?<=[\s-])/)) {
    const line = lines.at(-1) ?? '';
    if ((line + piece).trimEnd().length <= width) lines[lines.length - 1] = line + piece;
    else lines.push(...(piece.match(new RegExp(`.{1,${width}}`, 'gu')) ?? []));
  }
  return lines.map((line) => line.trimEnd()).filter((line) => line !== '').join('\n');
}

/** Names and reasons come from scenarios and errors: a control character in them must not reach the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

function printableLength(text: string): number {
  return printable(text).length;
}

const RULED_HEAD = {
  top: '', 'top-mid': '', 'top-left': '', 'top-right': '',
  bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
  left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '',
};
