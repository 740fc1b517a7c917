import { drawAccuracy } from './accuracy.js';
import { drawAsynchronous } from './asynchronous.js';
import { drawBackdoor, renderTriggered } from './backdoor.js';
import { openDrawing } from './drawing.js';
import { drawForensics } from './forensics.js';
import { withFileNames } from './file-names.js';
import { Markup, html } from './html.js';
import { layOut } from './panels.js';
import { drawPartitions } from './partition.js';
import { renderInspections } from './inspections.js';
import { renderSetup } from './setup.js';
import { STYLE } from './style.js';
import { statusOf, summarize } from './summary.js';
import { renderOverview, renderRemovals, renderResults, renderRuns, renderWarnings } from './tables.js';
import { drawTime } from './time.js';
import type { ScenarioReport } from './types.js';
import { drawLoss, renderUpdates } from './updates.js';

/**
 * Renders the report of a scenario as one HTML page that loads nothing: style and pictures are within it, and it holds no script.
 * Runs may have failed, diverged, or have no records: the page says so and shows the rest.
 */
export async function renderReport(given: ScenarioReport): Promise<string> {
  const report = withFileNames(given);
  const drawing = await openDrawing();
  const groups = summarize(report);
  const layout = layOut(groups);
  const warnings = renderWarnings(groups);
  const forensics = drawForensics(drawing, layout);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${report.name} · byzantium</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header><h1>${report.name}</h1>
<p class="lead">${countRuns(report)}, started ${moment(report.started)}</p></header>
<main>
${renderSetup(report)}
${warnings && section('Warnings', warnings)}
${section('Results', renderOverview(groups), renderResults(groups, report))}
${section('Test accuracy', drawAccuracy(drawing, layout, report) ?? html`<p>No round was evaluated.</p>`)}
${section('The backdoor', drawBackdoor(drawing, layout, report.publishedSource), renderTriggered(groups))}
${section('Updates', renderUpdates(groups), drawLoss(drawing, layout))}
${section('Inside the rounds', forensics.length === 0 ? html`<p>No round was recorded.</p>` : html`<div class="${layout.panels.length === 1 ? 'forensics pairs' : 'forensics'}">${forensics}</div>`)}
${section('Time of a round', drawTime(drawing, layout) ?? html`<p>No round was recorded.</p>`)}
${section('Who sent what, and how stale it was', drawAsynchronous(drawing, report))}
${section('Who holds which classes', drawPartitions(drawing, report))}
${section('What the inspection of the data found', renderInspections(groups))}
${section('Removed rows', renderRemovals(groups))}
${section('Runs', renderRuns(groups))}
</main>
</body>
</html>
`;
  return page.toString();
}

function section(title: string, ...contents: readonly (Markup | undefined)[]): Markup | undefined {
  if (contents.every((content) => content === undefined)) return undefined;
  return html`<section><h2>${title}</h2>${contents}</section>`;
}

function countRuns({ runs }: ScenarioReport): string {
  const others = (['diverged', 'failed', 'unfinished'] as const)
    .map((status) => [status, runs.filter((run) => statusOf(run) === status).length] as const)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`);
  return `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}${others.length === 0 ? '' : ` (${others.join(', ')})`}`;
}

/** ISO 8601 to the minute, in words; what is no date stays as it is. */
function moment(started: string): string {
  const time = new Date(started);
  return Number.isNaN(time.getTime()) ? started : `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
