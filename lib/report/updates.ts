import type { Drawing } from './drawing.js';
import { type Markup, html } from './html.js';
import { MISSING, figure, significant } from './numbers.js';
import type { Panels } from './panels.js';
import { drawPicture } from './picture.js';
import type { RunGroup } from './summary.js';

/** What the threads of HOGWILD! did: speed, staleness, what races lost, and how sparse the data is. Undefined for other modes. */
export function renderUpdates(groups: readonly RunGroup[]): Markup | undefined {
  const updating = groups.filter((group) => group.updatesPerSecond !== undefined);
  if (updating.length === 0) return undefined;
  const fastest = Math.max(...updating.map((group) => group.updatesPerSecond?.mean ?? 0));
  return html`<div class="scroll"><table>
<thead><tr><th>run</th><th class="number">updates/s</th><th class="number">of the fastest (%)</th><th class="number">staleness</th><th class="number">lost (%)</th><th class="number">gathered</th><th class="number">ρ</th><th class="number">Δ</th><th class="number">Ω</th></tr></thead>
<tbody>${updating.map((group) => renderGroup(group, fastest))}</tbody>
</table></div>
<p class="note">Updates a second are without evaluation. Staleness: how many updates of other threads lay between an update's reading and its writing, on average over the ones measured.
Lost: of additions of 1 to shared counters, with the run's own accesses, how many were missing in the end: an estimate of what races lose. Gathered: vertices whose updates a thread keeps until it flushes them.
Of sparse data, ρ: the greatest share of edges that meet one edge (≥ where only a bound was found); Δ: that have one vertex in common; Ω: the most vertices of an edge (Recht et al. 2011).</p>`;
}

function renderGroup(group: RunGroup, fastest: number): Markup {
  const { sparsity, gathered } = group.runs.find((run) => run.manifest !== undefined)?.manifest?.manifest.hogwild ?? {};
  const number = (text: string): Markup => html`<td class="number">${text}</td>`;
  const perSecond = group.updatesPerSecond?.mean ?? NaN;
  return html`<tr><th scope="row"><span class="${group.name.length > 34 ? 'long name' : 'name'}">${group.name}</span></th>
${[
  figure(group.updatesPerSecond),
  fastest > 0 ? ((100 * perSecond) / fastest).toFixed(0) : MISSING,
  figure(group.staleness),
  group.lostShare === undefined ? MISSING : (100 * group.lostShare.mean).toFixed(4),
  gathered?.toLocaleString('en-US') ?? MISSING,
  sparsity === undefined ? MISSING : `${sparsity.rhoIsExact ? '' : '≥ '}${significant(sparsity.rho)}`,
  sparsity === undefined ? MISSING : significant(sparsity.delta),
  sparsity?.omega.toLocaleString('en-US') ?? MISSING,
].map(number)}</tr>`;
}

/** The training loss over the epochs. Undefined for other modes. */
export function drawLoss(drawing: Drawing, layout: Panels): Markup | undefined {
  const losses = layout.panels.flatMap(({ members }) => members.flatMap(({ group }) => group.runs.flatMap(({ records }) => records.flatMap((record) => (record.updates === undefined ? [] : [record.trainLoss])))));
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
