import type { Axis } from './chart.js';
import type { Pick } from './curve.js';
import type { Drawing } from './drawing.js';
import { type Markup, html } from './html.js';
import type { Panels } from './panels.js';
import { drawPicture } from './picture.js';
import { configurationOf } from './summary.js';
import type { ReportedRun } from './types.js';

/** Choices that are all or nothing show as shares over this many stretches of rounds. */
const STRETCHES = 25;

/** What the rounds' records say about how the rule was fooled, or wasn't: one picture a quantity. */
export function drawForensics(drawing: Drawing, layout: Panels): Markup[] {
  const runs = layout.panels.flatMap((panel) => panel.members.flatMap((member) => member.group.runs));
  const share = commonShare(runs);
  const reversed = runs.some((run) => run.records.some((record) => record.cosine < 0));
  const percent = (label: string): Axis => ({ label, domain: [0, 100], scale: 'linear', percent: true });
  const logarithmic = (label: string, domain: Axis['domain']): Axis => ({ label, domain, scale: 'log', percent: false });
  const distance = decadesOf(runs, (record) => record.distance);

  const pictures = [
    drawPicture(drawing, layout, {
      heading: 'Weight on Byzantine rows',
      quantity: 'Weight on Byzantine rows',
      strips: [{ name: '', pick: (record) => record.byzantineWeight }],
      axis: percent('weight on Byzantine rows (%)'),
      mostPoints: STRETCHES,
      level: share === undefined ? undefined : 100 * share,
      caption: html`How much of the aggregate comes from the Byzantine workers: 0 means the rule kept them out, 100 that it listened to nobody else. \
Without an attack they report honest rows, and the line is what the rule gives them then. \
Shown for rules that give each row a weight, as means over up to ${STRETCHES} stretches of rounds: a rule that picks one row is all or nothing in a single round.
        ${share === undefined ? '' : `The dotted line is their share of the workers, which a plain mean would give them.`}`,
    }),
    drawPicture(drawing, layout, {
      heading: 'Distance of the aggregate to the honest mean',
      quantity: 'Distance of the aggregate to the honest mean',
      strips: [{ name: '', pick: (record) => record.distance }],
      axis: logarithmic('honest standard deviations', distance.domain),
      caption: html`How far the rule's result is from the mean of the honest gradients, \
in units of the honest gradients' own spread (length of the difference over length of their standard deviation); the scale is logarithmic\
${distance.clipped ? ', and what lies beyond it is drawn on its edge' : ''}.`,
    }),
    drawPicture(drawing, layout, {
      heading: 'Direction of the aggregate',
      quantity: 'Cosine between the aggregate and the honest mean',
      strips: [{ name: '', pick: (record) => record.cosine }],
      axis: { label: 'cosine', domain: [reversed ? -1 : 0, 1], scale: 'linear', percent: false },
      level: reversed ? 0 : undefined,
      caption: html`The cosine of the angle between the rule's result and the mean of the honest gradients: \
1 is the right direction, 0 sideways; below 0 the step undoes what the honest workers want.`,
    }),
    drawPicture(drawing, layout, {
      heading: 'Coordinates whose sign a small lie can turn',
      quantity: 'Share of coordinates with |μ| < zσ',
      strips: ([['z = ½', 0], ['z = 1', 1], ['z = 2', 2]] as const).map(([name, index]) => ({ name, pick: (record) => record.withinDeviation[index] })),
      axis: percent('|μ| < zσ (% of coordinates)'),
      caption: html`The share of the model's coordinates in which the honest workers' mean μ is smaller than z of their standard deviations σ: \
there a lie of z standard deviations, hidden within the honest spread, reverses the mean's sign.`,
    }),
    drawPicture(drawing, layout, {
      heading: 'Disagreement among honest workers',
      quantity: 'Deviation-to-norm ratio of the honest gradients',
      strips: [{ name: '', pick: (record) => record.deviationToNorm }],
      axis: logarithmic('deviation / norm', decadesOf(runs, (record) => record.deviationToNorm).domain),
      caption: html`The length of the honest gradients' standard deviation over the length of their mean: \
the larger it is, the more room a lie has within what honest workers might have said; \
the published guarantees of the rules need it small (“Runs” below has each rule's bound, where there is one).`,
    }),
  ];
  return pictures.filter((picture) => picture !== undefined);
}

/** f / n, when it is the same in all runs and there are Byzantine workers. */
function commonShare(runs: readonly ReportedRun[]): number | undefined {
  const shares = new Set(runs.map(configurationOf).flatMap((found) => (found === undefined ? [] : [found.byzantine.count / found.workers])));
  const [share] = shares;
  return shares.size === 1 && share !== 0 ? share : undefined;
}

/** Whole powers of ten around the values, at least one decade and at most eight. */
function decadesOf(runs: readonly ReportedRun[], pick: Pick): { readonly domain: Axis['domain']; readonly clipped: boolean } {
  const exponents = runs.flatMap((run) => run.records.map(pick)).flatMap((value) => (typeof value === 'number' && value > 0 && Number.isFinite(value) ? [Math.log10(value)] : []));
  const [least, most] = exponents.reduce(([low, high], exponent) => [Math.min(low, exponent), Math.max(high, exponent)], [Infinity, -Infinity]);
  if (!Number.isFinite(least)) return { domain: [0.1, 10], clipped: false };
  const low = Math.max(-4, Math.floor(least));
  const high = Math.min(low + 8, Math.max(low + 1, Math.ceil(most)));
  return { domain: [10 ** low, 10 ** high], clipped: least < low || most > high };
}
