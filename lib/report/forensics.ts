import type { Axis } from './chart.js';
import { MOST_POINTS, curve } from './curve.js';
import type { Drawing } from './drawing.js';
import { type Markup, html } from './html.js';
import type { Panels } from './panels.js';
import { drawPicture } from './picture.js';
import { configurationOf } from './summary.js';
import type { ReportedRun } from './types.js';

/** What the rounds' records say about how the rule was fooled, or wasn't: one picture a quantity. */
export function drawForensics(drawing: Drawing, layout: Panels): Markup[] {
  const runs = layout.panels.flatMap((panel) => panel.members.flatMap((member) => member.group.runs));
  const share = commonShare(runs);
  const percent = (label: string): Axis => ({ label, domain: [0, 100], scale: 'linear', percent: true });
  const decades = (label: string, pick: Parameters<typeof curve>[1]): Axis => ({ label, domain: decadesOf(runs, pick), scale: 'log', percent: false });

  const pictures = [
    drawPicture(drawing, selecting(layout), {
      title: 'Weight on Byzantine rows',
      strips: [{ name: '', pick: (record) => record.byzantineWeight }],
      axis: percent('weight on Byzantine rows (%)'),
      level: share === undefined ? undefined : 100 * share,
      caption: html`How much of the aggregate comes from liars: 0 means the rule kept them out, 100 that it listened to nobody else. Shown for rules that give each row a weight.
        ${share === undefined ? '' : `The dotted line is the liars' share of the workers, which a plain mean would give them.`}`,
    }),
    drawPicture(drawing, layout, {
      title: 'Distance of the aggregate to the honest mean',
      strips: [{ name: '', pick: (record) => record.distance }],
      axis: decades('honest standard deviations', (record) => record.distance),
      caption: html`How far the rule's result is from the mean of the honest gradients, in units of the honest gradients' own spread (length of the difference over length of their standard deviation); the scale is logarithmic.`,
    }),
    drawPicture(drawing, layout, {
      title: 'Direction of the aggregate',
      strips: [{ name: '', pick: (record) => record.cosine }],
      axis: { label: 'cosine', domain: [-1, 1], scale: 'linear', percent: false },
      level: 0,
      caption: html`The cosine of the angle between the rule's result and the mean of the honest gradients: 1 is the right direction, 0 (dotted) sideways; below 0 the step undoes what the honest workers want.`,
    }),
    drawPicture(drawing, layout, {
      title: 'Coordinates whose sign a small lie can turn',
      strips: ([['z = ½', 0], ['z = 1', 1], ['z = 2', 2]] as const).map(([name, index]) => ({ name, pick: (record) => record.withinDeviation[index] })),
      axis: percent('|μ| < zσ (% of coordinates)'),
      caption: html`The share of the model's coordinates in which the honest workers' mean μ is smaller than z of their standard deviations σ: there a lie of z standard deviations, hidden within the honest spread, reverses the mean's sign.`,
    }),
    drawPicture(drawing, layout, {
      title: 'Disagreement among honest workers',
      strips: [{ name: '', pick: (record) => record.deviationToNorm }],
      axis: decades('deviation / norm', (record) => record.deviationToNorm),
      caption: html`The length of the honest gradients' standard deviation over the length of their mean: the larger it is, the more room a lie has within what honest workers might have said, and no rule's guarantee holds when it is large.`,
    }),
  ];
  return pictures.filter((picture) => picture !== undefined);
}

/** Said once under the forensics: how lines are made from many rounds and seeds. */
export function forensicsNote(layout: Panels): Markup | undefined {
  const runs = layout.panels.flatMap((panel) => panel.members.flatMap((member) => member.group.runs));
  const rounds = Math.max(0, ...runs.map((run) => run.records.length));
  const stretch = Math.ceil(rounds / MOST_POINTS);
  const seeds = layout.panels.some((panel) => panel.members.some((member) => member.group.runs.length > 1));
  const notes = [seeds ? 'Lines are means over the seeds.' : '', stretch > 1 ? `Each point is the mean over ${stretch} neighbouring rounds.` : ''].filter((note) => note !== '');
  return notes.length === 0 ? undefined : html`<p>${notes.join(' ')}</p>`;
}

/** The panels of rules that weigh rows. */
function selecting({ panels, series }: Panels): Panels {
  const weighs = (run: ReportedRun) => run.records.some((record) => typeof record.byzantineWeight === 'number');
  return { series, panels: panels.filter((panel) => panel.members.some((member) => member.group.runs.some(weighs))) };
}

/** f / n, when it is the same in all runs and there are liars. */
function commonShare(runs: readonly ReportedRun[]): number | undefined {
  const shares = new Set(runs.map(configurationOf).flatMap((found) => (found === undefined ? [] : [found.byzantine.count / found.workers])));
  const [share] = shares;
  return shares.size === 1 && share !== 0 ? share : undefined;
}

/** Whole powers of ten around the values, at least one decade and at most eight. */
function decadesOf(runs: readonly ReportedRun[], pick: Parameters<typeof curve>[1]): [low: number, high: number] {
  const exponents = runs.flatMap((run) => run.records.map(pick)).flatMap((value) => (typeof value === 'number' && value > 0 && Number.isFinite(value) ? [Math.log10(value)] : []));
  const [least, most] = exponents.reduce(([low, high], exponent) => [Math.min(low, exponent), Math.max(high, exponent)], [Infinity, -Infinity]);
  if (!Number.isFinite(least)) return [0.1, 10];
  const low = Math.max(-4, Math.floor(least));
  const high = Math.min(low + 8, Math.max(low + 1, Math.ceil(most)));
  return [10 ** low, 10 ** high];
}
