import type { Markish, PlotOptions } from '@observablehq/plot';
import type { Point } from './curve.js';
import type { Drawing } from './drawing.js';
import type { Markup } from './html.js';
import type { Series } from './panels.js';

/** Lines over the rounds, all panels of a picture on the same axes. */
export interface Chart {
  readonly lines: readonly Line[];
  /** Drawn one above the other when there are several, each named. */
  readonly strips: readonly string[];
  readonly lastRound: number;
  readonly axis: Axis;
  /** A dotted line across, at this value. */
  readonly level?: number | undefined;
  /** A single panel has the page to itself. */
  readonly wide: boolean;
}

export interface Line {
  readonly series: Series;
  readonly strip: string;
  readonly points: readonly Point[];
  /** Is the deviation drawn as a band? */
  readonly band: boolean;
  /** Marked by a cross at its end. */
  readonly diverged: boolean;
  /** A diamond at the right edge. */
  readonly reference?: number | undefined;
}

export interface Axis {
  readonly label: string;
  /** Values beyond are drawn on the edge. */
  readonly domain: readonly [low: number, high: number];
  readonly scale: 'linear' | 'log';
  readonly percent: boolean;
}

/** Draws a chart; `description` says in words what it shows. */
export function drawChart(drawing: Drawing, chart: Chart, description: string): Markup {
  const { plot } = drawing;
  const { axis, strips, lines, wide } = chart;
  const stacked = strips.length > 1;
  const frame: PlotOptions = {
    ...frameSize(wide, strips.length),
    x: { domain: [0, Math.max(1, chart.lastRound)], label: 'round', labelArrow: 'none', ticks: wide ? 10 : 5, tickFormat: wholeNumber },
    y: { domain: axis.domain, type: axis.scale, clamp: true, label: axis.label, labelArrow: 'none', ...ticks(axis, stacked) },
    ...(stacked ? { fy: { domain: strips, axis: null, padding: 0.22 } } : {}),
  };
  const facet = stacked ? { fy: 'strip' } : {};
  const marks: Markish[] = [
    plot.gridY({ strokeOpacity: 0.13, ...ticks(axis, stacked) }),
    plot.ruleY([axis.domain[0]], { strokeOpacity: 0.5 }),
    chart.level === undefined ? null : plot.ruleY([chart.level], { strokeDasharray: '1 3', strokeOpacity: 0.8 }),
    ...lines.filter((line) => line.band).map((line) => plot.areaY(within(line, axis), { x: 'round', y1: 'low', y2: 'high', fill: line.series.colour, fillOpacity: 0.2, ...facet })),
    ...lines.map((line) => plot.lineY(within(line, axis), { x: 'round', y: 'value', stroke: line.series.colour, strokeWidth: 1.8, strokeDasharray: line.series.dash || 'none', ...facet })),
    ...lines.map((line) => endMark(plot, line, axis)),
    ...lines.map((line) => referenceMark(plot, line, chart)),
    stacked ? plot.text(strips.map((strip) => ({ strip })), { ...facet, text: 'strip', frameAnchor: 'right', textAnchor: 'start', dx: 5, fill: 'currentColor' }) : null,
  ];
  return drawing.render({ ...frame, marks }, description);
}

function frameSize(wide: boolean, strips: number): PlotOptions {
  const height = strips > 1 ? 60 + 72 * strips : 200;
  const margins = { marginTop: 24, marginRight: strips > 1 ? 40 : 12, marginBottom: 34, marginLeft: 40 };
  return wide ? { width: 480, height: Math.max(height, 240), ...margins } : { width: 290, height: height - 10, ...margins };
}

function ticks({ percent, scale, domain }: Axis, stacked: boolean): object {
  if (percent) return { ticks: stacked ? [0, 50, 100] : [0, 25, 50, 75, 100] };
  return scale === 'log' ? { ticks: decadeTicks(domain), tickFormat: logarithmicLabel } : { ticks: 5 };
}

function within({ points, strip }: Line, { domain: [low, high] }: Axis): object[] {
  const clamp = (value: number) => Math.min(high, Math.max(low, value));
  return points.map(({ round, mean, deviation }) => ({ round, strip, value: clamp(mean), low: clamp(mean - deviation), high: clamp(mean + deviation) }));
}

function endMark(plot: Drawing['plot'], line: Line, axis: Axis): Markish {
  const end = within(line, axis).slice(-1);
  if (end.length === 0) return null;
  const place = { x: 'round', y: 'value', ...(line.strip === '' ? {} : { fy: 'strip' }) };
  if (line.diverged) return plot.dot(end, { ...place, symbol: 'times', r: 4.5, stroke: line.series.colour, strokeWidth: 2.4 });
  return line.points.length === 1 ? plot.dot(end, { ...place, r: 3, fill: line.series.colour }) : null;
}

function referenceMark(plot: Drawing['plot'], { series, reference }: Line, { lastRound }: Chart): Markish {
  if (reference === undefined) return null;
  return plot.dot([[Math.max(1, lastRound), reference]], { symbol: 'diamond', r: 4.5, fill: series.colour, stroke: 'var(--paper)', strokeWidth: 1, clip: false });
}

function wholeNumber(round: number): string {
  return Number.isInteger(round) ? round.toLocaleString('en-US') : '';
}

/** Powers of ten; 2 and 5 between them when there is room. */
function decadeTicks([low, high]: Axis['domain']): number[] {
  const [first, last] = [Math.round(Math.log10(low)), Math.round(Math.log10(high))];
  const step = Math.ceil((last - first) / 5);
  const within = last - first === 1 ? [1, 2, 5] : last - first === 2 ? [1, 3] : [1];
  const decades = Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => 10 ** (first + index * step));
  return decades.flatMap((decade) => within.map((factor) => factor * decade)).filter((tick) => tick <= high * 1.001);
}

function logarithmicLabel(value: number): string {
  return value >= 0.001 && value < 10_000 ? String(Number(value.toPrecision(1))) : value.toExponential(0);
}
