import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Manifest, RoundRecord } from '../../lib/run/records.js';
import { run, scenarioFile } from '../scenarios/command.js';
import type { Sabotage } from './sabotage.js';

const PRELOAD = new URL('sabotage.js', import.meta.url).href;
const SCENARIO = {
  workers: 4,
  dataset: { name: 'sparse-svm', samples: 2000, testSamples: 100, features: 100, nonzeros: 5 },
  model: 'linear-svm',
  rounds: 200,
  evaluateEvery: 1,
};
const DEEDS = { throw: /failed: sabotage/, exit: /exited with code 7/, spin: /stalled: no sign of work for 4 s/ } as const;
/** Short only where a stall is what happens: on a busy machine a whole thread may be slow. */
const STALL_TIMEOUT = { throw: '60', exit: '60', spin: '4' } as const;

for (const [deed, variant] of [['throw', 'lock-free'], ['exit', 'lock'], ['spin', 'coordinate-locks'], ['throw', 'round-robin']] as const) {
  t.test(`${variant}: a thread that breaks (${deed}) ends the run with an error that says where, and keeps nobody waiting`, async (t) => {
    const folder = t.testdir();
    const sabotage: Sabotage = { kernel: 'svmUpdates', call: 9, deed };
    const file = scenarioFile(folder, { ...SCENARIO, mode: { name: 'hogwild', variant } });
    const { code, signal, stderr } = await run(['scenario', file, '--threads', '2', '--stall-timeout', STALL_TIMEOUT[deed], '--json'], {
      cwd: folder,
      env: { SABOTAGE: JSON.stringify(sabotage), NODE_OPTIONS: `--import=${PRELOAD}` },
    });
    t.equal(signal, null, 'it ended by itself');
    t.equal(code, 1);
    const told = /thread (\d+) (.*) \(round (\d+), phase epoch(?:, worker (\d+))?\)/.exec(stderr);
    t.ok(told, stderr);
    t.match(told![2], DEEDS[deed]);
    if (variant !== 'round-robin') t.ok(Number(told![4]) < SCENARIO.workers, stderr);
    const [runs] = readdirSync(join(folder, 'runs'));
    const lines = readFileSync(join(folder, 'runs', runs!, '1', 'rounds.jsonl'), 'utf8').trimEnd().split('\n').filter((line) => line !== '');
    t.same(lines.map((line) => (JSON.parse(line) as RoundRecord).round), Array.from({ length: Number(told![3]) }, (_, epoch) => epoch), 'every epoch before the fault');
  });
}

t.test('a run through the command line leaves records and a manifest that says the run may differ', async (t) => {
  const folder = t.testdir();
  const file = scenarioFile(folder, { ...SCENARIO, rounds: 3, mode: 'hogwild' });
  const { code, stdout, stderr } = await run(['scenario', file, '--threads', '2'], { cwd: folder });
  t.equal(code, 0, stderr);
  t.match(stdout, /updates\/s.*lost %/);
  const [runs] = readdirSync(join(folder, 'runs'));
  const manifest = JSON.parse(readFileSync(join(folder, 'runs', runs!, '1', 'manifest.json'), 'utf8')) as Manifest;
  t.match(manifest.manifest.hogwild, { clock: 'real', note: /may give other bits/, variant: 'lock-free', sparsity: { omega: 5, edges: 2000 } });
  t.match(readFileSync(join(folder, 'runs', runs!, 'report.html'), 'utf8'), /Updates a second are without evaluation/);
});
