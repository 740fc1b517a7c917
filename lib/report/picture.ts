import { type Axis, type Line, drawChart } from './chart.js';
import { type Pick, curve } from './curve.js';
import type { Drawing } from './drawing.js';
import { type Markup, html } from './html.js';
import { percentOf, significant } from './numbers.js';
import { type Panel, type Panels, legend } from './panels.js';
import { shorten } from './shorten.js';
import { type RunGroup, statusOf } from './summary.js';

/** A quantity over the rounds in small multiples, and how to read it. */
export interface PictureOptions {
  /** Above the picture; without it the section's title has to do. */
  readonly heading?: string;
  /** What is drawn, for the description. */
  readonly quantity: string;
  readonly caption: Markup;
  /** What to draw: one quantity, or several named ones, one above the other. */
  readonly strips: readonly { readonly name: string; readonly pick: Pick }[];
  readonly axis: Axis;
  /** Draw ± one standard deviation over the seeds? */
  readonly band?: boolean;
  /** What a group is measured against; marked by a diamond at the right edge. */
  readonly reference?: (group: RunGroup) => number | undefined;
  /** Fewer points than usual, for what jumps from round to round. */
  readonly mostPoints?: number;
  /** A dotted line in every panel. */
  readonly level?: number | undefined;
}

/** Two or three lines over a panel; the tables have the whole name. */
const LONGEST_TITLE = 72;

/** Draws a picture: a legend, one panel a rule, a caption. Rules whose rounds never recorded the quantity are left out; undefined when all are. */
export function drawPicture(drawing: Drawing, layout: Panels, options: PictureOptions): Markup | undefined {
  const panels = layout.panels.map((panel) => ({ panel, lines: linesOf(panel, options) })).filter(({ lines }) => lines.some((line) => line.points.length > 0));
  if (panels.length === 0) return undefined;
  const wide = panels.length === 1;
  const chart = { strips: options.strips.map((strip) => strip.name), lastRound: lastRound(layout), axis: options.axis, level: options.level, wide };
  const drawn = panels.map(({ panel, lines }) => {
    const picture = drawChart(drawing, { ...chart, lines }, describe(options, panel, lines));
    return html`<div class="panel">${panelTitle(layout, panel)}${picture}</div>`;
  });
  return html`<figure class="${wide ? 'single' : undefined}">
${options.heading === undefined ? undefined : html`<h3>${options.heading}</h3>`}
${legend(layout)}
<div class="panels" style="--panels:${panels.length}">${drawn}</div>
<figcaption>${options.caption}</figcaption>
</figure>`;
}

/** The rule over its panel, when there are several rules. */
export function panelTitle(layout: Panels, panel: Panel): Markup | undefined {
  return layout.panels.length === 1 ? undefined : html`<h4>${shorten(panel.title, LONGEST_TITLE)}</h4>`;
}

function linesOf(panel: Panel, { strips, band = false, reference, axis, mostPoints }: PictureOptions): Line[] {
  const scale = axis.percent ? 100 : 1;
  return panel.members.flatMap(({ group, series }) =>
    strips.map(({ name, pick }) => {
      const points = curve(group.runs, pick, mostPoints).map(({ round, mean, deviation }) => ({ round, mean: scale * mean, deviation: scale * deviation }));
      const target = reference?.(group);
      return {
        series,
        strip: strips.length > 1 ? name : '',
        points,
        band: band && points.some((point) => point.deviation > 0),
        diverged: group.runs.every((run) => statusOf(run) === 'diverged'),
        reference: target === undefined ? undefined : scale * target,
      };
    }),
  );
}

function lastRound({ panels }: Panels): number {
  const runs = panels.flatMap((panel) => panel.members.flatMap((member) => member.group.runs));
  return runs.reduce((last, run) => Math.max(last, run.records.at(-1)?.round ?? 0), 0);
}

/** The picture in words, for those who hear the page. */
function describe({ quantity, axis }: PictureOptions, panel: Panel, lines: readonly Line[]): string {
  const ends = lines.map(({ series, strip, points }) => {
    const end = points.at(-1);
    const value = end === undefined ? 'nothing recorded' : `ends at ${axis.percent ? `${percentOf(end.mean / 100)} %` : significant(end.mean)}`;
    return `${[series.name, strip].filter((part) => part !== '').join(', ')} ${value}`;
  });
  return `${quantity} by round, ${panel.title}: ${ends.join('; ')}.`;
}
