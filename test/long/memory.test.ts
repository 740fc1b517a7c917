import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const LIBRARY = new URL('../../lib/index.js', import.meta.url).href;
const MIB = 2 ** 20;

/** The headline scenario, shortened: 51 workers of the 784-100-10 network on all of digits. */
const SCENARIO = {
  workers: 51, byzantine: 12, dataset: 'digits', model: { name: 'mlp', hidden: [100] }, batchSize: 128, rounds: 10, evaluateEvery: 5,
  momentum: { placement: 'update', beta: 0.9 }, aggregator: { name: 'krum', preset: 'baruch-2019-code' }, attack: 'alie',
};

/** Runs in a process of its own, prints the greatest resident size and the arena's. */
const PROGRAM = `
  import { readFileSync } from 'node:fs';
  const { simulate } = await import(${JSON.stringify(LIBRARY)});
  const [scenario, threads, out] = process.argv.slice(1);
  await simulate(JSON.parse(scenario), { threads: Number(threads), out }).result;
  const { manifest } = JSON.parse(readFileSync(out + '/manifest.json', 'utf8'));
  console.log(JSON.stringify({ arena: manifest.arenaBytes, peak: process.resourceUsage().maxRSS * 1024 }));
`;

for (const threads of [2, 51]) {
  t.test(`a run with ${threads} threads takes at most the arena, 180 MiB, and 10 MiB a thread`, { timeout: 600_000 }, async (t) => {
    const out = join(t.testdir(), 'run');
    // The test runner would have itself loaded into the process and each of its threads: the shell drops what makes it do so.
    const { stdout, stderr, status } = spawnSync(
      'env', ['-u', 'NODE_OPTIONS', process.execPath, '--input-type=module', '--eval', PROGRAM, '--', JSON.stringify(SCENARIO), String(threads), out],
      { encoding: 'utf8', cwd: fileURLToPath(new URL('.', import.meta.url)) },
    );
    t.equal(status, 0, stderr);
    const { arena, peak } = JSON.parse(stdout) as { arena: number; peak: number };
    const allowed = arena + (180 + 10 * threads) * MIB;
    t.ok(peak <= allowed, `${Math.round(peak / MIB)} MiB of at most ${Math.round(allowed / MIB)}, of which the arena is ${Math.round(arena / MIB)}`);
  });
}
