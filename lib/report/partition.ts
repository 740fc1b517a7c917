import type { Manifest } from '../run/records.js';
import type { Drawing } from './drawing.js';
import { type Markup, html } from './html.js';
import type { ScenarioReport } from './types.js';
import { describeValue } from './variant.js';

/** More columns than this can't be told apart; evenly spaced workers are shown instead. */
const MOST_WORKERS = 100;

/** Which classes each worker holds, one heat map a partition, when a partition is not iid. */
export function drawPartitions(drawing: Drawing, report: ScenarioReport): Markup | undefined {
  const distinct = new Map<string, Manifest>();
  for (const { manifest } of report.runs) {
    if (manifest === undefined || manifest.partition.name === 'iid') continue;
    const { dataset, partition, workers, byzantine } = manifest;
    const key = JSON.stringify([dataset, partition, workers, byzantine]);
    if (!distinct.has(key) && manifest.manifest.labelHistogram.length > 0) distinct.set(key, manifest);
  }
  if (distinct.size === 0) return undefined;
  const manifests = [...distinct.values()];
  const wide = manifests.length === 1;
  const thinned = manifests.some((manifest) => manifest.manifest.labelHistogram.length > MOST_WORKERS);
  const panels = manifests.map((manifest) => {
    const title = `${describeValue(manifest.partition)}, ${manifest.workers} workers, seed ${manifest.seed}`;
    return html`<div class="panel"><h4>${title}</h4>${drawHistogram(drawing, manifest, wide)}</div>`;
  });
  return html`<figure class="${wide ? 'single' : undefined}">
<div class="panels" style="--panels:${manifests.length}">${panels}</div>
<figcaption>One column a worker, one row a class: the darker a cell, the more of the worker's samples are of that class \
(the darkest cell of a picture is its largest count). Dots mark Byzantine workers.
${thinned ? `Of many workers, at most ${MOST_WORKERS} evenly spaced ones are shown.` : ''}</figcaption>
</figure>`;
}

function drawHistogram(drawing: Drawing, { manifest, partition }: Manifest, wide: boolean): Markup {
  const { plot } = drawing;
  const { labelHistogram, byzantineWorkers } = manifest;
  const shown = evenly(labelHistogram.length);
  const most = labelHistogram.flat().reduce((largest, count) => Math.max(largest, count), 1);
  const cells = shown.flatMap((worker) => (labelHistogram[worker] ?? []).map((count, label) => ({ worker, label, share: count / most })));
  const classes = Math.max(...labelHistogram.map((counts) => counts.length));
  const corrupted = new Set(byzantineWorkers);
  const ticks = shown.filter((_, index) => index % Math.ceil(shown.length / (wide ? 12 : 6)) === 0);
  return drawing.render(
    {
      width: wide ? 480 : 290,
      height: 64 + 13 * classes,
      marginLeft: 34,
      marginRight: 8,
      marginTop: 26,
      marginBottom: 34,
      x: { domain: shown, label: 'worker', labelArrow: 'none', ticks, tickSize: 3, padding: 0, tickFormat: String },
      y: { domain: Array.from({ length: classes }, (_, label) => label), label: 'class', labelArrow: 'none', padding: 0, tickSize: 0, tickFormat: String },
      opacity: { domain: [0, 1], range: [0, 1] },
      marks: [
        plot.frame({ strokeOpacity: 0.3 }),
        plot.cell(cells.filter((cell) => cell.share > 0), { x: 'worker', y: 'label', fill: 'var(--heat)', fillOpacity: 'share' }),
        plot.dotX(shown.filter((worker) => corrupted.has(worker)), { frameAnchor: 'top', dy: -5, r: 1.8, fill: 'var(--byzantine)' }),
      ],
    },
    `Samples by worker and class, ${describeValue(partition)}: ${labelHistogram.length} workers, ${classes} classes, at most ${most} samples of one class at one worker.`,
  );
}

function evenly(workers: number): number[] {
  const shown = Math.min(workers, MOST_WORKERS);
  return Array.from({ length: shown }, (_, index) => Math.floor((index * workers) / shown));
}
