import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { expand, simulate } from '../../lib/index.js';
import type { Manifest, RoundRecord } from '../../lib/run/records.js';
import { SMALL } from './small.js';

/** As little as can be run: what is tested here is the handle, not training. */
const SHORT = { ...SMALL, workers: 3, byzantine: 0, rounds: 4, dataset: { name: 'digits', trainSamples: 60, testSamples: 20 }, model: 'softmax-regression' };
const ONE = { threads: 1 };

/** MNIST's four files, of which the last holds a label that there isn't. */
function damagedMnist(): Record<string, Buffer> {
  const samples = 10;
  const images = Buffer.concat([Buffer.from([0, 0, 8, 3, 0, 0, 0, samples, 0, 0, 0, 28, 0, 0, 0, 28]), Buffer.alloc(samples * 784)]);
  const labels = (label: number): Buffer => Buffer.from([0, 0, 8, 1, 0, 0, 0, samples, ...new Array<number>(samples).fill(label)]);
  return {
    'train-images-idx3-ubyte': images, 'train-labels-idx1-ubyte': labels(0), 't10k-images-idx3-ubyte': images, 't10k-labels-idx1-ubyte': labels(255),
  };
}

async function read(simulation: AsyncIterable<RoundRecord>): Promise<RoundRecord[]> {
  const records: RoundRecord[] = [];
  for await (const record of simulation) records.push(record);
  return records;
}

t.test('records come in order, one a round, with an evaluation when one is due and in the last', async (t) => {
  const simulation = simulate({ ...SHORT, rounds: 5 }, ONE);
  const records = await read(simulation);
  t.same(records.map(({ round }) => round), [0, 1, 2, 3, 4]);
  t.same(records.map(({ accuracy, loss }) => accuracy !== undefined && loss !== undefined), [false, true, false, true, true]);
  const { status, maxAccuracy, finalAccuracy, finalLoss, rounds } = await simulation.result;
  t.equal(status, 'completed');
  t.equal(rounds, 5);
  t.equal(finalAccuracy, records.at(-1)!.accuracy);
  t.equal(finalLoss, records.at(-1)!.loss);
  t.equal(maxAccuracy, Math.max(...records.flatMap(({ accuracy }) => accuracy ?? [])));
});

t.test('the records may be read late, twice, by two readers at once, or not at all', async (t) => {
  const simulation = simulate(SHORT, ONE);
  const [one, other] = await Promise.all([read(simulation), read(simulation)]);
  t.equal(one.length, 4);
  t.same(other, one);
  await simulation.result;
  t.same(await read(simulation), one);
  t.equal((await simulate(SHORT, ONE).result).rounds, 4, 'nobody reads');
});

t.test('a reader that stops early does not stop the run', async (t) => {
  const simulation = simulate(SHORT, ONE);
  for await (const { round } of simulation) if (round === 1) break;
  t.equal((await simulation.result).rounds, 4);
});

