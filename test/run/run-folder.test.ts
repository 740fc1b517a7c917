import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Manifest, RoundRecord } from '../../lib/run/records.js';
import { RunFolder } from '../../lib/run/run-folder.js';

const RECORD: RoundRecord = {
  round: 0, learningRate: 0.1, trainLoss: 2.3, attacked: false, removed: [], distance: 0.5, cosine: 1, withinDeviation: [0.1, 0.2, 0.3], deviationToNorm: 2,
  seconds: { gradient: 1, craft: 0, aggregate: 0, evaluate: 0 },
};
const MANIFEST = { name: 'test' } as Manifest;

t.test('a round is on the disk as soon as it is appended, a line each', async (t) => {
  const path = join(t.testdir(), 'new', 'run');
  const folder = new RunFolder(path);
  const lines = (): unknown[] => readFileSync(join(path, 'rounds.jsonl'), 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line) as unknown);
  folder.append(RECORD);
  t.same(lines(), [RECORD]);
  folder.append({ ...RECORD, round: 1 });
  t.same(lines(), [RECORD, { ...RECORD, round: 1 }]);
  folder.close();
});

t.test('a folder with a manifest is complete: parameters are written before it, and no partial file stays', async (t) => {
  const path = join(t.testdir(), 'run');
  const folder = new RunFolder(path);
  folder.finish(MANIFEST, Float32Array.of(1, 2));
  t.same(readdirSync(path).sort(), ['manifest.json', 'parameters.npy', 'rounds.jsonl']);
  t.same(JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')), MANIFEST);
});

t.test('an empty folder is taken, one with anything in it refused by what it holds, and stays as it was', async (t) => {
  const empty = join(t.testdir(), 'empty');
  mkdirSync(empty);
  t.doesNotThrow(() => { new RunFolder(empty).close(); });
  const full = t.testdir({ notes: 'mine' });
  t.throws(() => new RunFolder(full), { name: 'RunFolderError', message: /notes.*nothing is ever overwritten/ });
  t.same(readdirSync(full), ['notes']);
});

t.test('a second run in the same folder is refused', async (t) => {
  const path = join(t.testdir(), 'run');
  new RunFolder(path).close();
  t.throws(() => new RunFolder(path), { name: 'RunFolderError' });
});

t.test('a file in the folder’s place is an error that names the path', async (t) => {
  const file = join(t.testdir({ taken: '' }), 'taken');
  t.throws(() => new RunFolder(file), { name: 'RunFolderError', message: new RegExp(file) });
  t.throws(() => new RunFolder(join(file, 'below')), { name: 'RunFolderError', message: new RegExp(file) });
});

t.test('parameters and manifest overwrite nothing that appeared meanwhile', async (t) => {
  const path = join(t.testdir(), 'run');
  const folder = new RunFolder(path);
  writeFileSync(join(path, 'parameters.npy'), 'mine');
  t.throws(() => { folder.finish(MANIFEST, Float32Array.of(1)); }, { name: 'RunFolderError' });
  t.equal(readFileSync(join(path, 'parameters.npy'), 'utf8'), 'mine');
  t.notOk(existsSync(join(path, 'manifest.json')), 'and the folder does not count as complete');
});

t.test('closing twice does no harm', async (t) => {
  const folder = new RunFolder(join(t.testdir(), 'run'));
  folder.close();
  t.doesNotThrow(() => { folder.close(); });
});

t.test('discarding takes back the file and the folders that were made for it, and nothing else', async (t) => {
  const folder = t.testdir({ runs: {} });
  new RunFolder(join(folder, 'runs')).discard();
  t.same(readdirSync(folder), ['runs'], 'it was there before');
  t.same(readdirSync(join(folder, 'runs')), []);
  new RunFolder(join(folder, 'runs', 'a', 'b')).discard();
  t.same(readdirSync(join(folder, 'runs')), []);
  const one = new RunFolder(join(folder, 'runs', 'a', 'one'));
  const other = new RunFolder(join(folder, 'runs', 'a', 'other'));
  one.discard();
  t.same(readdirSync(join(folder, 'runs', 'a')), ['other'], 'another run is in the folder above by now');
  other.close();
});
