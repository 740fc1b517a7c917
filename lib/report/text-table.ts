import Table from 'cli-table3';
import { clockNote } from './clock-note.js';
import { withFileNames } from './file-names.js';
import { inspectionNotes } from './inspections.js';
import { againstNone, MISSING, figure, loss, percent, percentOf, significant } from './numbers.js';
import { MARGIN, type RunGroup, summarize } from './summary.js';
import type { ScenarioReport } from './types.js';

/** Columns of a terminal that the table keeps to. */
const WIDTH = 100;
/** A column of names gets at least this many characters; longer names continue on the next line. */
const NARROWEST = 10;
/** Blanks between columns. */
const GAP = 2;
/** The title above times, which a note below says the clock of. */
const TIME = 'time';

/**
 * The final table as plain text, at most 100 columns wide: one row a group of runs that differ by seed alone, accuracies in per cent,
 * mean ± sample standard deviation over the seeds; below it why runs diverged or failed.
 */
export function renderTextTable(given: ScenarioReport): string {
  const report = withFileNames(given);
  const groups = summarize(report);
  if (groups.length === 0) return 'No runs.';
  const columns = columnsOf(groups);
  const rows = groups.map((group) => columns.map((column) => printable(column.cell(group))));
  const widths = fit(columns, rows);
  const table = new Table({
    head: columns.map((column) => column.title),
    colWidths: widths.map((width) => width + GAP),
    colAligns: columns.map((column) => (column.name ? 'left' : 'right')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
    chars: NO_RULES,
  });
  for (const row of rows) table.push(row.map((cell, index) => wrap(cell, widths[index] ?? WIDTH).join('\n')));
  return [...table.toString().split('\n').map((line) => line.trimEnd()), ...notes(report, groups, columns)].join('\n');
}

interface Column {
  readonly title: string;
  readonly cell: (group: RunGroup) => string;
  /** Text, aligned left and wrapped; otherwise a figure. */
  readonly name: boolean;
}

function columnsOf(groups: readonly RunGroup[]): Column[] {
  const backdoors = groups.some((group) => group.backdoorSuccess !== undefined);
  const text = (title: string, cell: Column['cell']): Column => ({ title, cell, name: true });
  const number = (title: string, cell: Column['cell']): Column => ({ title, cell, name: false });
  return [
    text('rule', (group) => group.rule),
    // Without a rule there is no attack on one.
    ...(groups.every((group) => group.updatesPerSecond !== undefined) ? [] : [text('attack', (group) => group.attack)]),
    ...(groups.some((group) => group.setting !== '') ? [text('setting', (group) => group.setting)] : []),
    number('best %', (group) => percent(group.bestAccuracy)),
    ...(groups.some((group) => group.publishedAccuracy !== undefined) ? [number('published', (group) => percentOf(group.publishedAccuracy))] : []),
    number('final %', (group) => percent(group.finalAccuracy)),
    ...(backdoors ? [number('backdoor %', (group) => percent(group.backdoorSuccess))] : []),
    ...(groups.some((group) => group.publishedBackdoorSuccess !== undefined) ? [number('published', (group) => percentOf(group.publishedBackdoorSuccess))] : []),
    // Beside a backdoor there is no room for these; the report has them.
    ...(backdoors
      ? []
      : [
          ...(groups.some((group) => group.againstNone !== undefined) ? [number('vs none', (group) => againstNone(group.againstNone))] : timeColumns(groups, number)),
          number('loss', (group) => (group.updatesPerSecond === undefined ? loss(group.finalLoss) : figure(group.finalLoss))),
          number('rounds/s', (group) => (group.roundsPerSecond === undefined ? MISSING : significant(group.roundsPerSecond.mean))),
        ]),
    ...(groups.some((group) => group.updatesPerSecond !== undefined)
      ? [
          number('updates/s', (group) => (group.updatesPerSecond === undefined ? MISSING : significant(group.updatesPerSecond.mean))),
          number('lost %', (group) => (group.lostShare === undefined ? MISSING : (100 * group.lostShare.mean).toFixed(3))),
        ]
      : []),
    text('status', (group) => group.status),
  ];
}

/** Of runs with a clock, where nobody attacks: when they ended, and when they had learned. */
function timeColumns(groups: readonly RunGroup[], number: (title: string, cell: Column['cell']) => Column): Column[] {
  const target = groups.find((group) => group.target !== undefined)?.target;
  if (target === undefined) return [];
  return [number(TIME, (group) => figure(group.time)), number(`to ${percentOf(target.accuracy)} %`, (group) => figure(group.target?.time))];
}

/** The widths that hold every cell; when they are too wide together, those of the columns of names that give the table the fewest lines. */
function fit(columns: readonly Column[], rows: readonly (readonly string[])[]): number[] {
  const natural = columns.map(({ title }, index) => Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)));
  const names = columns.flatMap(({ name }, index) => (name ? [index] : []));
  const figures = natural.reduce((sum, width, index) => sum + (columns[index]?.name === true ? 0 : width), 0);
  const room = WIDTH - GAP * (columns.length - 1) - figures;
  const heights = names.map((index) => Array.from({ length: (natural[index] ?? 0) + 1 }, (_, width) => rows.map((row) => (width < NARROWEST ? 0 : wrap(row[index] ?? '', width).length))));
  let best = { lines: Infinity, widths: names.map(() => NARROWEST) };
  for (const widths of shares(names.map((index) => natural[index] ?? 0), room)) {
    const lines = rows.reduce((sum, _, row) => sum + Math.max(...widths.map((width, name) => heights[name]?.[width]?.[row] ?? 1)), 0);
    if (lines < best.lines) best = { lines, widths };
  }
  return natural.map((width, index) => best.widths[names.indexOf(index)] ?? width);
}

