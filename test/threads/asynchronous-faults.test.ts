import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Manifest, RoundRecord } from '../../lib/run/records.js';
import { run, scenarioFile, start } from '../scenarios/command.js';
import type { Sabotage } from './sabotage.js';

const PRELOAD = new URL('sabotage.js', import.meta.url).href;
/** The fourth of a linear model's test batches, or the ninth gradient, of which a thread computes as many as it likes. */
const SCENARIO = {
  workers: 6,
  dataset: { name: 'digits', trainSamples: 90, testSamples: 1200 },
  model: 'softmax-regression',
  aggregator: 'mean',
  batchSize: 4,
  rounds: 300,
  evaluateEvery: 100,
};
const MODE = { name: 'asynchronous', clock: 'real', policy: 'async-sgd' };
const DEEDS = { throw: /failed: sabotage/, exit: /exited with code 7/, spin: /stalled: no sign of work for 4 s/ } as const;
/** Short only where a stall is what happens: on a busy machine a whole thread may be slow. */
const STALL_TIMEOUT = { throw: '60', exit: '60', spin: '4' } as const;

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly lines: RoundRecord[];
  readonly runFolder: string;
}

/** Runs the scenario on three threads, of which each is spoilt. */
async function spoilt(t: Test, folder: string, mode: object, sabotage: Sabotage, more: readonly string[] = []): Promise<Ran> {
  const file = scenarioFile(folder, { ...SCENARIO, mode: { ...MODE, ...mode } });
  const { code, signal, stdout, stderr } = await run(['scenario', file, '--threads', '3', '--stall-timeout', STALL_TIMEOUT[sabotage.deed], '--json', ...more], {
    cwd: folder,
    env: { SABOTAGE: JSON.stringify(sabotage), NODE_OPTIONS: `--import=${PRELOAD}` },
  });
  t.equal(signal, null, 'it ended by itself');
  const [runs] = readdirSync(join(folder, 'runs'));
  const runFolder = join(folder, 'runs', runs!, '1');
  const text = readFileSync(join(runFolder, 'rounds.jsonl'), 'utf8');
  t.ok(text === '' || text.endsWith('\n'), 'no line is broken');
  return { code, stdout, stderr, lines: text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as RoundRecord), runFolder };
}

for (const [deed, tolerateCrashes] of [['throw', 0], ['exit', 0], ['exit', 1], ['spin', 5]] as const) {
  t.test(`a thread that breaks (${deed}) while threads run free, with tolerateCrashes ${tolerateCrashes}, ends the run with an error that says where`, async (t) => {
    const { code, stdout, stderr, lines } = await spoilt(t, t.testdir(), { tolerateCrashes }, { kernel: 'softmaxCrossEntropy', call: 9, deed });
    t.equal(code, 1);
    const told = /thread (\d+) (.*) \(round (\d+), phase gradient, worker (\d+)\)/.exec(stderr);
    t.ok(told, stderr);
    const [, thread, what, round, worker] = told!;
    t.match(what, DEEDS[deed]);
    t.equal(Number(worker) % 3, Number(thread), 'a worker that this thread hosts');
    if (deed !== 'spin') t.match(what, new RegExp(`2 of 6 workers have crashed, and mode.tolerateCrashes is ${tolerateCrashes}`));
    t.match((JSON.parse(stdout) as { error: string }).error, told![0]);
    t.notMatch(stderr, 'fault in Byzantium');
    t.same(lines.map((line) => line.round), Array.from({ length: Number(round) }, (_, k) => k), 'every round before the fault');
  });
}

