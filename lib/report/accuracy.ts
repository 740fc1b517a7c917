import type { Drawing } from './drawing.js';
import { type Markup, html } from './html.js';
import type { Panels } from './panels.js';
import { drawPicture } from './picture.js';
import type { ScenarioReport } from './types.js';

/** Test accuracy over the rounds, a panel a rule, with and without attack. */
export function drawAccuracy(drawing: Drawing, layout: Panels, report: ScenarioReport): Markup | undefined {
  const groups = layout.panels.flatMap((panel) => panel.members.map((member) => member.group));
  const seeds = Math.max(0, ...groups.map((group) => group.runs.length));
  const compared = layout.series.length > 1 && layout.series.some((series) => series.name === 'no attack');
  const published = groups.some((group) => group.publishedAccuracy !== undefined);
  return drawPicture(drawing, layout, {
    quantity: 'Test accuracy',
    strips: [{ name: '', pick: (record) => record.accuracy }],
    axis: { label: 'test accuracy (%)', domain: [0, 100], scale: 'linear', percent: true },
    band: true,
    reference: (group) => group.publishedAccuracy,
    caption: html`The share of test samples that the shared model classifies correctly after so many rounds, \
${layout.panels.length > 1 ? 'each panel under one aggregation rule' : 'under one aggregation rule'}\
${compared ? '; the gap between a line and “no attack” is what the attack cost' : ''}.
      ${seeds > 1 ? 'Lines are means over the seeds, bands one standard deviation to either side.' : ''}
      ${published ? `A diamond at the right edge is the best accuracy published in ${report.publishedSource ?? 'the literature'}.` : ''}
      ${groups.some((group) => group.status.includes('diverged')) ? 'A cross ends a line whose runs all diverged.' : ''}`,
  });
}
