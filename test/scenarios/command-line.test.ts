import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { compileKernels } from '../../lib/kernels/load.js';
import type { Manifest, RoundRecord, RunResult } from '../../lib/run/records.js';
import { expand, simulate } from '../../lib/index.js';
import { planScenario, runScenario } from '../../scenarios/run-scenario.js';
import { COMMAND, QUICK, run, scenarioFile } from './command.js';

interface Output {
  readonly scenario: string;
  readonly runs: readonly (RunResult & { label: string })[];
}

/** The one JSON object that stdout carries. Throws when there is anything else. */
function only(stdout: string): unknown {
  const lines = stdout.split('\n');
  if (lines.length !== 2 || lines[1] !== '') throw new Error(`more than one line: ${stdout}`);
  return JSON.parse(lines[0]!);
}

function relaxedIsMissing(): boolean {
  return compileKernels('auto').kind === 'strict';
}

t.test('--json prints one object with every run of the grid, and the library agrees with it', async (t) => {
  const folder = t.testdir();
  const file = scenarioFile(folder, { ...QUICK, grid: { aggregator: ['mean', 'median'] }, seeds: [1, 2] }, 'my grid.json');
  const { code, stdout } = await run(['scenario', file, '--json'], { cwd: folder });
  t.equal(code, 0);
  const { scenario, runs } = only(stdout) as Output;
  t.equal(scenario, 'my grid');
  t.same(runs.map(({ label }) => label), ['aggregator=mean, seed=1', 'aggregator=mean, seed=2', 'aggregator=median, seed=1', 'aggregator=median, seed=2']);
  t.equal(new Set(runs.map(({ parametersHash }) => parametersHash)).size, 4);
  const library = await simulate(runs[2]!.config, { threads: 1 }).result;
  t.same(Object.keys(runs[2]!).filter((key) => key !== 'label'), Object.keys(library));
  t.equal(library.parametersHash, runs[2]!.parametersHash);

  const [made] = readdirSync(join(folder, 'runs'));
  t.match(made, /^my-grid-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/);
  t.same(readdirSync(join(folder, 'runs', made!)).sort(), ['1-mean-seed=1', '2-mean-seed=2', '3-median-seed=1', '4-median-seed=2', 'report.html']);

  t.test('a manifest handed back repeats its run', async (t) => {
    const manifest = join(folder, 'runs', made!, '3-median-seed=1', 'manifest.json');
    const again = await run(['scenario', manifest, '--json', '--threads', '3'], { cwd: folder });
    t.equal((only(again.stdout) as Output).runs[0]!.parametersHash, runs[2]!.parametersHash);
  });
});

t.test('without --json, stdout is a table that names the report', async (t) => {
  const folder = t.testdir();
  const { code, stdout } = await run(['scenario', scenarioFile(folder, QUICK), '--out', 'elsewhere'], { cwd: folder });
  t.equal(code, 0);
  const report = /elsewhere\/\S+\/report\.html/.exec(stdout);
  t.ok(report, stdout);
  t.ok(existsSync(join(folder, report![0])));
  t.throws(() => { JSON.parse(stdout); });
});

t.test('--set changes keys: numbers, nested lists, plain text, several', async (t) => {
  const folder = t.testdir();
  const set = ['rounds=2', 'model={"name":"mlp"}', 'model.hidden=[5]', 'aggregator=median', 'learningRate=0.1 / (t + 1)'].flatMap((assignment) => ['--set', assignment]);
  const { code, stdout } = await run(['scenario', scenarioFile(folder, QUICK), '--json', ...set], { cwd: folder });
  t.equal(code, 0);
  const [result] = (only(stdout) as Output).runs;
  t.match(result!.config, { rounds: 2, model: { name: 'mlp', hidden: [5] }, aggregator: { name: 'median' }, learningRate: '0.1 / (t + 1)' });
  t.equal(result!.rounds, 2);
});

