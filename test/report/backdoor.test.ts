import t from 'tap';
import { KeptRounds } from '../../lib/report/kept-rounds.js';
import { renderReport } from '../../lib/report/report.js';
import { renderTextTable } from '../../lib/report/text-table.js';
import type { ScenarioReport } from '../../lib/report/types.js';
import { ATTACKS, RULES, sketchReport } from './fixture.js';
import { all, parsePage, tableRows } from './page.js';

/** Two rows of three pixels: black, black, white; grey, white, white. */
const IMAGE = Buffer.from([0, 0, 255, 136, 255, 255]).toString('base64');

/** The attacked runs of a sketch, with a backdoor; `colours`: of an image. */
function withBackdoor(report: ScenarioReport, image = IMAGE, channels = 1): ScenarioReport {
  const runs = report.runs.map((run) => {
    if (run.result?.config.attack.name === 'none') return run;
    const backdoor = {
      measured: 9020, on: 'test images' as const, shape: [2, 3, channels] as const,
      examples: [{ label: 7, target: 0, answer: 0, image }, { label: 1, target: 0, answer: 1, image }, { label: 4, target: 0, answer: 255, image }],
    };
    return {
      ...run,
      result: { ...run.result!, finalBackdoorSuccess: 0.75 },
      manifest: { ...run.manifest!, manifest: { ...run.manifest!.manifest, backdoor } },
      records: run.records.map((record) => (record.accuracy === undefined ? record : { ...record, backdoorSuccess: 0.5 })),
      publishedBackdoorSuccess: 0.369,
    };
  });
  return { ...report, runs };
}

const report = withBackdoor(sketchReport({ rules: RULES.slice(0, 2), published: true }));

t.test('tables have the backdoor\'s success beside accuracy, and the published one beside it', async (t) => {
  const [head, , row] = renderTextTable(report).split('\n');
  t.same(head?.split(/ {2,}/), ['rule', 'attack', 'best %', 'published', 'final %', 'backdoor %', 'published', 'status']);
  t.same(row?.split(/ {2,}/).slice(5, 7), ['75.0', '36.9']);
  t.ok(renderTextTable(withBackdoor(sketchReport({ seeds: 3, published: true }))).split('\n').every((line) => line.length <= 100));

  const rows = tableRows(parsePage(await renderReport(report)), 'backdoor success (%)');
  t.same(rows.map((cells) => cells.slice(5, 7)), [['–', '–'], ['75.0', '36.9'], ['–', '–'], ['75.0', '36.9']]);
});

t.test('the page draws success over the rounds, triggered images and the answers', async (t) => {
  const page = parsePage(await renderReport(report));
  t.ok(all(page, 'h2').some(({ textContent }) => textContent === 'The backdoor'));
  t.ok(all(page, 'svg.plot').some((picture) => picture.getAttribute('aria-label')?.startsWith('Backdoor success by round')));
  const samples = all(page, 'svg.sample');
  t.equal(samples.length, 6);
  t.equal(samples[0]!.getAttribute('aria-label'), 'Triggered image of class 7, which the model takes for 0');
  t.equal(samples[0]!.getAttribute('viewBox'), '0 0 3 2');
  const paths = all(samples[0]!, 'path').map((path) => [path.getAttribute('stroke'), path.getAttribute('d')]);
  t.same(paths, [['#000', 'M0 0.5h2'], ['#fff', 'M2 0.5h1M1 1.5h2'], ['#888', 'M0 1.5h1']]);
  t.same(all(page, '.samples li').slice(0, 3).map(({ textContent }) => textContent.trim()), ['7 → 0', '1 → 1', '4 → no answer']);
  t.ok(all(page, 'h4').some(({ textContent }) => textContent.endsWith('75.0 % of 9,020 test images')));
});

t.test('images of three channels have colours', async (t) => {
  const planes = Buffer.from([...Array<number>(6).fill(255), ...Array<number>(6).fill(0), ...Array<number>(6).fill(51)]).toString('base64');
  const page = parsePage(await renderReport(withBackdoor(sketchReport({ rules: RULES.slice(0, 1), attacks: ATTACKS.slice(1) }), planes, 3)));
  t.same(all(all(page, 'svg.sample')[0]!, 'path').map((path) => [path.getAttribute('stroke'), path.getAttribute('d')]), [['#f03', 'M0 0.5h3M0 1.5h3']]);
});

t.test('a report without a backdoor says nothing of one', async (t) => {
  const page = await renderReport(sketchReport({ rules: RULES.slice(0, 1) }));
  t.notMatch(page.replace(/<style>[^]*<\/style>/, ''), /backdoor|class="sample/i);
});

t.test('of many rounds the mean of the success is kept', async (t) => {
  const kept = new KeptRounds(1200);
  for (const record of sketchReport({ rounds: 1200, evaluateEvery: 1 }).runs[1]!.records) kept.add({ ...record, backdoorSuccess: record.round % 2 });
  t.ok(kept.kept.records.length === 600 && kept.kept.records.every(({ backdoorSuccess }) => backdoorSuccess === 0.5));
});