t.test('with tolerateCrashes for its workers a thread\'s death is recorded and the run goes on without them; its schedule is replayed to the same hash', async (t) => {
  const folder = t.testdir();
  const { code, stdout, stderr, lines, runFolder } = await spoilt(t, folder, { tolerateCrashes: 2 }, { kernel: 'softmaxCrossEntropy', call: 9, deed: 'exit', once: join(folder, 'once') }, ['--record']);
  t.equal(code, 0, stderr);
  const crashed = lines.filter(({ asynchronous }) => asynchronous!.crashed !== undefined);
  t.equal(crashed.length, 1);
  const [{ round, asynchronous }] = crashed as [RoundRecord];
  const gone = asynchronous!.crashed!;
  t.equal(gone.length, 2);
  t.equal(gone[0]! % 3, gone[1]! % 3, 'the workers of one thread');
  // What they had sent may still have come.
  t.ok(lines.filter((line) => line.round > round + 2).every((line) => line.asynchronous!.arrivals.every((worker) => !gone.includes(worker))));
  const { manifest } = JSON.parse(readFileSync(join(runFolder, 'manifest.json'), 'utf8')) as Manifest;
  t.same(manifest.asynchronous!.crashes, gone.map((worker) => ({ worker, round })));

  const hash = (JSON.parse(stdout) as { runs: { parametersHash: string }[] }).runs[0]!.parametersHash;
  for (const threads of ['1', '2']) {
    const again = await run(['scenario', 'test.json', '--threads', threads, '--json', '--replay', runFolder], { cwd: folder });
    t.equal(again.code, 0, again.stderr);
    t.equal((JSON.parse(again.stdout) as { runs: { parametersHash: string }[] }).runs[0]!.parametersHash, hash);
  }
});

t.test('a thread that dies in an evaluation leaves its part to the others', async (t) => {
  const folder = t.testdir();
  const { code, stderr, lines } = await spoilt(t, folder, { tolerateCrashes: 2 }, { kernel: 'countCorrect', call: 1, deed: 'exit', once: join(folder, 'once') });
  t.equal(code, 0, stderr);
  t.equal(lines.length, SCENARIO.rounds);
  t.equal(lines.filter(({ asynchronous }) => asynchronous!.crashed !== undefined).length, 1);
});

t.test('Ctrl-C ends the round and leaves a schedule that can be replayed as far as it goes', async (t) => {
  const folder = t.testdir();
  const file = scenarioFile(folder, { ...SCENARIO, rounds: 1_000_000_000, evaluateEvery: 1_000_000_000, mode: MODE });
  const { child, ended } = start(['scenario', file, '--threads', '2', '--json', '--record'], { cwd: folder });
  const rounds = async (): Promise<string> => {
    for (;;) {
      const [made] = readdirSync(folder).includes('runs') ? readdirSync(join(folder, 'runs')) : [];
      const found = made === undefined ? '' : join(folder, 'runs', made, '1');
      if (found !== '' && readdirSync(join(folder, 'runs', made!)).includes('1') && readFileSync(join(found, 'rounds.jsonl'), 'utf8').split('\n').length > 20) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const runFolder = await rounds();
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  t.equal(code, 130);
  t.match(JSON.parse(stdout), { error: 'interrupted' });
  const recorded = readFileSync(join(runFolder, 'rounds.jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as RoundRecord);
  t.same(recorded.map(({ round }) => round), Array.from(recorded.keys()));
  const again = await run(['scenario', file, '--threads', '2', '--json', '--replay', runFolder], { cwd: folder });
  t.equal(again.code, 0, again.stderr);
  t.match(JSON.parse(again.stdout), { runs: [{ status: 'diverged', reason: /the schedule ends/, rounds: recorded.length }] });
});

t.test('what can\'t be recorded or replayed is refused', async (t) => {
  const folder = t.testdir();
  const real = scenarioFile(folder, { ...SCENARIO, mode: MODE });
  const grid = scenarioFile(folder, { ...SCENARIO, mode: MODE, seeds: [1, 2] }, 'grid.json');
  const virtual = scenarioFile(folder, { ...SCENARIO, mode: { ...MODE, clock: 'virtual' } }, 'virtual.json');
  for (const [args, message] of [
    [[real, '--replay', 'nowhere'], /nowhere can't be read/],
    [[grid, '--replay', 'nowhere'], /a schedule is one run's, and the scenario stands for 2/],
    [[virtual, '--record'], /record is for runs on the real clock/],
    [[real, '--record', '--dry-run'], /nothing to record/],
  ] as const) {
    const { code, stderr } = await run(['scenario', ...args], { cwd: folder });
    t.equal(code, 2);
    t.match(stderr, message);
  }
});