t.test('runs in the same second get folders of their own, and what was there stays', async (t) => {
  const folder = t.testdir();
  const file = scenarioFile(folder, QUICK);
  const ends = await Promise.all([1, 2, 3].map(() => run(['scenario', file, '--json', '--threads', '1'], { cwd: folder })));
  t.same(ends.map(({ code }) => code), [0, 0, 0]);
  const folders = readdirSync(join(folder, 'runs'));
  t.equal(folders.length, 3);
  for (const made of folders) {
    const manifest = JSON.parse(readFileSync(join(folder, 'runs', made, '1', 'manifest.json'), 'utf8')) as Manifest;
    t.equal(manifest.manifest.result.status, 'completed');
  }
});

t.test('--dry-run writes nothing and says what would run', async (t) => {
  const folder = t.testdir();
  const file = scenarioFile(folder, { ...QUICK, grid: { aggregator: ['mean', 'median'] } });
  const before = readdirSync(folder);
  const text = await run(['scenario', file, '--dry-run'], { cwd: folder });
  t.equal(text.code, 0);
  t.match(text.stdout, /2 runs; nothing was started/);
  t.match(text.stdout, /7,850 parameters.*MiB/);
  const json = await run(['scenario', file, '--dry-run', '--json'], { cwd: folder });
  t.equal(json.code, 0);
  const { runs } = (only(json.stdout) as { runs: { label: string; parameters: number; bytes: number }[] });
  t.same(runs.map(({ label, parameters }) => ({ label, parameters })), [{ label: 'aggregator=mean', parameters: 7850 }, { label: 'aggregator=median', parameters: 7850 }]);
  t.ok(runs.every(({ bytes }) => bytes > 4 * 7850 * 4));
  t.same(readdirSync(folder), before, 'nothing is written');
});

