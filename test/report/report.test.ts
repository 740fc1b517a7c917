import t from 'tap';
import type { RoundRecord } from '../../lib/run/records.js';
import { renderReport } from '../../lib/report/report.js';
import type { ReportedRun, ScenarioReport } from '../../lib/report/types.js';
import { ATTACKS, RULES, type Sketch, sketchReport } from './fixture.js';
import { type PageElement, all, parsePage, tableRows } from './page.js';

const NASTY = `</script></style><img src="https://evil.example/x" onerror='alert(1)'>"'&amp;<b>`;

async function render(report: ScenarioReport): Promise<PageElement> {
  return parsePage(await renderReport(report));
}

/** The run with changes to its result and records, as a run that ended badly leaves it. */
function diverge(run: ReportedRun, round: number): ReportedRun {
  const result = { ...run.result!, status: 'diverged' as const, reason: `NaN in round ${round}`, finalLoss: NaN, rounds: round, ...(round === 0 ? { maxAccuracy: NaN, finalAccuracy: NaN } : {}) };
  return { ...run, result, records: run.records.slice(0, round) };
}

function change(report: ScenarioReport, index: number, mend: (run: ReportedRun) => ReportedRun): ScenarioReport {
  return { ...report, runs: report.runs.map((run, at) => (at === index ? mend(run) : run)) };
}

