import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { RoundRecord } from '../../lib/run/records.js';
import type { Sabotage } from '../threads/sabotage.js';
import { QUICK, scenarioFile, start } from './command.js';

const ENDLESS = { ...QUICK, rounds: 1_000_000_000, evaluateEvery: 1_000_000_000 };
const PRELOAD = new URL('../threads/sabotage.js', import.meta.url).href;

/** The folder of the one run below `runs`, once it has begun. */
async function begun(folder: string, roundsDone: number): Promise<string> {
  for (;;) {
    const runs = join(folder, 'runs');
    const [made] = existsSync(runs) ? readdirSync(runs) : [];
    const rounds = made === undefined ? '' : join(runs, made, '1', 'rounds.jsonl');
    if (existsSync(rounds) && readFileSync(rounds, 'utf8').split('\n').length > roundsDone) return join(runs, made!, '1');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  t.test(`${signal} ends the round, closes the files, writes the report and exits with 130`, async (t) => {
    const folder = t.testdir();
    const { child, ended } = start(['scenario', scenarioFile(folder, ENDLESS), '--json'], { cwd: folder });
    const runFolder = await begun(folder, 3);
    child.kill(signal);
    const { code, stdout, stderr } = await ended;
    t.equal(code, 130);
    t.match(JSON.parse(stdout), { error: 'interrupted' });
    t.match(stderr, /Interrupted/);
    const lines = readFileSync(join(runFolder, 'rounds.jsonl'), 'utf8').split('\n');
    t.equal(lines.pop(), '', 'the last line is whole');
    t.same(lines.map((line) => (JSON.parse(line) as RoundRecord).round), Array.from(lines.keys()));
    t.notOk(existsSync(join(runFolder, 'manifest.json')), 'the run does not count as complete');
    t.ok(existsSync(join(runFolder, '..', 'report.html')), 'the report shows what there is');
  });
}

const ENDLESS_FILE = "import { writeSync } from 'node:fs'; writeSync(2, 'it loads'); for (;;);";
for (const [what, setting] of Object.entries({ rule: { aggregator: { module: './endless.mjs' } }, model: { model: { tfjs: './endless.mjs' } } })) {
  for (const option of ['--json', '--dry-run']) {
    t.test(`SIGINT while a ${what} without an end is asked what it is exits with 130, with ${option}`, async (t) => {
      const folder = t.testdir({ 'endless.mjs': ENDLESS_FILE });
      const { child, ended, hears } = start(['scenario', scenarioFile(folder, { ...QUICK, ...setting }), option], { cwd: folder });
      await hears(/it loads/);
      child.kill('SIGINT');
      const { code, stdout } = await ended;
      t.equal(code, 130);
      t.equal(stdout, option === '--json' ? '{"error":"interrupted"}\n' : '');
      t.notOk(existsSync(join(folder, 'runs')), 'nothing had started');
    });
  }
}

t.test('a second SIGINT ends at once, also in a round that never ends', async (t) => {
  const folder = t.testdir();
  const sabotage: Sabotage = { kernel: 'softmaxCrossEntropy', call: 8, deed: 'spin' };
  const { child, ended, hears } = start(['scenario', scenarioFile(folder, ENDLESS), '--threads', '1'], {
    cwd: folder,
    env: { SABOTAGE: JSON.stringify(sabotage), NODE_OPTIONS: `--import=${PRELOAD}` },
  });
  const runFolder = await begun(folder, 2);
  child.kill('SIGINT');
  await hears(/Interrupted/);
  child.kill('SIGINT');
  const { code } = await ended;
  t.equal(code, 130);
  t.equal(readFileSync(join(runFolder, 'rounds.jsonl'), 'utf8').split('\n').length, 3, 'two whole rounds and the end of the file');
});