t.test('--dry-run foresees runs of the mode hogwild, and a run that does not fit it', async (t) => {
  const folder = t.testdir();
  const dataset = { name: 'sparse-svm', samples: 500, testSamples: 100, features: 50, nonzeros: 5 };
  const scenario = { workers: 2, byzantine: 1, rounds: 2, mode: { name: 'hogwild', write: { kind: 'huge' } }, dataset, grid: { model: ['linear-svm', 'softmax-regression'] } };
  const { code, stdout } = await run(['scenario', scenarioFile(folder, scenario), '--threads', '1', '--dry-run'], { cwd: folder });
  t.equal(code, 2);
  t.match(stdout, /2 runs, of which 1 would be refused; nothing was started\n.*model=linear-svm: 2 rounds.*500 training samples, 50 parameters, 1 threads.*\n {2}note: mode: .*no protection/);
  t.match(stdout, /model=softmax-regression: refused\n {2}model: softmax-regression can't learn from sparse-svm/);
});

t.test('--dry-run refuses a rule that too few rows reach', async (t) => {
  const folder = t.testdir();
  const file = scenarioFile(folder, { ...QUICK, workers: 51, byzantine: 12, preaggregators: ['bucketing'], aggregator: 'krum' });
  const { code, stderr } = await run(['scenario', file, '--dry-run'], { cwd: folder });
  t.equal(code, 2);
  t.match(stderr, /krum needs n ≥ 2f \+ 3 .*n = 26, f = 12/);
});

t.test('--dry-run goes on after a run that would be refused, tells each reason once, and exits with 2', async (t) => {
  const folder = t.testdir();
  const grid = {
    dataset: ['mnist', QUICK.dataset],
    partition: ['iid', { name: 'label-shards', labels: 11 }],
    aggregator: ['mean', { name: 'krum', f: 2 }],
    model: ['softmax-regression', { name: 'mlp', hidden: [1_000_000] }],
  };
  const file = scenarioFile(folder, { ...QUICK, grid });
  const json = await run(['scenario', file, '--dry-run', '--json'], { cwd: folder });
  t.equal(json.code, 2);
  const { runs, refused, error } = only(json.stdout) as { runs: { label: string; bytes: number }[]; refused: { error: string; labels: string[] }[]; error: string };
  t.equal(runs.length, 1);
  t.match(runs[0], { label: /aggregator=mean, model=softmax-regression$/, parameters: 7850 });
  const stopped = (reason: RegExp): number[] => refused.filter((refusal) => reason.test(refusal.error)).map(({ labels }) => labels.length);
  t.same(stopped(/krum needs/), [8], 'half of the 16 runs');
  t.same(stopped(/npm run data -- mnist/), [4], 'one refusal for all other runs that need the data');
  t.same(stopped(/there are 10 classes/), [2]);
  t.same(stopped(/GiB/), [1]);
  for (const refusal of refused) t.ok(error.includes(refusal.error) && json.stderr.includes(refusal.error));

  const text = await run(['scenario', file, '--dry-run'], { cwd: folder });
  t.equal(text.code, 2);
  t.match(text.stdout, /16 runs, of which 15 would be refused; nothing was started/);
  for (const { label } of runs) t.ok(text.stdout.includes(`${label}: 4 rounds`));
  for (const { error: reason, labels } of refused) {
    t.equal(text.stdout.split(reason).length, 2, 'once');
    for (const label of labels) t.ok(text.stdout.includes(`${label}: refused`), label);
  }
  t.same(readdirSync(folder), [file], 'nothing is written');

  t.test('more threads than one run has workers', async (t) => {
    const { code, stdout } = await run(['scenario', scenarioFile(folder, { ...QUICK, grid: { workers: [2, 3] } }), '--threads', '3', '--dry-run'], { cwd: folder });
    t.equal(code, 2);
    t.match(stdout, /workers=3: 4 rounds.*workers=2: refused\n {2}3 threads for 2 workers/s);
  });
});

t.test('more threads than cores are warned of, before the run and in a dry run', async (t) => {
  const folder = t.testdir();
  const threads = availableParallelism() + 1;
  const args = ['scenario', scenarioFile(folder, { ...QUICK, workers: threads }), '--threads', String(threads)];
  const says = new RegExp(`${threads} threads on .* take turns`);
  t.match((await run([...args, '--dry-run'], { cwd: folder })).stdout, says);
  const { code, stderr } = await run([...args, '--json'], { cwd: folder });
  t.equal(code, 0);
  t.match(stderr, says);
});

t.test('one run of a grid diverges, the others go on, and the exit code is 0', async (t) => {
  const folder = t.testdir();
  const file = scenarioFile(folder, { ...QUICK, byzantine: 1, grid: { attack: ['nan', 'none'], 'aggregator.f': [0] } });
  const { code, stdout } = await run(['scenario', file, '--json'], { cwd: folder });
  t.equal(code, 0);
  const [diverged, completed] = (only(stdout) as Output).runs;
  t.equal(diverged!.status, 'diverged');
  t.match(diverged!.reason, /worker 0/);
  t.equal(completed!.status, 'completed');
});

const REFUSALS: readonly (readonly [what: string, args: readonly string[], says: RegExp])[] = [
  ['an unknown scenario', ['scenario', 'a-little-is-enuff'], /a-little-is-enuff.*a-little-is-enough/s],
  ['an unknown option', ['scenario', 'test.json', '--treads', '2'], /--treads.*--threads/s],
  ['an unknown command', ['simulate'], /simulate/],
  ['an assignment without a value', ['scenario', 'test.json', '--set', 'rounds'], /--set.*rounds/s],
  ['more threads than workers', ['scenario', 'test.json', '--threads', '4'], /4 threads for 3 workers/],
  ['a stall timeout that no timer can be set for', ['scenario', 'test.json', '--stall-timeout', '2147484'], /above 0, at most 2,147,483/],
  ['a broken precondition', ['scenario', 'test.json', '--set', 'workers=4', '--set', 'aggregator={"name":"krum","f":1}'], /2f.*allowUnsafe/s],
  ['a missing data set', ['scenario', 'test.json', '--set', 'dataset=mnist'], /npm run data -- mnist/],
  ['more memory than one arena has', ['scenario', 'test.json', '--set', 'model={"name":"mlp","hidden":[1000000]}'], /GiB/],
  ['a file that is no JSON', ['scenario', 'broken.json'], /broken\.json:2:/],
  ['rules for a benchmark that measures none', ['bench', 'gradient', '--rules', 'krum'], /--rules has no meaning for the benchmark gradient; aggregators or scaling take it/],
  ['a model for a benchmark that measures none', ['bench', 'phases', '--model', 'cnn-mnist'], /--model has no meaning for the benchmark phases; gradient takes it/],
  ['a kind of model that needs parameters', ['bench', 'gradient', '--model', 'layers'], /layers is a kind of model that needs parameters.*allowed: .*cnn-baruch-2019/],
  ['an unknown rule to measure', ['bench', 'aggregators', '--rules', 'knm'], /no rule or pre-aggregator "knm".*"nnm"/],
  ['tables as Markdown and as JSON', ['conformance', '--markdown'], /--markdown.*cannot be used with.*--json/],
  ['counterexamples beside JSON', ['conformance', '--counterexamples'], /--counterexamples.*cannot be used with.*--json/],
  ['a time limit for built-in rules', ['conformance', '--limit', '3'], /--limit is for a rule of your own/],
  ['no name for the folder of runs', ['scenario', 'test.json', '--out', ''], /--out is empty; name a folder/],
  ['an unknown benchmark', ['bench', 'gradients'], /gradients.*"gradient"/],
  ['a name that the catalogue lacks', ['list', 'krun'], /krun.*"krum"/s],
  ['a kind that it lacks', ['list', 'policys'], /policys.*"policies"/s],
];

t.test('refused with exit code 2, a message that helps, and nothing written', async (t) => {
  const folder = t.testdir({ 'broken.json': '{\n  "workers": ,\n}' });
  scenarioFile(folder, QUICK);
  const before = readdirSync(folder);
  for (const [what, args, says] of REFUSALS) {
    const { code, stdout, stderr } = await run([...args, '--json'], { cwd: folder });
    t.equal(code, 2, what);
    t.match(stderr, says, what);
    const { error } = (only(stdout) as { error: string });
    t.match(error, says, `${what}: the same as JSON`);
    t.notMatch(stderr, /fault in Byzantium|node:internal/, what);
  }
  t.same(readdirSync(folder), before);
});

t.test('a file that can’t take the tables of conformance is refused before anything is examined', async (t) => {
  const cwd = t.testdir({ 'notes.md': 'mine' });
  for (const [file, says] of [['nowhere.md', /--markdown nowhere\.md: ENOENT/], ['notes.md', /--markdown notes\.md: there is no place for the tables/]] as const) {
    const { code, stdout, stderr } = await run(['conformance', '--markdown', file], { cwd });
    t.equal(code, 2);
    t.match(stderr, says);
    t.equal(stdout, '');
  }
  t.equal(readFileSync(join(cwd, 'notes.md'), 'utf8'), 'mine');
});

t.test('relaxed kernels are refused where the runtime has none', { skip: relaxedIsMissing() ? false : 'this runtime has them' }, async (t) => {
  const folder = t.testdir();
  const { code, stderr } = await run(['scenario', scenarioFile(folder, QUICK), '--set', 'kernels=relaxed'], { cwd: folder });
  t.equal(code, 2);
  t.match(stderr, /Node 22.*strict/s);
});

t.test('a file in the place of the run folder is an error that says so', async (t) => {
  const folder = t.testdir({ taken: 'mine' });
  const { code, stdout, stderr } = await run(['scenario', scenarioFile(folder, QUICK), '--out', 'taken', '--json'], { cwd: folder });
  t.equal(code, 2);
  t.match(stderr, /taken.*--out/s);
  t.match((only(stdout) as { error: string }).error, /taken/);
  t.equal(readFileSync(join(folder, 'taken'), 'utf8'), 'mine');
});

t.test('output that finds no room is an error, not a crash', { skip: existsSync('/dev/full') ? false : 'there is no /dev/full here' }, async (t) => {
  const full = openSync('/dev/full', 'w');
  t.teardown(() => { closeSync(full); });
  const { status, stderr } = spawnSync(process.execPath, [COMMAND, 'list', '--json'], { cwd: t.testdir(), stdio: ['ignore', full, 'pipe'], encoding: 'utf8' });
  t.equal(status, 1);
  t.match(stderr, /no space left/);
  t.notMatch(stderr, /Unhandled/);
});

t.test('a run whose rounds find no room ends with an error that names the file, and its last line is whole', { skip: process.platform === 'win32' ? 'there is no ulimit here' : false }, async (t) => {
  const folder = t.testdir();
  const file = scenarioFile(folder, { ...QUICK, rounds: 1000 });
  // No file may grow beyond a few KiB; that of the rounds would be the first. (The test runner, which NODE_OPTIONS loads, dies of the signal.)
  const { status, signal, stdout, stderr } = spawnSync('sh', ['-c', 'ulimit -f 4; unset NODE_OPTIONS; exec "$@"', 'sh', process.execPath, COMMAND, 'scenario', file, '--json'], {
    cwd: folder,
    encoding: 'utf8',
  });
  t.equal(status, 1, `${String(signal)} ${stderr}`);
  t.match(stderr, /rounds\.jsonl: EFBIG/);
  t.match((only(stdout) as { error: string }).error, /rounds\.jsonl/);
  const [made] = readdirSync(join(folder, 'runs'));
  const lines = readFileSync(join(folder, 'runs', made!, '1', 'rounds.jsonl'), 'utf8').split('\n');
  t.equal(lines.pop(), '');
  t.ok(lines.length > 0);
  t.same(lines.map((line) => (JSON.parse(line) as RoundRecord).round), Array.from(lines.keys()));
});

t.test('a report that finds no room is an error that names the file, and nothing is left of it', { skip: process.platform === 'win32' ? 'there is no ulimit here' : false }, async (t) => {
  const folder = t.testdir();
  const file = scenarioFile(folder, { ...QUICK, grid: { batchSize: [2, 3, 4, 5] } });
  // No file may grow beyond 32 KiB: all that a run leaves is smaller, and the report of four runs greater.
  const { status, signal, stdout, stderr } = spawnSync('sh', ['-c', 'ulimit -f 64; unset NODE_OPTIONS; exec "$@"', 'sh', process.execPath, COMMAND, 'scenario', file, '--json'], {
    cwd: folder,
    encoding: 'utf8',
  });
  t.equal(status, 1, `${String(signal)} ${stderr}`);
  t.match(stderr, /report\.html: EFBIG/);
  t.match((only(stdout) as { error: string }).error, /report\.html/);
  const [made] = readdirSync(join(folder, 'runs'));
  const left = readdirSync(join(folder, 'runs', made!));
  t.equal(left.length, 4, left.join());
  for (const one of left) t.ok(existsSync(join(folder, 'runs', made!, one, 'manifest.json')), one);
});

t.test('a report is never written over a file that is there', async (t) => {
  const folder = t.testdir({ 'report.html': 'mine' });
  const plan = await planScenario('quick', expand(QUICK), { threads: 1, dataFolders: [] });
  const silent = { begin: () => undefined, round: () => undefined, end: () => undefined };
  await t.rejects(runScenario(plan, folder, silent, new AbortController().signal), { name: 'RunFolderError', message: /report\.html: is there already/ });
  t.equal(readFileSync(join(folder, 'report.html'), 'utf8'), 'mine');
});

t.test('an interruption behind the last round is one all the same: the report is written, then it ends', async (t) => {
  const folder = t.testdir();
  const plan = await planScenario('quick', expand(QUICK), { threads: 1, dataFolders: [] });
  const controller = new AbortController();
  const interrupting = { begin: () => undefined, round: () => undefined, end: () => { controller.abort(new Error('enough')); } };
  await t.rejects(runScenario(plan, folder, interrupting, controller.signal), new Error('enough'));
  t.ok(existsSync(join(folder, 'report.html')));
});

t.test('list shows everything, a kind, one thing', async (t) => {
  const cwd = t.testdir();
  const [all, kind, one, json] = await Promise.all([['list'], ['list', 'attacks'], ['list', 'krum'], ['list', 'krum', '--json']].map((args) => run(args, { cwd })));
  t.same([all, kind, one, json].map((ended) => ended?.code), [0, 0, 0, 0]);
  for (const name of ['krum', 'alie', 'digits', 'mlp', 'iid', 'a-little-is-enough']) t.match(all!.stdout, name);
  t.match(kind!.stdout, 'sign-flip');
  t.notMatch(kind!.stdout, 'trimmed-mean');
  t.match(one!.stdout, /precondition.*2f/);
  t.match(one!.stdout, 'baruch-2019-code');
  t.match((only(json!.stdout)), [{ name: 'krum' }]);
  for (const told of [/cost +O\(n²d\)/, /bound +deviation \/ norm .*Blanchard et al\. 2017/, /robustness +κ = 6/, /byzfl: c = 1, p = 2 .*ByzFL/, /claims\n +follows rows that are reordered, moved, scaled by any factor; not the mean at f = 0; lies within: a row/]) {
    t.match(one!.stdout, told);
  }
});

t.test('list knows the policies as a kind, and each by its name', async (t) => {
  const cwd = t.testdir();
  const [kind, one] = await Promise.all(['policies', 'kardam'].map((word) => run(['list', word], { cwd })));
  t.match(kind!.stdout, /^policies\n +async-sgd .*\n +latest /);
  t.match(one!.stdout, /^kardam \(policy\)\n.*precondition +n ≥ 3f \+ 1\n.*damaskinos-2018 \(default\)/s);
});

t.test('list knows the scenarios that come with the package, what each shows and how many runs it has', async (t) => {
  const cwd = t.testdir();
  const [kind, all, one, text] = await Promise.all([['scenarios', '--json'], ['--json'], ['honest', '--json'], ['scenarios']].map((args) => run(['list', ...args], { cwd })));
  const scenarios = only(kind!.stdout) as { kind: string; name: string; description: string; runs: number }[];
  t.same(scenarios.map(({ name }) => name), ['a-little-is-enough', 'asynchronous-under-attack', 'backdoor-sample', 'downpour', 'hogwild-attacked', 'hogwild-cuts', 'hogwild-matrix-completion', 'hogwild-svm', 'honest', 'model-replacement', 'non-iid', 'stragglers', 'table-1-cifar10', 'table-1-mnist', 'table-2-cifar10', 'table-2-mnist']);
  t.same((only(all!.stdout) as { kind: string }[]).filter((entry) => entry.kind === 'scenario'), scenarios);
  t.match(only(one!.stdout), [{ kind: 'scenario', name: 'honest', runs: 1 }]);
  t.match(text!.stdout, /honest +Nobody lies.*\(1 run\)/);
});

t.test('help and version are no failures', async (t) => {
  const cwd = t.testdir();
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string };
  const [help, told] = await Promise.all([run(['--help'], { cwd }), run(['--version'], { cwd })]);
  t.equal(help.code, 0);
  t.match(help.stdout, /scenario.*list.*data/s);
  t.equal(told.code, 0);
  t.equal(told.stdout, `${version}\n`);
});

t.test('a folder of runs that exists is used, and nothing in it touched', async (t) => {
  const folder = t.testdir();
  mkdirSync(join(folder, 'runs'));
  writeFileSync(join(folder, 'runs', 'notes'), 'mine');
  const { code } = await run(['scenario', scenarioFile(folder, QUICK), '--json'], { cwd: folder });
  t.equal(code, 0);
  t.equal(readFileSync(join(folder, 'runs', 'notes'), 'utf8'), 'mine');
});
