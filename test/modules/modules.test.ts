import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { aggregate } from '../../lib/pipeline/aggregate.js';
import type { UserRule } from '../../lib/pipeline/user-rule.js';
import type { Manifest, RunResult } from '../../lib/run/records.js';
import { simulate } from '../../lib/training/simulate.js';
import { normalRows } from '../aggregators/rows.js';
import { refusal } from '../scenario/refusal.js';
import { QUICK, run, scenarioFile } from '../scenarios/command.js';
import { essence, runAll, SMALL, small } from '../training/small.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The examples in the rooms' READMEs, as files. */
function examples(t: Test): string {
  const folder = t.testdir();
  for (const room of ['aggregators', 'preaggregators', 'attacks']) {
    const text = readFileSync(join(ROOT, 'lib', room, 'README.md'), 'utf8');
    for (const [, code, name] of text.matchAll(/```js\n(\/\/ (my-[a-z]+\.mjs)[^]*?)```/g)) writeFileSync(join(folder, name!), code!);
  }
  return folder;
}

/** A scenario with a rule made of this source. */
function withRule(t: Test, source: string, parameters: object = {}): { scenario: object; file: string } {
  const folder = t.testdir({ 'rule.mjs': source });
  const file = join(folder, 'rule.mjs');
  return { scenario: { ...SMALL, aggregator: { module: file, ...parameters } }, file };
}

const hash = async (scenario: unknown, threads = 1, options: object = {}): Promise<RunResult> => simulate(scenario, { threads, ...options }).result;
const FIRST = 'export const aggregate = ({ rows }) => rows[0];';

t.test('the examples in the READMEs run, leave their rows alone, and give the same bits for any number of threads', async (t) => {
  const folder = examples(t);
  const scenario = {
    ...SMALL,
    preaggregators: [{ module: join(folder, 'my-preaggregator.mjs') }],
    aggregator: { module: join(folder, 'my-rule.mjs'), memory: 0.25 },
    attack: { module: join(folder, 'my-attack.mjs'), scale: 0.1, start: 1 },
  };
  const [one, two, again] = [await hash(scenario, 1, { debug: true }), await hash(scenario, 2, { debug: true }), await hash(scenario, 3)];
  t.equal(one.status, 'completed');
  t.equal(two.parametersHash, one.parametersHash);
  t.equal(again.parametersHash, one.parametersHash);
});

t.test('a module that is a registered rule gives its bits, as an object too', async (t) => {
  const { scenario } = withRule(t, FIRST);
  // The mean of one row is that row.
  const alone = { workers: 1, byzantine: 0 };
  t.equal((await hash({ ...scenario, ...alone })).parametersHash, (await hash({ ...SMALL, ...alone })).parametersHash);
  const rule: UserRule = { parameters: { k: 1 }, state: ({ d }) => d, check: ({ n }) => (n > 2 ? undefined : 'too few'), aggregate: ({ rows, state, parameters }) => { state[0]! += Number(parameters['k']); return rows[0]!.with(0, state[0]!); } };
  const rows = normalRows(3, 4);
  const state = {};
  t.equal(aggregate(rule, rows, { state })[0], 1);
  t.equal(aggregate(rule, rows, { state })[0], 2);
  t.throws(() => aggregate(rule, rows.slice(1)), { name: 'PreconditionError', message: 'too few' });
});

t.test('a rule draws the same numbers in a run as in aggregate(), and state is that of the rounds before', async (t) => {
  const source = (value: string): string => `export const state = () => 1;
    export const aggregate = ({ d, random, state, round }) => { if (state[0] !== round) throw new Error('state ' + state[0]); state[0] += 1; return new Float32Array(d).fill(${value}); };`;
  const drawn = aggregate({ aggregate: ({ random, d }) => new Float32Array(d).fill(random.uniform()) }, normalRows(13, 2), { seed: 4, f: 2 })[0]!;
  const inRun = async (value: string, rounds: number): Promise<string> => (await hash({ ...withRule(t, source(value)).scenario, seed: 4, rounds }, 2)).parametersHash;
  t.equal(await inRun('random.uniform()', 1), await inRun(String(drawn), 1));
  t.not(await inRun('random.uniform()', 2), await inRun(String(drawn), 2), 'and others in the next round');
});

