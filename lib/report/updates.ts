import type { HogwildFacts } from '../run/records.js';
import type { Drawing } from './drawing.js';
import { type Markup, html } from './html.js';
import { MISSING, figure, significant } from './numbers.js';
import type { Panels } from './panels.js';
import { drawPicture } from './picture.js';
import type { RunGroup } from './summary.js';
import { type Column, headColumn, numberColumn, renderTable } from './table.js';

/** What the threads of HOGWILD! did: speed, staleness, what races lost, and how sparse the data is. Undefined for other modes. */
export function renderUpdates(groups: readonly RunGroup[]): Markup | undefined {
  const updating = groups.filter((group) => group.updatesPerSecond !== undefined);
  if (updating.length === 0) return undefined;
  const fastest = Math.max(...updating.map((group) => group.updatesPerSecond?.mean ?? 0));
  return html`${renderTable(updateColumns(fastest), updating, ([run, ...figures]) => html`<tr>${run}\n${figures}</tr>`)}
<p class="note">Updates a second are without evaluation. Staleness: how many updates of other threads lay between an update's reading and its writing, on average over the ones measured.
Lost: of additions of 1 to shared counters, with the run's own accesses, how many were missing in the end: an estimate of what races lose. \
Gathered: vertices whose updates a thread keeps until it flushes them.
Of sparse data, ρ: the greatest share of edges that meet one edge (≥ where only a bound was found); Δ: that have one vertex in common; Ω: the most vertices of an edge (Recht et al. 2011).</p>`;
}

function updateColumns(fastest: number): Column<RunGroup>[] {
  const number = numberColumn<RunGroup>;
  const ofFastest = ({ updatesPerSecond }: RunGroup): string => (fastest > 0 ? ((100 * (updatesPerSecond?.mean ?? NaN)) / fastest).toFixed(0) : MISSING);
  return [
    headColumn('run', (group) => group.name),
    number('updates/s', (group) => figure(group.updatesPerSecond)),
    number('of the fastest (%)', ofFastest),
    number('staleness', (group) => figure(group.staleness)),
    number('lost (%)', ({ lostShare }) => (lostShare === undefined ? MISSING : (100 * lostShare.mean).toFixed(4))),
    number('gathered', (group) => factsOf(group)?.gathered?.toLocaleString('en-US') ?? MISSING),
    number('ρ', (group) => rhoOf(factsOf(group)?.sparsity)),
    number('Δ', (group) => significant(factsOf(group)?.sparsity?.delta ?? NaN)),
    number('Ω', (group) => factsOf(group)?.sparsity?.omega.toLocaleString('en-US') ?? MISSING),
  ];
}

/** What the manifest of a group's first run that has one says of HOGWILD!. */
function factsOf({ runs }: RunGroup): HogwildFacts | undefined {
  return runs.find(({ manifest }) => manifest !== undefined)?.manifest?.manifest.hogwild;
}

function rhoOf(sparsity: HogwildFacts['sparsity']): string {
  return sparsity === undefined ? MISSING : `${sparsity.rhoIsExact ? '' : '≥ '}${significant(sparsity.rho)}`;
}

/** The training loss over the epochs. Undefined for other modes. */
export function drawLoss(drawing: Drawing, layout: Panels): Markup | undefined {
  const runs = layout.panels.flatMap(({ members }) => members.flatMap(({ group }) => group.runs));
  const losses = runs.flatMap(({ records }) => records.filter(({ updates }) => updates !== undefined).map(({ trainLoss }) => trainLoss));
  const finite = losses.filter((loss) => Number.isFinite(loss) && loss > 0);
  if (finite.length === 0) return undefined;
  const domain: [number, number] = [10 ** Math.floor(Math.log10(Math.min(...finite))), 10 ** Math.ceil(Math.log10(Math.max(...finite)) + 1e-9)];
  return drawPicture(drawing, layout, {
    heading: 'Training loss',
    quantity: 'Training loss',
    strips: [{ name: '', pick: (record) => (record.updates === undefined ? undefined : record.trainLoss) }],
    axis: { label: 'mean loss', domain: domain[0] < domain[1] ? domain : [domain[0], 10 * domain[0]], scale: 'log', percent: false },
    band: true,
    caption: html`Of sparse data the mean over an epoch of each edge's loss at the moment when it was visited, without the regulariser; of a dense model, the honest workers' mean loss in a round.`,
  });
}
