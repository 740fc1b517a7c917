import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { RoundRecord } from '../../lib/run/records.js';
import { run, scenarioFile } from '../scenarios/command.js';
import type { Sabotage } from './sabotage.js';

const PRELOAD = new URL('sabotage.js', import.meta.url).href;

/** So large that every phase goes to the threads: 79,510 parameters, seven Byzantine workers' rows for the craft. Six test batches of 200. */
const SCENARIO = {
  workers: 17,
  byzantine: 7,
  dataset: { name: 'digits', trainSamples: 90, testSamples: 1200 },
  model: { name: 'mlp', hidden: [100] },
  aggregator: 'krum',
  attack: 'alie',
  batchSize: 2,
  // Enough for a thread to get its twelfth chunk of a craft that the main thread is nearly done with when the thread wakes.
  rounds: 400,
  evaluateEvery: 1,
};

/** A kernel that only this phase calls, and how often a thread calls it in one round at least. */
const PHASES = [
  { phase: 'gradient', kernel: 'softmaxCrossEntropy', namesWorker: true },
  { phase: 'craft', kernel: 'shiftedMean', namesWorker: false },
  { phase: 'aggregate', kernel: 'squaredDistances', namesWorker: false },
  { phase: 'update', kernel: 'forensics', namesWorker: false },
  { phase: 'evaluate', kernel: 'countCorrect', namesWorker: false },
] as const;

const DEEDS = { throw: /failed: sabotage/, exit: /exited with code 7/, spin: /stalled: no sign of work for 4 s/ } as const;
/** Short only where a stall is what happens: on a busy machine a whole thread may be slow. */
const STALL_TIMEOUT = { throw: '60', exit: '60', spin: '4' } as const;

for (const { phase, kernel, namesWorker } of PHASES) {
  for (const deed of ['throw', 'exit', 'spin'] as const) {
    // Any moment will do: which one is told, so that a failure can be repeated.
    const call = 1 + Math.floor(Math.random() * 12);
    t.test(`a thread that ${verb(deed)} in ${phase} ends the run with an error that says where; what was done is on the disk (call ${call})`, async (t) => {
      const folder = t.testdir();
      const sabotage: Sabotage = { kernel, call, deed };
      const file = scenarioFile(folder, SCENARIO);
      const { code, signal, stdout, stderr } = await run(['scenario', file, '--threads', '2', '--stall-timeout', STALL_TIMEOUT[deed], '--json'], {
        cwd: folder,
        env: { SABOTAGE: JSON.stringify(sabotage), NODE_OPTIONS: `--import=${PRELOAD}` },
      });
      t.equal(signal, null, 'it ended by itself');
      t.equal(code, 1);
      const told = /thread (\d+) (.*) \(round (\d+), phase (\w+)(?:, worker (\d+))?\)/.exec(stderr);
      t.ok(told, stderr);
      const [, thread, what, round, where, worker] = told!;
      t.ok(Number(thread) < 2);
      t.match(what, DEEDS[deed]);
      t.equal(where, phase);
      t.equal(worker !== undefined, namesWorker);
      if (namesWorker) t.ok(Number(worker) < SCENARIO.workers);
      t.match((JSON.parse(stdout) as { error: string }).error, told![0]);
      if (deed === 'spin') t.match(stderr, /give it more seconds by --stall-timeout/);
      t.notMatch(stderr, 'fault in Byzantium');

      const [runs] = readdirSync(join(folder, 'runs'));
      const runFolder = join(folder, 'runs', runs!, '1');
      const lines = readFileSync(join(runFolder, 'rounds.jsonl'), 'utf8').split('\n');
      t.equal(lines.pop(), '', 'no line is broken');
      t.same(lines.map((line) => (JSON.parse(line) as RoundRecord).round), Array.from({ length: Number(round) }, (_, k) => k), 'every round before the fault');
      t.notOk(readdirSync(runFolder).includes('manifest.json'));
    });
  }
}

t.test('the same scenario without sabotage runs to its end', async (t) => {
  const folder = t.testdir();
  const { code } = await run(['scenario', scenarioFile(folder, { ...SCENARIO, rounds: 12 }), '--threads', '2', '--json'], { cwd: folder, env: { NODE_OPTIONS: `--import=${PRELOAD}` } });
  t.equal(code, 0);
});

t.test('a thread that can’t start ends the run with an error', async (t) => {
  const folder = t.testdir({ 'broken.mjs': "import { isMainThread } from 'node:worker_threads'; if (!isMainThread) throw new Error('no start');" });
  const { code, stderr } = await run(['scenario', scenarioFile(folder, SCENARIO), '--threads', '2'], {
    cwd: folder,
    env: { NODE_OPTIONS: `--import=${new URL(`file://${join(folder, 'broken.mjs')}`).href}` },
  });
  t.equal(code, 1);
  t.match(stderr, /thread.* failed: no start \(round 0, phase gradient/);
  t.notMatch(stderr, /fault in Byzantium|node:internal/);
});

function verb(deed: Sabotage['deed']): string {
  return { throw: 'throws', exit: 'exits', spin: 'hangs' }[deed];
}
