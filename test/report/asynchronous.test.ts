import t from 'tap';
import { renderReport } from '../../lib/report/report.js';
import { renderTextTable } from '../../lib/report/text-table.js';
import type { ReportedRun } from '../../lib/report/types.js';
import type { AsynchronousSummary, Manifest } from '../../lib/run/records.js';
import { RULES, sketchReport } from './fixture.js';
import { all, parsePage, tableRows } from './page.js';

const COLUMN = 'rows arrived';
const SUMMARY: AsynchronousSummary = {
  clock: 'virtual', repeatable: true, time: 12.5, arrivals: [10, 10, 30, 50], rejections: [5, 0, 0, 0], uses: [1, 1, 1, 1], stalenessHistogram: [1, 0, 2, 1], evaluations: [],
};

function asynchronous(run: ReportedRun, summary: AsynchronousSummary, byzantineWorkers: readonly number[]): ReportedRun {
  const manifest = run.manifest as Manifest;
  return { ...run, manifest: { ...manifest, manifest: { ...manifest.manifest, byzantineWorkers, asynchronous: summary } } };
}

t.test('asynchronous runs show who sent what, and how stale the rows were that were used', async (t) => {
  const report = sketchReport({ rules: [{ name: 'mean' }], attacks: [{ name: 'none' }] });
  const page = parsePage(await renderReport({ ...report, runs: report.runs.map((run) => asynchronous(run, SUMMARY, [0, 1])) }));
  const [row] = tableRows(page, COLUMN);
  // Time; arrived and the Byzantine share of them; rejected and theirs; their share of the used rows; mean staleness (0 + 2·2 + 3)/4 and the greatest.
  t.same(row?.slice(1), ['virtual', '12.5', '100', '20.0', '5', '100.0', '50.0', '1.75', '3', '–', '–', '–', '–']);
  const [picture] = all(page, 'svg.plot').filter((svg) => (svg.getAttribute('aria-label') ?? '').startsWith('Staleness'));
  t.match(picture?.getAttribute('aria-label'), /most often 2 steps \(50\.0 %\), at most 3/);
});

t.test('of runs on the real clock also what was torn, replaced and crashed, and that they may differ; a replay says what it is', async (t) => {
  const report = sketchReport({ rules: [{ name: 'mean' }], attacks: [{ name: 'none' }], seeds: 2 });
  const real: AsynchronousSummary = { ...SUMMARY, clock: 'real', repeatable: false, torn: 3, overwritten: 7, stepsPerSecond: 250, crashes: [{ worker: 1, round: 4 }, { worker: 3, round: 4 }] };
  const replay: AsynchronousSummary = { ...SUMMARY, overwritten: 7, replay: {} };
  const html = await renderReport({ ...report, runs: report.runs.map((run, index) => asynchronous(run, index === 0 ? real : replay, [0, 1])) });
  const [first, second] = tableRows(parsePage(html), COLUMN);
  t.equal(first?.[1], 'real');
  t.same(first?.slice(-4), ['250', '7', '3', '1 (round 4), 3 (round 4)']);
  t.equal(second?.[1], 'replayed');
  t.same(second?.slice(-4), ['–', '7', '–', '–']);
  t.match(html, /the same scenario may give other figures/);
});

t.test('the note below the results names the clock that the times are on, and says when they are on several', async (t) => {
  const report = sketchReport({ rules: RULES.slice(0, 2), attacks: [{ name: 'none' }] });
  const real: AsynchronousSummary = { ...SUMMARY, clock: 'real', repeatable: false };
  const note = async (...summaries: readonly AsynchronousSummary[]): Promise<string> => {
    const given = { ...report, runs: report.runs.map((run, index) => asynchronous(run, summaries[index] as AsynchronousSummary, [])) };
    const [sentence = ''] = /Times are .*\./.exec(await renderReport(given)) ?? [];
    t.match(renderTextTable(given), sentence, 'and so does the table on screen');
    return sentence;
  };
  t.equal(await note(SUMMARY, SUMMARY), 'Times are virtual.');
  t.equal(await note(real, real), 'Times are on the real clock, in seconds of training.');
  t.match(await note(SUMMARY, { ...SUMMARY, replay: {} }), /more than one clock: some are virtual; some of a recorded run on the real clock/);
  t.match(await note(real, SUMMARY), /more than one clock: some are on the real clock, in seconds of training; some virtual\./);
});

t.test('nothing used, nothing sent, and more runs than pictures', async (t) => {
  const nothing: AsynchronousSummary = { clock: 'virtual', repeatable: true, time: 0, arrivals: [0, 0], rejections: [0, 0], uses: [0, 0], stalenessHistogram: [], evaluations: [] };
  const report = sketchReport({ rules: [{ name: 'mean' }], attacks: [{ name: 'none' }], seeds: 14 });
  const page = parsePage(await renderReport({ ...report, runs: report.runs.map((run) => asynchronous(run, nothing, [])) }));
  t.equal(tableRows(page, COLUMN).length, 14);
  t.same(tableRows(page, COLUMN)[0]?.slice(1), ['virtual', '0.000', '0', '–', '0', '–', '–', '–', '0', '–', '–', '–', '–']);
  t.equal(all(page, 'svg.plot').filter((svg) => (svg.getAttribute('aria-label') ?? '').startsWith('Staleness')).length, 12);
});

t.test('synchronous runs say nothing of it', async (t) => {
  t.same(tableRows(parsePage(await renderReport(sketchReport())), COLUMN), []);
});

t.test('what Downpour fetched and pushed is there, and a dash for runs of other modes', async (t) => {
  const report = sketchReport({ rules: [{ name: 'mean' }, { name: 'krum' }], attacks: [{ name: 'none' }] });
  const traffic = { fetches: 3, pushes: 12, fetchedBytes: 1_500_000, pushedBytes: 6_000_000 };
  const page = parsePage(await renderReport({ ...report, runs: report.runs.map((run, index) => asynchronous(run, index === 0 ? { ...SUMMARY, traffic } : SUMMARY, [])) }));
  t.same(tableRows(page, COLUMN).map((row) => row.slice(-4)), [['3', '1.50', '12', '6.00'], ['–', '–', '–', '–']]);
});
