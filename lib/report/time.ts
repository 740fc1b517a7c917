import { max, mean } from 'simple-statistics';
import type { PhaseSeconds } from '../run/records.js';
import type { Drawing } from './drawing.js';
import { type Markup, html } from './html.js';
import { significant } from './numbers.js';
import type { Member, Panel, Panels } from './panels.js';
import { panelTitle } from './picture.js';
import { shorten } from './shorten.js';

const PHASES = ['gradient', 'craft', 'aggregate', 'evaluate'] as const satisfies (keyof PhaseSeconds)[];

/** Mean milliseconds of a round by phase, as stacked bars on one axis for all panels. */
export function drawTime(drawing: Drawing, layout: Panels): Markup | undefined {
  const panels = layout.panels.map((panel) => ({ panel, bars: panel.members.flatMap(barOf) })).filter(({ bars }) => bars.length > 0);
  if (panels.length === 0) return undefined;
  const longest = max(panels.flatMap(({ bars }) => bars.map((bar) => bar.total)));
  const wide = panels.length === 1;
  const swatch = (phase: string) => html`<svg viewBox="0 0 14 8" aria-hidden="true"><rect width="14" height="8" fill="var(--phase-${phase})"/></svg>`;
  const drawn = panels.map(({ panel, bars }) => html`<div class="panel">${panelTitle(layout, panel)}${drawBars(drawing, panel, bars, longest, wide)}</div>`);
  return html`<figure class="${wide ? 'single' : undefined}">
<ul class="legend">${PHASES.map((phase) => html`<li>${swatch(phase)}${phase}</li>`)}</ul>
<div class="panels" style="--panels:${panels.length}">${drawn}</div>
<figcaption>Where a round's time goes, on average over the rounds: the workers' gradients, crafting the attack, the aggregation rule, \
and the evaluation on the test set, which is spread over the rounds although only some rounds end with one.</figcaption>
</figure>`;
}

interface Bar {
  readonly name: string;
  readonly milliseconds: Readonly<Record<keyof PhaseSeconds, number>>;
  readonly total: number;
}

function barOf({ group, series }: Member): Bar[] {
  const records = group.runs.flatMap((run) => run.records);
  if (records.length === 0) return [];
  const average = (phase: keyof PhaseSeconds) => 1000 * mean(records.map((record) => record.seconds[phase]));
  const milliseconds = { gradient: average('gradient'), craft: average('craft'), aggregate: average('aggregate'), evaluate: average('evaluate') };
  return [{ name: series.name, milliseconds, total: PHASES.reduce((sum, phase) => sum + milliseconds[phase], 0) }];
}

function drawBars(drawing: Drawing, panel: Panel, bars: readonly Bar[], longest: number, wide: boolean): Markup {
  const { plot } = drawing;
  const rows = bars.map((bar, row) => ({ row, label: `${shorten(bar.name, wide ? 60 : 32)}  ${significant(bar.total)} ms` }));
  const pieces = bars.flatMap((bar, row) => PHASES.map((phase) => ({ row, phase, milliseconds: bar.milliseconds[phase] })));
  const words = bars.map((bar) => `${bar.name} ${PHASES.map((phase) => `${phase} ${significant(bar.milliseconds[phase])}`).join(', ')}`);
  return drawing.render(
    {
      width: wide ? 480 : 290,
      height: 44 + 34 * bars.length,
      marginLeft: 8,
      marginRight: 16,
      marginTop: 4,
      marginBottom: 34,
      x: { domain: [0, longest > 0 ? longest : 1], label: 'ms a round', labelArrow: 'none', ticks: wide ? 8 : 5 },
      y: { axis: null, domain: rows.map(({ row }) => row), padding: 0 },
      color: { domain: PHASES, range: PHASES.map((phase) => `var(--phase-${phase})`) },
      marks: [
        plot.gridX({ strokeOpacity: 0.13, ticks: wide ? 8 : 5 }),
        plot.barX(pieces, { x: 'milliseconds', y: 'row', fill: 'phase', order: PHASES, insetTop: 18, insetBottom: 2, stroke: 'var(--paper)', strokeWidth: 0.6 }),
        plot.text(rows, { x: 0, y: 'row', text: 'label', textAnchor: 'start', dx: 1, dy: -8, stroke: 'var(--paper)', strokeWidth: 3, fill: 'currentColor' }),
      ],
    },
    `Milliseconds of a round by phase, ${panel.title}: ${words.join('; ')}.`,
  );
}
