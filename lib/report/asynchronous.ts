import type { AsynchronousSummary, Traffic } from '../run/records.js';
import type { Drawing } from './drawing.js';
import { type Markup, html } from './html.js';
import { MISSING, significant } from './numbers.js';
import { shorten } from './shorten.js';
import { clockOf } from './summary.js';
import { type Column, numberColumn, renderTable } from './table.js';
import type { ScenarioReport } from './types.js';
import { describeVariant } from './variant.js';

/** More pictures than this are no overview; the table has all runs. */
const MOST_PICTURES = 12;
/** Bars of a histogram at most: staler rows share the bars of several numbers of steps. */
const MOST_BARS = 40;

interface Told {
  readonly name: string;
  readonly byzantine: ReadonlySet<number>;
  readonly summary: AsynchronousSummary;
}

/** How stale the rows were that steps were made of, and whose rows arrived, were rejected and were used; of asynchronous runs. */
export function drawAsynchronous(drawing: Drawing, report: ScenarioReport): Markup | undefined {
  const told = report.runs.flatMap(({ varied, manifest }): Told[] => {
    const summary = manifest?.manifest.asynchronous;
    return summary === undefined ? [] : [{ name: describeVariant(varied) || report.name, byzantine: new Set(manifest?.manifest.byzantineWorkers), summary }];
  });
  if (told.length === 0) return undefined;
  const traffic = told.some(({ summary }) => summary.traffic !== undefined);
  const shown = told.slice(0, MOST_PICTURES);
  const real = told.some(({ summary }) => summary.clock === 'real');
  const panels = shown.map((run) => html`<div class="panel"><h4>${shorten(run.name, 60)}</h4>${drawStaleness(drawing, run, shown.length === 1)}</div>`);
  return html`<figure class="${shown.length === 1 ? 'single' : undefined}">
<div class="panels" style="--panels:${shown.length}">${panels}</div>
<figcaption>Of the rows that steps were made of, the share by staleness: how many steps were taken between the worker's fetching of the parameters and the use of its row.
${told.length > shown.length ? `The first ${shown.length} of ${told.length} runs are shown.` : ''}</figcaption>
</figure>
${renderTable(columnsOf(traffic), told)}
<p class="note">Virtual time is in units of the mean time that a gradient takes, real time in seconds of training. A row may be used in several steps, or in none.\
${traffic ? ' A fetch or a push carries every parameter as a float32; 1 MB is 10⁶ bytes.' : ''}
${real ? REAL : ''}</p>`;
}

const REAL =
  'On the real clock threads run free, and the same scenario may give other figures: replaced rows are those that a newer one of their worker took the place of ' +
  'before the server took them; torn reads were given up because the row was written meanwhile, and no torn row was used.';

function columnsOf(traffic: boolean): Column<Told>[] {
  const number = (title: string, write: (summary: AsynchronousSummary) => string | number) => numberColumn<Told>(title, ({ summary }) => write(summary));
  const ofByzantine = (title: string, read: (summary: AsynchronousSummary) => readonly number[]) => numberColumn<Told>(title, ({ byzantine, summary }) => shareOf(read(summary), byzantine));
  const sent = (title: string, read: (traffic: Traffic) => string | number) => number(title, (summary) => (summary.traffic === undefined ? MISSING : read(summary.traffic)));
  return [
    { title: 'run', number: false, cell: ({ name }) => html`<th scope="row">${name}</th>` },
    number('clock', clockOf),
    number('time', ({ time }) => significant(time)),
    number('rows arrived', ({ arrivals }) => sum(arrivals)),
    ofByzantine('of Byzantine workers (%)', ({ arrivals }) => arrivals),
    number('rejected', ({ rejections }) => sum(rejections)),
    ofByzantine('of Byzantine workers (%)', ({ rejections }) => rejections),
    ofByzantine('Byzantine share of used rows (%)', ({ uses }) => uses),
    number('mean staleness', ({ stalenessHistogram }) => meanStaleness(stalenessHistogram)),
    number('greatest', ({ stalenessHistogram }) => Math.max(0, stalenessHistogram.length - 1)),
    number('steps/s', ({ stepsPerSecond }) => significant(stepsPerSecond ?? NaN)),
    number('replaced', ({ overwritten }) => overwritten ?? MISSING),
    number('torn', ({ torn }) => torn ?? MISSING),
    number('crashed', ({ crashes = [] }) => crashes.map(({ worker, round }) => `${worker} (round ${round})`).join(', ') || MISSING),
    ...(traffic
      ? [
          sent('fetches', ({ fetches }) => fetches),
          sent('MB', ({ fetchedBytes }) => significant(fetchedBytes / 1e6)),
          sent('pushes', ({ pushes }) => pushes),
          sent('MB', ({ pushedBytes }) => significant(pushedBytes / 1e6)),
        ]
      : []),
  ];
}

/** What part of these is the Byzantine workers', in per cent. */
function shareOf(counts: readonly number[], byzantine: ReadonlySet<number>): string {
  const total = sum(counts);
  return total === 0 ? MISSING : ((100 * sum(counts.filter((_, worker) => byzantine.has(worker)))) / total).toFixed(1);
}

function meanStaleness(histogram: readonly number[]): string {
  const used = sum(histogram);
  return used === 0 ? MISSING : significant(sum(histogram.map((count, staleness) => count * staleness)) / used);
}

function drawStaleness(drawing: Drawing, { name, summary: { stalenessHistogram } }: Told, wide: boolean): Markup {
  const { plot } = drawing;
  const total = Math.max(1, sum(stalenessHistogram));
  const width = Math.max(1, Math.ceil(stalenessHistogram.length / MOST_BARS));
  const bars = Array.from({ length: Math.ceil(stalenessHistogram.length / width) }, (_, bar) => ({
    from: bar * width - 0.5,
    to: (bar + 1) * width - 0.5,
    share: (100 * sum(stalenessHistogram.slice(bar * width, (bar + 1) * width))) / total,
  }));
  const most = bars.reduce((best, bar) => (bar.share > best.share ? bar : best), { from: -0.5, to: 0.5, share: 0 });
  return drawing.render(
    {
      width: wide ? 480 : 290,
      height: 150,
      marginLeft: 38,
      marginBottom: 34,
      x: { label: 'staleness (steps)', labelArrow: 'none', labelAnchor: 'center', domain: [-0.5, Math.max(0.5, stalenessHistogram.length - 0.5)] },
      y: { label: '% of used rows', labelArrow: 'none', grid: true, ticks: 4 },
      marks: [plot.rectY(bars, { x1: 'from', x2: 'to', y: 'share', fill: 'var(--heat)', insetLeft: 0.5 }), plot.ruleY([0], { strokeOpacity: 0.4 })],
    },
    `Staleness of the used rows, ${name}: most often ${Math.ceil(most.from)}${width > 1 ? ` to ${Math.floor(most.to)}` : ''} steps (${significant(most.share)} %), ` +
      `at most ${Math.max(0, stalenessHistogram.length - 1)}.`,
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
