import t from 'tap';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expand } from '../../lib/scenario/expand.js';
import { configurationHash } from '../../lib/scenario/hash.js';
import { describeShipped, loadScenario, SCENARIOS_FOLDER, shippedScenarios } from '../../lib/scenario/load.js';
import { problemsOf } from './refusal.js';

const BASE = { workers: 7, dataset: 'digits', model: 'mlp', aggregator: 'mean' };
const write = (folder: string, name: string, content: string): string => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
};

t.test('the scenarios that come with the package load by name and expand', (t) => {
  t.ok(['a-little-is-enough', 'honest', 'non-iid', 'table-1-mnist'].every((name) => shippedScenarios().includes(name)));
  for (const name of shippedScenarios()) {
    const runs = expand(loadScenario(name));
    t.ok(runs.length > 0, name);
    t.ok(runs.every(({ configuration }) => configuration.name === name), `${name} is called by its file`);
    t.equal(new Set(runs.map(({ label }) => label)).size, runs.length, `no two runs of ${name} have one label`);
  }
  t.end();
});

t.test('each says what it shows, and the table in scenarios/README.md says the same', (t) => {
  const readme = readFileSync(join(SCENARIOS_FOLDER, 'README.md'), 'utf8');
  const table = Array.from(readme.matchAll(/^\| `([^`]+)` \| (.+) \| (\d+) \|$/gm), ([, name = '', description = '', runs]) => ({ name, description, runs: Number(runs) }));
  const shipped = describeShipped();
  t.ok(shipped.every(({ description }) => description !== ''));
  t.same(new Set(shipped.map(({ name, description, runs }) => ({ name, description, runs }))), new Set(table));
  for (const { name, description } of shipped) t.match(JSON.parse(readFileSync(join(SCENARIOS_FOLDER, `${name}.json`), 'utf8')), { description }, 'it stands in its file');
  t.end();
});

t.test('a file is called by its name unless it says another', (t) => {
  const folder = t.testdir();
  t.equal(loadScenario(write(folder, 'mine.json', JSON.stringify(BASE)))['name'], 'mine');
  t.equal(loadScenario(write(folder, 'mine.json', JSON.stringify({ ...BASE, name: 'other' })))['name'], 'other');
  t.equal(loadScenario(write(folder, '.odd;name!.json', JSON.stringify(BASE)))['name'], 'odd-name-');
  t.equal(loadScenario(write(folder, ';.json', JSON.stringify(BASE)))['name'], 'scenario');
  t.equal(expand(loadScenario(write(folder, 'no extension', JSON.stringify(BASE)))).length, 1);
  t.end();
});

t.test('a manifest is a scenario: it repeats the run', (t) => {
  const { configuration } = expand({ ...BASE, name: 'original', seeds: [3] })[0]!;
  const labelHistogram = Array.from({ length: 1000 }, () => new Array<number>(1001).fill(1));
  const file = write(t.testdir(), 'manifest.json', JSON.stringify({ ...configuration, manifest: { label: '', labelHistogram } }));
  const again = expand(loadScenario(file))[0]!.configuration;
  t.strictSame(again, configuration);
  t.equal(configurationHash(again), configurationHash(configuration));
  t.end();
});

t.test('a byte order mark is no mistake', (t) => {
  t.match(loadScenario(write(t.testdir(), 'mark.json', `\uFEFF${JSON.stringify(BASE)}`)), BASE);
  t.end();
});

t.test('refused: what is not there, with the nearest name', (t) => {
  t.match(
    problemsOf(() => loadScenario('a-litle-is-enough'))[''],
    /no scenario and no file "a-litle-is-enough"; scenarios that come with the package: a-little-is-enough, .*honest, .*; the nearest is "a-little-is-enough"$/,
  );
  t.notMatch(problemsOf(() => loadScenario('__proto__'))[''], /nearest/);
  t.match(problemsOf(() => loadScenario('no/such/file.json'))[''], /no scenario and no file/);
  t.match(problemsOf(() => loadScenario(''))[''], /./);
  t.match(problemsOf(() => loadScenario('__proto__'))[''], /no scenario and no file/);
  t.match(problemsOf(() => loadScenario('a\0b'))[''], /no scenario and no file/);
  t.end();
});

t.test('refused: what is no JSON, with line and column', (t) => {
  const file = write(t.testdir(), 'broken.json', '{\n  "rounds": 3,\n  seed: 4\n}');
  t.match(problemsOf(() => loadScenario(file))[''], /broken\.json:3:3: not JSON: unexpected seed: 4/);
  t.end();
});

t.test('refused: JSON that is no object', (t) => {
  t.match(problemsOf(() => loadScenario(write(t.testdir(), 'list.json', '[1]')))[''], /a scenario is a JSON object, and \[1\] is not one/);
  t.end();
});

t.test('refused: folders, devices, and files above 16 MiB', (t) => {
  const folder = t.testdir();
  mkdirSync(join(folder, 'folder'));
  t.match(problemsOf(() => loadScenario(join(folder, 'folder')))[''], /is a folder; a scenario is a JSON file/);
  t.match(problemsOf(() => loadScenario('/dev/null'))[''], /no ordinary file|no scenario/);
  const large = write(folder, 'large.json', '');
  truncateSync(large, 16 * 2 ** 20 + 1);
  t.match(problemsOf(() => loadScenario(large))[''], /16,777,217 bytes; a scenario has at most 16,777,216/);
  t.end();
});