/** Every way to share `room` among columns, none wider than it needs or narrower than is readable; the last takes what is left. */
function* shares([first = 0, ...others]: readonly number[], room: number): Generator<number[]> {
  const narrowest = Math.min(first, NARROWEST);
  if (others.length === 0) {
    if (room >= narrowest) yield [Math.min(first, room)];
    return;
  }
  for (let width = Math.min(first, room); width >= narrowest; width--) {
    for (const rest of shares(others, room - width)) yield [width, ...rest];
  }
}

function notes(report: ScenarioReport, groups: readonly RunGroup[], columns: readonly Column[]): string[] {
  const reasons = groups.flatMap((group) => group.reasons.map((reason) => `${group.name}: ${reason}`));
  const withPublished = groups.some((group) => group.publishedAccuracy !== undefined || group.publishedBackdoorSuccess !== undefined);
  const published = withPublished && report.publishedSource !== undefined ? [`published: ${report.publishedSource}`] : [];
  const withCompared = groups.some((group) => group.againstNone !== undefined) && groups.every((group) => group.backdoorSuccess === undefined);
  const compared = withCompared ? [`vs none: points of final accuracy that the attack takes; holds: at most ${100 * MARGIN}`] : [];
  const times = columns.some(({ title }) => title === TIME) ? [clockNote(groups) ?? ''] : [];
  const lines = [...published, ...compared, ...times, ...inspectionNotes(groups), ...reasons].map(printable);
  return lines.length === 0 ? [] : ['', ...lines];
}

/** Breaks a text into lines at blanks and after hyphens, and within a word that alone is too long. */
function wrap(text: string, width: number): string[] {
  const lines = [''];
  for (const piece of text.split(/(?<=[\s-])/)) {
    const line = lines.at(-1) ?? '';
    if ((line + piece).trimEnd().length <= width) lines[lines.length - 1] = line + piece;
    else lines.push(...(piece.match(new RegExp(`.{1,${width}}`, 'gu')) ?? []));
  }
  return lines.map((line) => line.trimEnd()).filter((line) => line !== '');
}

/** Names and reasons come from scenarios and errors: a control character in them must not reach the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

const NO_RULES = {
  top: '', 'top-mid': '', 'top-left': '', 'top-right': '',
  bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
  left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '',
};