t.test('an abort ends the run after its round: result and readers reject with the reason', async (t) => {
  const controller = new AbortController();
  const out = join(t.testdir(), 'run');
  const simulation = simulate({ ...SHORT, rounds: 1_000_000 }, { ...ONE, signal: controller.signal, out });
  const reason = new Error('enough');
  const records: RoundRecord[] = [];
  await t.rejects(async () => {
    for await (const record of simulation) {
      records.push(record);
      if (records.length === 3) controller.abort(reason);
    }
  }, reason);
  await t.rejects(simulation.result, reason);
  const lines = readFileSync(join(out, 'rounds.jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as RoundRecord);
  t.same(lines.slice(0, 3), records.slice(0, 3));
  t.same(lines.map(({ round }) => round), lines.map((_, index) => index), 'whole to the last complete round');
  t.notOk(existsSync(join(out, 'manifest.json')), 'the folder does not count as complete');
});

t.test('a signal aborted beforehand starts no round', async (t) => {
  const simulation = simulate(SHORT, { ...ONE, signal: AbortSignal.abort(new Error('no')) });
  await t.rejects(simulation.result, { message: 'no' });
  await t.rejects(read(simulation), { message: 'no' });
});

t.test('what can’t be run rejects the result and, for who reads only the records, the reading', async (t) => {
  const impossible = { ...SHORT, workers: 61 };
  const expected = { name: 'PartitionError', message: /60 training samples.*61 workers/ };
  await t.rejects(simulate(impossible, ONE).result, expected);
  await t.rejects(read(simulate(impossible, ONE)), expected);
});

t.test('a model beyond all memory is refused with the figure, however great that is', async (t) => {
  for (const kernel of [28, 1024]) {
    const model = { layers: [{ layer: 'convolution', filters: 1_000_000, kernel, padding: 1024 }, { layer: 'dense', units: 10 }] };
    await t.rejects(simulate({ ...SHORT, model }, ONE).result, { name: 'ArenaLimitError', message: /needs \d+\.\d TiB.*4\.0 GiB/ }, `kernel ${kernel}`);
  }
});

t.test('what is asked for in vain is refused at once', async (t) => {
  t.throws(() => simulate({ ...SHORT, seeds: [1, 2] }), { name: 'OptionError', message: /stands for 2 runs.*expand/ });
  t.throws(() => simulate({ ...SHORT, grid: { batchSize: [1, 2, 3] } }), { name: 'OptionError', message: /3 runs/ });
  t.throws(() => simulate({ ...SHORT, wokers: 3 }), { name: 'ScenarioError', message: /wokers.*workers/ });
  for (const threads of [0, -1, 1.5, 4, NaN]) {
    t.throws(() => simulate(SHORT, { threads }), { name: 'OptionError', message: /3 workers/ }, `${threads} threads for 3 workers`);
  }
  for (const name of ['treads', 'constructor', 'toString']) {
    t.throws(() => simulate(SHORT, { [name]: 1 }), { name: 'OptionError', message: new RegExp(`no option "${name}"`) });
  }
  for (const stallTimeout of [0, -1, NaN, Infinity, 2_147_484]) {
    t.throws(() => simulate(SHORT, { stallTimeout }), { name: 'OptionError', message: /at most 2,147,483/ }, `stall timeout ${stallTimeout}`);
  }
});

t.test('each run that expand gives can be handed over as it is, and its label is in the manifest', async (t) => {
  const folder = t.testdir();
  const runs = expand({ ...SHORT, grid: { rounds: [1, 2] } });
  for (const [index, run] of runs.entries()) {
    const out = join(folder, String(index));
    const result = await simulate(run, { ...ONE, out }).result;
    t.same(result.config, run.configuration);
    t.equal(result.parametersHash, (await simulate(run.configuration, ONE).result).parametersHash);
    const { manifest } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest;
    t.equal(manifest.label, `rounds=${index + 1}`);
  }
  const [run] = runs;
  t.throws(() => simulate({ ...run!, configuration: { ...run!.configuration, rounds: 0 } }), { name: 'ScenarioError', message: /^rounds: 0/ });
  t.throws(() => simulate({ ...SHORT, label: 'mine' }), { name: 'ScenarioError', message: /unknown key "label"/ }, 'what only looks like one is a scenario');
});

t.test('a grid of one run is a run', async (t) => {
  t.equal((await simulate({ ...SHORT, grid: { rounds: [2] } }, ONE).result).rounds, 2);
});

t.test('a folder that holds something is refused, and stays as it was', async (t) => {
  const out = t.testdir({ notes: 'mine' });
  await t.rejects(simulate(SHORT, { ...ONE, out }).result, { name: 'RunFolderError', message: /notes/ });
  t.same(readdirSync(out), ['notes']);
});

t.test('a folder that can’t be had is refused before data are loaded', async (t) => {
  // The headers are sound: only loading finds the damage.
  const data = t.testdir({ mnist: damagedMnist(), taken: 'mine' });
  const scenario = { ...SHORT, dataset: 'mnist' };
  await t.rejects(simulate(scenario, { ...ONE, data, out: join(data, 'taken') }).result, { name: 'RunFolderError', message: /taken/ });
  await t.rejects(simulate(scenario, { ...ONE, data, out: join(data, 'new') }).result, { name: 'DataError' });
  t.notOk(existsSync(join(data, 'new')), 'a run that never began leaves no folder');
  mkdirSync(join(data, 'empty'));
  await t.rejects(simulate(scenario, { ...ONE, data, out: join(data, 'empty') }).result, { name: 'DataError' });
  t.same(readdirSync(join(data, 'empty')), [], 'one that was there before stays');
});

t.test('the scenario that is handed over is not changed', async (t) => {
  const scenario = structuredClone(SHORT);
  Object.freeze(scenario);
  Object.freeze(scenario.dataset);
  await simulate(scenario, ONE).result;
  t.same(scenario, SHORT);
});

t.test('two simulations at once do not disturb each other', async (t) => {
  const scenarios = [SHORT, { ...SHORT, seed: 2 }];
  const alone = [];
  for (const scenario of scenarios) alone.push((await simulate(scenario, ONE).result).parametersHash);
  const together = await Promise.all(scenarios.map((scenario) => simulate(scenario, ONE).result));
  t.same(together.map(({ parametersHash }) => parametersHash), alone);
});

t.test('a run leaves its rounds, its parameters and a manifest that repeats it', async (t) => {
  const folder = t.testdir();
  const scenario = { ...SMALL, attack: 'alie', aggregator: { name: 'krum', preset: 'baruch-2019-code' }, momentum: { placement: 'update', beta: 0.9 }, learningRate: '0.1 / (t + 1)', rounds: 3 };
  const simulation = simulate(scenario, { threads: 2, out: join(folder, 'first') });
  const [records, result] = await Promise.all([read(simulation), simulation.result]);
  t.same(readdirSync(join(folder, 'first')).sort(), ['manifest.json', 'parameters.npy', 'rounds.jsonl']);

  const lines = readFileSync(join(folder, 'first', 'rounds.jsonl'), 'utf8').split('\n');
  t.equal(lines.pop(), '', 'the last line is ended');
  t.same(lines.map((line) => JSON.parse(line) as RoundRecord), JSON.parse(JSON.stringify(records)));

  const bytes = readFileSync(join(folder, 'first', 'parameters.npy'));
  const d = 784 * 40 + 40 + 40 * 10 + 10;
  const data = bytes.subarray(bytes.length - 4 * d);
  t.match(bytes.toString('latin1', 0, bytes.length - 4 * d), `'shape': (${d},)`);
  t.equal(createHash('sha256').update(data).digest('hex'), result.parametersHash, 'the hash is that of the parameters’ bytes');

  const text = readFileSync(join(folder, 'first', 'manifest.json'), 'utf8');
  const { manifest, ...config } = JSON.parse(text) as Manifest;
  t.same(config, { ...result.config, kernels: result.kernels }, 'the kernels that ran are written out');
  t.equal(manifest.parametersHash, result.parametersHash);
  t.equal(Object.keys(manifest).at(-1), 'parametersHash', 'the manifest ends with it');
  t.same(manifest.byzantineWorkers, [0, 1]);
  t.same(manifest.labelHistogram.map((counts) => counts.reduce((a, b) => a + b, 0)), new Array(13).fill(Math.floor(2000 / 13)), 'equal shards');
  t.equal(manifest.threads, 2);
  t.match(manifest.configurationHash, /^[0-9a-f]{64}$/);
  t.match(manifest.resolved.attack, { z: 1.5, knowledge: 'colluding', rowsSeen: 2 });

  const again = await simulate(JSON.parse(text), { threads: 1, out: join(folder, 'again') }).result;
  t.equal(again.parametersHash, result.parametersHash);
  const repeated = JSON.parse(readFileSync(join(folder, 'again', 'manifest.json'), 'utf8')) as Manifest;
  t.equal(repeated.manifest.configurationHash, manifest.configurationHash);
});

t.test('the manifest tells which preconditions were overridden', async (t) => {
  const out = join(t.testdir(), 'run');
  await simulate({ ...SHORT, workers: 4, aggregator: { name: 'krum', f: 1 }, allowUnsafe: true }, { ...ONE, out }).result;
  const { manifest } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest;
  t.ok(manifest.warnings.some((warning) => warning.includes('2f')), manifest.warnings.join('; '));
});

t.test('the manifest tells what the attack saw, and whether a worker that the rule trusts is honest', async (t) => {
  const folder = t.testdir();
  const resolved = async (name: string, changes: object): Promise<Manifest['manifest']['resolved']> => {
    const out = join(folder, name);
    await simulate({ ...SHORT, workers: 5, byzantine: 2, rounds: 1, ...changes }, { ...ONE, out }).result;
    return (JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest).manifest.resolved;
  };
  const lying = await resolved('lying', { aggregator: 'monna', attack: 'sign-flip' });
  t.match(lying.attack, { scale: 1, of: 'own', knowledge: 'own', rowsSeen: 1 });
  t.match(lying.aggregator, { trusted: { worker: 0, honest: false } });
  const honest = await resolved('honest', { preaggregators: ['nnm'], aggregator: { name: 'monna', pivot: 2 }, attack: 'ipm' });
  t.match(honest.attack, { epsilon: 0.5, knowledge: 'omniscient', rowsSeen: 3 });
  t.match(honest.aggregator, { trusted: { worker: 2, honest: true } });
  const mixed = await resolved('mixed', { preaggregators: ['bucketing'], aggregator: { name: 'monna', f: 0 } });
  t.match(mixed.attack, { rowsSeen: 0 }, 'nobody attacks');
  t.notOk('trusted' in mixed.aggregator, 'the row of a bucket is no worker’s');
});

t.test('the manifest warns of more threads than cores, and of no fewer', async (t) => {
  const folder = t.testdir();
  const cores = availableParallelism();
  for (const threads of [cores, cores + 1]) {
    const out = join(folder, String(threads));
    await simulate({ ...SHORT, workers: cores + 1, rounds: 1 }, { threads, out }).result;
    const { manifest } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest;
    t.match(manifest.warnings, threads > cores ? [new RegExp(`${threads} threads on ${cores} cores?: works, but threads take turns`)] : []);
    t.equal(manifest.warnings.length, threads > cores ? 1 : 0);
  }
});

t.test('a diverged run leaves a whole folder too', async (t) => {
  const out = join(t.testdir(), 'run');
  const result = await simulate({ ...SHORT, learningRate: 1e39 }, { ...ONE, out }).result;
  t.equal(result.status, 'diverged');
  const { manifest } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest;
  t.equal(manifest.result.status, 'diverged');
  t.equal(manifest.result.reason, result.reason);
});

t.test('one worker alone, a batch larger than the shard, and no Byzantine worker are runs like any other', async (t) => {
  const one = await simulate({ ...SHORT, workers: 1, batchSize: 500 }, ONE).result;
  t.equal(one.status, 'completed');
  t.ok(one.finalLoss < Math.log(10), 'it learns');
});

t.test('a thousand workers with a small model', async (t) => {
  const scenario = {
    ...SMALL, workers: 1000, byzantine: 200, aggregator: 'trimmed-mean', attack: 'alie', rounds: 2, batchSize: 2, model: 'softmax-regression',
  };
  const simulation = simulate(scenario, { threads: 2 });
  const records = await read(simulation);
  t.equal((await simulation.result).status, 'completed');
  t.equal(records.length, 2);
});

t.test('the configuration of a result is that of expand', async (t) => {
  const [run] = expand(SHORT);
  t.same((await simulate(SHORT, ONE).result).config, run!.configuration);
});