t.test('what a module leaves in its variables is not seen by the next run on the same threads', async (t) => {
  const { file } = withRule(t, 'let calls = 0; export const aggregate = ({ d }) => new Float32Array(d).fill((calls += 1));');
  const configuration = small({ aggregator: { module: file } });
  const [first, second] = await runAll([configuration, configuration], 2);
  t.same(essence(second!), essence(first!));
});

t.test('an attack is handed what its knowledge says, and is told all workers and those that lie', async (t) => {
  for (const [knowledge, seen] of [['own', 1], ['colluding', 2], ['omniscient', 11]] as const) {
    const folder = t.testdir({ 'attack.mjs': `export const knowledge = '${knowledge}'; export const craft = ({ rows, n, f, worker }) => { if (rows.length !== ${seen} || n !== 13 || f !== 2 || worker > 1) throw new Error(JSON.stringify([rows.length, n, f, worker])); return rows[0].map(() => NaN); };` });
    const simulation = simulate({ ...SMALL, aggregator: 'krum', attack: { module: join(folder, 'attack.mjs') }, rounds: 2 }, { threads: 2 });
    for await (const { removed } of simulation) t.same(removed, [0, 1], knowledge);
    t.equal((await simulation.result).status, 'completed');
  }
});

t.test('a pre-aggregator is asked again for fewer rows, and its rows are checked', async (t) => {
  const stage = async (source: string): Promise<RunResult> => hash({ ...SMALL, preaggregators: [{ module: join(t.testdir({ 'stage.mjs': source }), 'stage.mjs') }], aggregator: { name: 'median', f: 2 }, attack: 'nan' }, 2);
  t.equal((await stage('export const rowsOut = ({ n }) => n - 4; export const preaggregate = ({ rows, n }) => { if (n !== 11) throw new Error(String(n)); return rows.slice(0, n - 4); };')).status, 'completed');
  await t.rejects(stage('export const preaggregate = ({ rows }) => rows.slice(1);'), { name: 'ThreadError', message: /preaggregate has to return 11 rows, as "rowsOut" says, and returned 10/ });
  await t.rejects(stage('export const preaggregate = ({ rows }) => rows.map((row) => row.map(() => NaN));'), { name: 'ThreadError', message: /row 0 of what preaggregate returned holds NaN/ });
});

t.test('the manifest pins the file and repeats the run from anywhere; a changed file is refused', async (t) => {
  const { scenario, file } = withRule(t, FIRST);
  const out = join(t.testdirName, 'out');
  const result = await hash(scenario, 1, { out });
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest;
  t.match(manifest.aggregator, { name: 'module', module: file, sha256: createHash('sha256').update(FIRST).digest('hex') });
  t.equal((await hash(manifest)).parametersHash, result.parametersHash);
  writeFileSync(file, `${FIRST} // changed`);
  t.match(refusal(manifest), { 'aggregator.module': /is not what it was: its SHA-256 is .* bring the file back/ });
});

