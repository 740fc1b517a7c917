import { type Markup, html } from './html.js';
import type { RunGroup } from './summary.js';

/** Small multiples: one panel a rule, and in each panel one line a series, so that colours mean the same in every picture. */
export interface Panels {
  readonly panels: readonly Panel[];
  readonly series: readonly Series[];
}

export interface Panel {
  readonly title: string;
  readonly members: readonly Member[];
}

/** A group of runs and the line that shows it. */
export interface Member {
  readonly group: RunGroup;
  readonly series: Series;
}

/** What a line looks like: by colour on a screen, by dashes in print and for those who see colours differently. */
export interface Series {
  readonly name: string;
  readonly colour: string;
  readonly dash: string;
}

/** Colours in the style sheet: `--series-0` … */
const COLOURS = 7;
const DASHES = ['6 2', '2 2', '9 2 2 2', '4 1.5 1 1.5', '12 3', '1 2.5', ''];

/** Lays groups out: a panel a rule and a line an attack; what else varies makes further lines when the attack doesn't vary, further panels otherwise. */
export function layOut(groups: readonly RunGroup[]): Panels {
  const attacks = new Set(groups.map((group) => group.attack));
  const settingIsSeries = attacks.size <= 1 && groups.some((group) => group.setting !== '');
  const names = [...new Set(groups.map((group) => seriesName(group, settingIsSeries)))];
  const ordered = [...names.filter((name) => name === BASELINE), ...names.filter((name) => name !== BASELINE)];
  const series = new Map(styles(ordered).map((style) => [style.name, style]));

  const panels = new Map<string, Member[]>();
  for (const group of groups) {
    const title = settingIsSeries || group.setting === '' ? group.rule : `${group.rule}, ${group.setting}`;
    const style = series.get(seriesName(group, settingIsSeries));
    const members = panels.get(title) ?? [];
    if (style !== undefined) members.push({ group, series: style });
    panels.set(title, members);
  }
  return { panels: [...panels].map(([title, members]) => ({ title, members })), series: [...series.values()] };
}

/** What each line's colour and dashes stand for. Nothing for a single line. */
export function legend({ series }: Panels): Markup | undefined {
  if (series.length <= 1) return undefined;
  const items = series.map(
    ({ name, colour, dash }) => html`<li><svg viewBox="0 0 28 8" aria-hidden="true"><path d="M0,4H28" stroke="${colour}" stroke-width="2.4" stroke-dasharray="${dash}"/></svg>${name}</li>`,
  );
  return html`<ul class="legend">${items}</ul>`;
}

const BASELINE = 'no attack';

function seriesName(group: RunGroup, settingIsSeries: boolean): string {
  return settingIsSeries ? group.setting || 'as is' : group.attack || 'all runs';
}

/** Without an attack: the text's own colour, solid. */
function styles(names: readonly string[]): Series[] {
  const others = names.filter((name) => name !== BASELINE);
  return names.map((name) => {
    if (name === BASELINE) return { name, colour: 'currentColor', dash: '' };
    const index = others.indexOf(name);
    return { name, colour: `var(--series-${index % COLOURS})`, dash: DASHES[(index + Math.floor(index / COLOURS)) % DASHES.length] ?? '' };
  });
}
