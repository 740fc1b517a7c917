import t from 'tap';
import { renderTextTable } from '../../lib/report/text-table.js';
import { ATTACKS, RULES, sketchReport } from './fixture.js';

const LONG_MODULE = { module: `${'very-'.repeat(20)}${'long'.repeat(30)}.mjs` };

t.test('the table fits 100 columns and holds no control codes', async (t) => {
  const settings = sketchReport({ seeds: 3, published: true });
  const reports = [
    sketchReport(),
    settings,
    { ...settings, runs: settings.runs.map((run, index) => ({ ...run, varied: { ...run.varied, 'byzantine.count': index, partition: { name: 'dirichlet', alpha: 0.1 } } })) },
    sketchReport({ rules: [...RULES, LONG_MODULE as never], attacks: [...ATTACKS, { name: 'inner-product-manipulation', epsilon: 0.1 }], seeds: 2 }),
  ];
  for (const report of reports) {
    const lines = renderTextTable({ ...report, publishedSource: 'x' }).split('\n');
    t.ok(lines.every((line) => line.length <= 100), String(Math.max(...lines.map((line) => line.length))));
    t.notMatch(lines.join(''), /\p{Cc}/u);
  }
});

t.test('a row holds the group and its figures', async (t) => {
  const report = sketchReport({ rules: RULES.slice(1, 2), attacks: ATTACKS.slice(1), published: true });
  const { maxAccuracy, finalAccuracy, finalLoss, roundsPerSecond } = report.runs[0]!.result!;
  const [head, row] = renderTextTable(report).split('\n');
  t.same(head?.split(/ {2,}/), ['rule', 'attack', 'best %', 'published', 'final %', 'loss', 'rounds/s', 'status']);
  t.same(row?.split(/ {2,}/), [
    'krum · baruch-2019-code', 'alie z=1.5', (100 * maxAccuracy).toFixed(1), (100 * (0.961 - 0.12)).toFixed(1),
    (100 * finalAccuracy).toFixed(1), finalLoss.toFixed(2), roundsPerSecond.toFixed(1), 'completed',
  ]);
});

t.test('a long name continues on further lines, whole', async (t) => {
  const table = renderTextTable(sketchReport({ rules: [LONG_MODULE as never], attacks: ATTACKS.slice(1) }));
  t.equal(table.split('\n').slice(1).map((line) => line.slice(0, 45).split(/ {2,}/)[0]).join(''), LONG_MODULE.module);
});

t.test('runs without figures show dashes and their reason', async (t) => {
  const { runs, ...report } = sketchReport({ rules: RULES.slice(0, 1), attacks: ATTACKS.slice(0, 1) });
  const diverged = { ...runs[0]!, records: [], result: { ...runs[0]!.result!, status: 'diverged' as const, reason: 'NaN in round 0\u001b[31m', maxAccuracy: NaN, finalAccuracy: NaN, finalLoss: NaN } };
  const table = renderTextTable({ ...report, runs: [diverged] });
  t.match(table, /mean +no attack +– +– +– +\d/);
  t.match(table, 'mean, no attack: NaN in round 0 [31m');
  t.equal(renderTextTable({ ...report, runs: [] }), 'No runs.');
});

t.test('beside the same rule without attack a row says what the attack takes, or that the rule holds', async (t) => {
  const report = sketchReport({ rules: RULES.slice(0, 2) });
  const withFinal = (finals: readonly number[]) => ({ ...report, runs: report.runs.map((run, index) => ({ ...run, manifest: undefined, result: { ...run.result!, finalAccuracy: finals[index]! } })) });
  const table = renderTextTable(withFinal([0.9, 0.851, 0.8, 0.7]));
  t.match(table.split('\n')[0], /vs none/);
  t.match(table, /mean +alie z=1\.5.* holds /);
  t.match(table, /krum · baruch-2019-code +alie z=1\.5.* −10\.0 /);
  t.match(table, 'vs none: points of final accuracy that the attack takes; holds: at most 5');
  t.match(renderTextTable(withFinal([0.9, NaN, 0.8, 0.81])), /mean +alie z=1\.5 +\S+ +– +– /, 'without a final accuracy nothing holds');
  t.notMatch(renderTextTable(sketchReport({ attacks: ATTACKS.slice(0, 1) })), /vs none/);
});

t.test('runs on a virtual clock show when they ended, and when they were within 5 points of the best', async (t) => {
  const report = sketchReport({ rules: RULES.slice(0, 2), attacks: ATTACKS.slice(0, 1), seeds: 2 });
  const bests = [0.92, 0.94, 0.8, 0.81];
  const runs = report.runs.map((run, index) => {
    const evaluations = [0.5, 0.879, 0.881].map((accuracy, k) => ({ time: 10 * (k + 1) + index, accuracy: index < 2 ? accuracy : accuracy / 2, loss: 1 }));
    const asynchronous = { clock: 'virtual' as const, repeatable: true, time: 50 + index, arrivals: [], rejections: [], uses: [], stalenessHistogram: [], evaluations };
    return { ...run, manifest: { ...run.manifest!, manifest: { ...run.manifest!.manifest, asynchronous } }, result: { ...run.result!, maxAccuracy: bests[index]! } };
  });
  const table = renderTextTable({ ...report, runs });
  t.match(table.split('\n')[0], /time +to 88\.0 %/);
  t.match(table, /mean .* 50\.5 ± 0\.7 +30\.5 ± 0\.7 /);
  t.match(table, /krum .* 52\.5 ± 0\.7 +– /);
});