t.test('paths are relative to the scenario’s file; --dry-run loads the module and says what it refuses', async (t) => {
  const folder = t.testdir();
  mkdirSync(join(folder, 'inner'));
  writeFileSync(join(folder, 'inner', 'rule.mjs'), "export const check = ({ d }) => `no, d = ${d}`;\nexport const aggregate = () => undefined;");
  const file = join(folder, 'inner', scenarioFile(join(folder, 'inner'), { ...SMALL, aggregator: { module: './rule.mjs' } }));
  const { code, stdout } = await run(['scenario', file, '--dry-run'], { cwd: folder });
  t.equal(code, 2);
  t.match(stdout, /rule\.mjs: no, d = 31810/);
  cpSync(file, join(folder, 'moved.json'));
  t.match((await run(['scenario', join(folder, 'moved.json'), '--dry-run'], { cwd: folder })).stderr, /aggregator\.module: .*rule\.mjs can't be read \(ENOENT\)/);
});

t.test('paths in a grid are relative to the scenario’s file too, whatever varies beside them', async (t) => {
  const folder = t.testdir({ inner: { 'one.mjs': FIRST, 'two.mjs': FIRST } });
  const scenario = (grid: object): string => join('inner', scenarioFile(join(folder, 'inner'), { ...QUICK, aggregator: { module: './one.mjs' }, grid }));
  const paths = ['./one.mjs', './two.mjs'];
  for (const grid of [{ 'aggregator.module': paths }, { 'aggregator.module, rounds': [[paths[0], 2], [paths[1], 3]] }, { 'rounds, aggregator': [[2, { module: paths[0] }], [3, { module: paths[1] }]] }]) {
    const { code, stdout, stderr } = await run(['scenario', scenario(grid), '--dry-run'], { cwd: folder });
    t.equal(code, 0, `${JSON.stringify(grid)}: ${stdout}${stderr}`);
  }
});

t.test('what modules print goes to stderr: with --json, stdout holds the result alone', async (t) => {
  const prints = (what: string): string => `console.log('${what} loads'); process.stdout.write('${what} writes\\n');`;
  const folder = t.testdir({
    'rule.mjs': `${prints('the rule')} export const aggregate = ({ rows, round }) => { console.log('the rule in round', round); return rows[0]; };`,
    'model.mjs': `${prints('the model')} export default (tf, { shape, classes }) => tf.sequential({ layers: [tf.layers.flatten({ inputShape: shape }), tf.layers.dense({ units: classes })] });`,
  });
  const scenario = { ...QUICK, rounds: 2, model: { tfjs: './model.mjs', backend: 'cpu' }, aggregator: { module: './rule.mjs' } };
  const { code, stdout, stderr } = await run(['scenario', scenarioFile(folder, scenario), '--json', '--threads', '2'], { cwd: folder });
  t.equal(code, 0, stderr);
  t.match(JSON.parse(stdout), { runs: [{ status: 'completed' }] });
  for (const line of ['the rule loads', 'the rule writes', 'the rule in round 0', 'the rule in round 1', 'the model loads', 'the model writes']) t.match(stderr, `${line}\n`);
});

t.test('the signal of simulate ends the asking of a module that never answers', async (t) => {
  const { scenario } = withRule(t, `for (;;); ${FIRST}`);
  const controller = new AbortController();
  const { result } = simulate(scenario, { threads: 1, signal: controller.signal });
  setTimeout(() => { controller.abort(new Error('enough')); }, 500);
  await t.rejects(result, new Error('enough'));
});

const REFUSED: Readonly<Record<string, readonly [source: string, message: RegExp, parameters?: object]>> = {
  'no function': ['export const agregate = 1;', /exports a function "aggregate", or has it as its default export; this module exports agregate/],
  'no sense': ['export const', /can't be loaded: /],
  'a throw at the top': ["throw new Error('top');", /can't be loaded: top/],
  'an unknown parameter': [`${FIRST} export const parameters = { alpha: 1 };`, /unknown parameter "alhpa"; allowed: alpha; the nearest is "alpha"/, { alhpa: 2 }],
  'a state that is no number': [`${FIRST} export const state = () => -1;`, /state has to give a whole number of at least 0, and gave -1/],
  'a check that throws': [`${FIRST} export const check = () => { throw new Error('oh'); };`, /check threw: oh/],
  'a check that says nothing': [`${FIRST} export const check = () => '';`, /check has to return a text that says what breaks, or nothing, and returned an empty text/],
  'a parameter called as what stands beside': [`${FIRST} export const parameters = { f: 1 };`, /"parameters" can't have a "f": .*\(name, module, sha256, preset, f do\); give the parameter another name/],
  'a parameter that is a function': [`${FIRST} export const parameters = { alpha: 1, weigh: () => 1 };`, /"parameters" has to hold numbers, texts.*; "weigh" doesn't/],
  'a parameter that is no number': [`${FIRST} export const parameters = { alpha: NaN };`, /"alpha" doesn't/],
  'an exit': ['process.exit(3);', /exit/],
};
for (const [what, [source, message, parameters]] of Object.entries(REFUSED)) {
  t.test(`${what} is refused before the start, naming the module`, async (t) => {
    const { scenario, file } = withRule(t, source, parameters);
    const error = await hash(scenario).then(() => undefined, (reason: unknown) => reason as Error);
    t.match(error, { name: 'ModuleError', message });
    t.ok(error!.message.startsWith(file), error!.message);
  });
}

t.test('what an attack or a pre-aggregator says of itself has to be true or false; their own keys are no parameters', async (t) => {
  const files = t.testdir({
    'shared.mjs': "export const shared = 'yes'; export const craft = ({ rows }) => rows[0];",
    'mixes.mjs': 'export const mixes = 3; export const preaggregate = ({ rows }) => rows;',
    'start.mjs': 'export const parameters = { start: 1 }; export const craft = ({ rows }) => rows[0];',
    'f.mjs': 'export const parameters = { f: 1 }; export const preaggregate = ({ rows, parameters }) => { if (parameters.f !== 2) throw new Error(parameters.f); return rows.map((row) => row.slice()); };',
  });
  await t.rejects(hash({ ...SMALL, attack: { module: join(files, 'shared.mjs') } }), { name: 'ModuleError', message: /"shared" has to be true or false, and is a string/ });
  await t.rejects(hash({ ...SMALL, preaggregators: [{ module: join(files, 'mixes.mjs') }] }), { name: 'ModuleError', message: /"mixes" has to be true or false, and is a number/ });
  await t.rejects(hash({ ...SMALL, attack: { module: join(files, 'start.mjs'), start: 1 } }), { name: 'ModuleError', message: /can't have a "start"/ });
  t.equal((await hash({ ...SMALL, preaggregators: [{ module: join(files, 'f.mjs'), f: 2 }] })).status, 'completed', 'f is the rule’s, and a pre-aggregator may have its own');
});

t.test('aggregate() refuses a parameter beside a rule’s parameters, where it would be ignored', async (t) => {
  const rule: UserRule = { parameters: { memory: 0.5 }, aggregate: ({ rows }) => rows[0]! };
  t.throws(() => aggregate({ ...rule, memory: 0 }, normalRows(3, 4)), { name: 'TypeError', message: /takes its parameters in "parameters", and "memory" stands beside it/ });
});

const BROKEN: Readonly<Record<string, readonly [source: string, message: RegExp, options?: object]>> = {
  'a throw': ["export const aggregate = () => { throw new Error('oh'); };", /aggregate threw: oh \(round 0, phase aggregate\)/],
  'a promise': ['export const aggregate = async ({ rows }) => rows[0];', /aggregate has to return a Float32Array, and is a value of type Promise/],
  'a short row': ['export const aggregate = () => new Float32Array(3);', /has to return a Float32Array of 31810 coordinates, and has 3/],
  'state that was not asked for': ['export const aggregate = ({ rows, state }) => { state.last = 1; return rows[0]; };', /aggregate threw: .*not extensible/],
  'a write to the rows under debug': ['export const aggregate = ({ rows }) => { rows[2][5] = 7; return rows[0]; };', /changed row 2 that it was handed/, { debug: true }],
  'an endless loop': ['export const aggregate = () => { for (;;); };', /stalled: no sign of work for 4 s in .*rule\.mjs \(round 0, phase aggregate\)/, { stallTimeout: 4 }],
  'an exit in a round': ['export const aggregate = () => process.exit(4);', /exited with code 4 in .*rule\.mjs/],
};
for (const [what, [source, message, options]] of Object.entries(BROKEN)) {
  t.test(`${what} ends the run with an error that names module, round and phase`, async (t) => {
    const { scenario } = withRule(t, source);
    await t.rejects(hash(scenario, 2, options), { name: 'ThreadError', message });
  });
}

t.test('NaN from a rule is a result: diverged', async (t) => {
  t.equal((await hash(withRule(t, 'export const aggregate = ({ d }) => new Float32Array(d).fill(NaN);').scenario)).status, 'diverged');
});