t.test('the page loads nothing and runs nothing', async (t) => {
  const page = await render(sketchReport({ seeds: 2, published: true, partition: { name: 'dirichlet', alpha: 0.1 } }));
  t.same(all(page, 'script, link, iframe, object, embed, img, image, use, base, form'), []);
  for (const element of all(page, '*')) {
    for (const { name, value } of element.attributes) {
      t.notMatch(name, /^on|^src$|^srcset$|href$/);
      t.notMatch(value, /url\(|https?:\/\/(?!www\.w3\.org\/)/);
    }
  }
  t.notMatch(all(page, 'style').map((style) => style.textContent).join(''), /@import|url\(|https?:/);
  t.match(all(page, 'meta').map((meta) => meta.getAttribute('name')), new Set(['viewport', 'color-scheme', null]));
});

t.test('every picture has a viewBox, a description and no fixed size', async (t) => {
  const pictures = all(await render(sketchReport()), 'svg.plot');
  t.equal(pictures.length, 4 * 6 + 2);
  for (const picture of pictures) {
    t.equal(picture.getAttribute('role'), 'img');
    t.ok((picture.getAttribute('aria-label') ?? '').length > 20);
    t.match(picture.getAttribute('viewBox'), /^0 0 \d+ \d+$/);
    t.equal(picture.getAttribute('width'), null);
    t.notMatch(picture.textContent, /NaN|undefined/);
  }
});

t.test('text from a scenario, an error or a machine stays text', async (t) => {
  const report = sketchReport({ rules: RULES.slice(0, 1), partition: { name: NASTY, alpha: NASTY }, rounds: 5 });
  const [first] = report.runs as [ReportedRun];
  const manifest = first.manifest!;
  const named = { name: NASTY, preset: NASTY, parameter: NASTY };
  const soiled: ReportedRun = {
    ...first,
    label: NASTY,
    varied: { aggregator: named, attack: named, [NASTY]: NASTY, partition: named },
    records: first.records.map((record) => ({ ...record, removed: [1] })),
    result: { ...first.result!, status: 'diverged', reason: NASTY, parametersHash: NASTY },
    manifest: {
      ...manifest,
      name: NASTY,
      dataset: named,
      model: named,
      mode: named,
      learningRate: NASTY,
      preaggregators: [named],
      manifest: { ...manifest.manifest, configurationHash: NASTY, cpu: NASTY, versions: { byzantium: NASTY, node: NASTY, v8: NASTY }, warnings: [NASTY], label: NASTY },
    },
  };
  const failed: ReportedRun = { label: NASTY, varied: { aggregator: { module: NASTY } }, error: NASTY, records: [], publishedAccuracy: 0.5 };
  const source = await renderReport({ name: NASTY, started: NASTY, publishedSource: NASTY, runs: [soiled, failed, ...report.runs] });
  const page = parsePage(source);
  t.same(all(page, 'img, script, b'), []);
  t.ok(all(page, '*').every((element) => [...element.attributes].every(({ name }) => !name.startsWith('on'))));
  t.equal(all(page, 'h1').map((heading) => heading.textContent).join(), NASTY);
  t.equal(all(page, 'title').map((title) => title.textContent).join(), `${NASTY} · byzantium`);
  t.ok(all(page, '.reason').some((reason) => reason.textContent === NASTY));
  t.ok(all(page, '.warnings li').some((warning) => warning.textContent.startsWith(NASTY)));
  t.ok(all(page, 'code').some((code) => code.textContent === NASTY));
  t.ok(all(page, 'dd').filter((value) => value.textContent.includes(NASTY)).length >= 8);
  t.ok(all(page, 'svg[aria-label]').some((picture) => picture.getAttribute('aria-label')?.includes(NASTY)));
  t.ok(all(page, '.note').some((note) => note.textContent.includes(`best accuracy in ${NASTY}`)));
  t.notMatch(source, '<img');
});

t.test('the final table has the figures of an independent computation', async (t) => {
  const report = sketchReport({ seeds: 3, published: true });
  const rows = tableRows(await render(report), 'best accuracy (%)');
  t.equal(rows.length, 8);
  rows.forEach((row, index) => {
    const results = report.runs.slice(3 * index, 3 * index + 3).map((run) => run.result!);
    const average = (values: readonly number[]) => (values[0]! + values[1]! + values[2]!) / 3;
    const deviation = (values: readonly number[]) => Math.sqrt(values.reduce((sum, value) => sum + (value - average(values)) ** 2, 0) / 2);
    const written = (values: readonly number[], places: number) => `${average(values).toFixed(places)} ± ${deviation(values).toFixed(places)}`;
    t.equal(row[2], written(results.map((result) => 100 * result.maxAccuracy), 1));
    t.equal(row[3], index % 2 === 0 ? '96.1' : '84.1');
    t.equal(row[4], written(results.map((result) => 100 * result.finalAccuracy), 1));
    const finals = (from: number) => average(report.runs.slice(from, from + 3).map((run) => run.result!.finalAccuracy));
    const taken = 100 * (finals(3 * (index - 1)) - finals(3 * index));
    t.equal(row[5], index % 2 === 0 ? '' : taken <= 5 ? 'holds' : `−${taken.toFixed(1)}`);
    const losses = results.map((result) => result.finalLoss);
    t.equal(row[6], written(losses, average(losses) >= 1 ? 2 : 3));
    t.equal(row[7], written(results.map((result) => result.roundsPerSecond), 1));
    t.equal(row[8], 'completed');
  });
});

t.test('accuracy is drawn in a panel a rule, with a band over the seeds and the published mark', async (t) => {
  const page = await render(sketchReport({ seeds: 3, published: true }));
  const [figure] = all(page, 'figure');
  t.same(all(figure!, 'h4').map((title) => title.textContent), ['mean', 'krum · baruch-2019-code', 'trimmed-mean · baruch-2019-code', 'bulyan · baruch-2019-code']);
  t.same(all(figure!, '.legend li').map((item) => item.textContent), ['no attack', 'alie z=1.5']);
  for (const picture of all(figure!, 'svg.plot')) {
    t.equal(all(picture, '[fill-opacity="0.2"] path').length, 2, 'bands');
    t.equal(all(picture, '[fill="none"][stroke-width="1.8"] path').length, 2, 'lines');
    t.match(picture.getAttribute('aria-label'), /no attack ends at \d\d\.\d %; alie z=1\.5 ends at \d\d?\.\d %/);
  }
});

t.test('one run is enough, and says nothing of comparisons', async (t) => {
  const page = await render(sketchReport({ rules: RULES.slice(1, 2), attacks: ATTACKS.slice(1) }));
  t.same(all(page, 'h4'), []);
  t.same(all(page, '.overview'), []);
  t.notMatch(page.textContent, 'over the seeds');
  t.equal(tableRows(page, 'best accuracy (%)').length, 1);
});

t.test('runs that diverged in round 0, failed or stopped leave what they have', async (t) => {
  let report = change(sketchReport(), 0, (run) => diverge(run, 0));
  report = change(report, 1, (run) => diverge(run, 31));
  report = change(report, 2, (run) => ({ label: run.label, varied: run.varied, error: 'thread 1 stalled in round 4', records: [] }));
  report = change(report, 3, (run) => ({ label: run.label, varied: run.varied, records: run.records.slice(0, 12) }));
  const page = await render(report);
  t.match(page.textContent, '8 runs (2 diverged, 1 failed, 1 unfinished)');
  t.match(page.textContent, '60,000 for training, 10,000 for tests');
  const statuses = tableRows(page, 'best accuracy (%)').filter((row) => row.length > 2).map((row) => row.at(-1));
  t.same(statuses, ['diverged', 'diverged', 'failed', 'unfinished', 'completed', 'completed', 'completed', 'completed']);
  t.same(all(page, '.reason').map((reason) => reason.textContent), ['NaN in round 0', 'NaN in round 31', 'thread 1 stalled in round 4']);
  t.notMatch(page.textContent, /NaN %|undefined|Infinity/);
});

t.test('nothing recorded at all still makes a page', async (t) => {
  for (const runs of [[], [{ label: '', varied: {}, records: [], error: 'refused' }]]) {
    const page = await render({ name: 'nothing', started: 'never', runs });
    t.match(page.textContent, 'No round was recorded.');
    t.same(all(page, 'svg'), []);
  }
});

t.test('figures that JSON turned into null are gaps', async (t) => {
  const holes = (record: RoundRecord): RoundRecord => JSON.parse(JSON.stringify({ ...record, distance: NaN, cosine: NaN, deviationToNorm: Infinity, withinDeviation: [NaN, NaN, NaN] })) as RoundRecord;
  const report = change(sketchReport({ rules: RULES.slice(0, 1), attacks: ATTACKS.slice(0, 1) }), 0, (run) => ({ ...run, records: run.records.map(holes) }));
  const page = await render(report);
  t.notMatch(page.textContent, 'Distance of the aggregate');
  t.notMatch(all(page, 'path').map((path) => path.getAttribute('d')).join(), 'NaN');
});

t.test('size stays within bounds for many runs, rounds and workers', async (t) => {
  const rules = Array.from({ length: 14 }, (_, index) => ({ name: `rule-${index}` }));
  const attacks = [...ATTACKS, { name: 'sign-flip' }];
  const sketches: readonly (readonly [Sketch, number])[] = [
    [{ rules, attacks, seeds: 3 }, 1e6],
    [{ rounds: 1000, evaluateEvery: 1, workers: 1000, partition: { name: 'dirichlet', alpha: 0.1 } }, 5e5],
  ];
  for (const [sketch, bytes] of sketches) {
    const source = await renderReport(sketchReport(sketch));
    parsePage(source);
    t.ok(source.length < bytes, `${source.length} characters`);
  }
});

t.test('the loss of HOGWILD! is said for what it is: of a cut, twice its weight', async (t) => {
  const note = (page: PageElement): string => all(page, '.note').map(({ textContent }) => textContent).find((text) => text.includes('the loss is')) ?? '';
  const report = change(sketchReport(), 0, (run) => ({ ...run, result: { ...run.result!, updates: { count: 10, perSecond: 5 } } }));
  t.match(note(await render(report)), 'mean of w·‖x_u − x_v‖₁ an arc, twice the cut’s where every vertex is at a corner');
  t.match(note(await render(sketchReport())), 'the loss is the mean cross-entropy');
});

t.test('the partition is drawn when it is not iid, Byzantine workers marked, at most a hundred workers', async (t) => {
  const cells = (page: PageElement) => all(page, 'rect[fill-opacity]').length;
  t.equal(cells(await render(sketchReport({ rounds: 5 }))), 0);
  const page = await render(sketchReport({ rounds: 5, workers: 300, partition: { name: 'dirichlet', alpha: 0.1 } }));
  t.ok(cells(page) > 300 && cells(page) <= 1000);
  t.match(page.textContent, 'at most 100 evenly spaced ones');
});

t.test('removed rows and warnings are told with the runs they concern', async (t) => {
  const report = change(sketchReport(), 3, (run) => ({
    ...run,
    manifest: { ...run.manifest!, manifest: { ...run.manifest!.manifest, warnings: ['z is negative'] } },
    records: run.records.map((record) => ({ ...record, removed: record.round % 10 === 4 ? [7, 3] : [] })),
  }));
  const page = await render(report);
  t.same(tableRows(page, 'rounds with removals'), [['krum · baruch-2019-code, alie z=1.5', '0', '10 of 100', '4', '94', '3, 7']]);
  t.same(all(page, '.warnings li').map((warning) => warning.textContent), ['z is negative (krum · baruch-2019-code, alie z=1.5)']);
  t.match((await render(sketchReport())).textContent, 'No row was removed');
});

t.test('what else varies makes lines when the attack does not, and panels when it does', async (t) => {
  const report = sketchReport({ rules: RULES.slice(0, 1), attacks: [...ATTACKS, ...ATTACKS] });
  const vary = (attack: boolean) => ({ ...report, runs: report.runs.map((run, index) => ({ ...run, varied: { ...(attack ? { attack: run.varied['attack'] } : {}), 'byzantine.count': Math.floor(index / (attack ? 2 : 1)) } })) });
  const lines = all(await render(vary(false)), 'figure')[0]!;
  t.same(all(lines, '.legend li').map((item) => item.textContent), ['byzantine.count=0', 'byzantine.count=1', 'byzantine.count=2', 'byzantine.count=3']);
  const panels = all(await render(vary(true)), 'figure')[0]!;
  t.same(all(panels, 'h4').map((title) => title.textContent), ['mean, byzantine.count=0', 'mean, byzantine.count=1']);
});

t.test('each run says in how many rounds it kept to the bound of its rule, where the rule has one', async (t) => {
  t.same(tableRows(await render(sketchReport()), 'bound'), [], 'no column without a bound');
  const report = change(sketchReport({ rounds: 4 }), 1, (run) => {
    const manifest = run.manifest!;
    const ratios = [0.1, 0.25, 0.3, NaN];
    return {
      ...run,
      manifest: { ...manifest, manifest: { ...manifest.manifest, resolved: { ...manifest.manifest.resolved, aggregator: { bound: 0.25 } } } },
      records: run.records.map((record, round) => ({ ...record, deviationToNorm: ratios[round]! })),
    };
  });
  const rows = tableRows(await render(report), 'within (%)');
  t.same(rows.map((cells) => cells.slice(7, 9)).slice(0, 3), [['–', '–'], ['0.250', '66.7'], ['–', '–']]);
});
