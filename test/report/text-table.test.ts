import t from 'tap';
import { renderTextTable } from '../../lib/report/text-table.js';
import { ATTACKS, RULES, sketchReport } from './fixture.js';

const LONG_MODULE = { module: `./rules/${'very-'.repeat(20)}${'long'.repeat(30)}.mjs` };

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
