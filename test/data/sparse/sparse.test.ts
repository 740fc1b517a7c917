import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { DataError } from '../../../lib/data/dataset.js';
import { libsvm } from '../../../lib/data/sparse/libsvm.js';
import { SPARSE_DATASETS } from '../../../lib/data/sparse/registry.js';
import type { SparseDataset, SparsePart, SparseShape } from '../../../lib/data/sparse/sparse-dataset.js';
import { triplets } from '../../../lib/data/sparse/triplets.js';
import { sparsityOf } from '../../../lib/training/hogwild/sparsity.js';

async function load<Given extends object>(dataset: SparseDataset<Given>, given: Given, folders: string[] = []) {
  const shape = await dataset.describe(given, folders);
  const samples = dataset.kind === 'classification';
  const part = ({ edges, entries }: SparseShape['train']): SparsePart => ({
    offsets: new Uint32Array(samples ? edges + 1 : 0), vertices: new Uint32Array(entries), values: new Float32Array(samples ? entries : edges), labels: new Float32Array(samples ? edges : 0),
  });
  const graph = dataset.kind === 'graph' ? shape.vertices : 0;
  const target = { rows: shape.rows, train: part(shape.train), test: part(shape.test), vertexLabels: new Float32Array(graph), fixed: new Uint8Array(graph) };
  await dataset.load(given, folders, target);
  return { shape, ...target };
}

const generated = (name: string, given: object) => {
  const dataset = SPARSE_DATASETS.get(name);
  return load(dataset, dataset.parameters.parse(given));
};

t.test('sparse-svm: the same seed gives the same samples; features differ within a sample and ascend; both labels come', async (t) => {
  for (const distribution of ['uniform', 'zipf']) {
    const given = { samples: 3000, testSamples: 10, features: 300, nonzeros: 12, distribution };
    const { train, shape } = await generated('sparse-svm', given);
    const bytes = ({ offsets, vertices, values, labels }: SparsePart): Buffer => Buffer.concat([offsets, vertices, values, labels].map(({ buffer }) => new Uint8Array(buffer)));
    t.ok(bytes(train).equals(bytes((await generated('sparse-svm', given)).train)));
    t.notOk(bytes(train).equals(bytes((await generated('sparse-svm', { ...given, seed: 1 })).train)));
    t.equal(shape.train.entries, 36_000);
    for (let sample = 0; sample < 3000; sample++) {
      const features = train.vertices.subarray(12 * sample, 12 * sample + 12);
      if (!features.every((feature, k) => feature < 300 && (k === 0 || feature > features[k - 1]!))) t.fail(`sample ${sample}: ${features.join()}`);
    }
    const positive = train.labels.filter((label) => label === 1).length;
    t.ok(positive > 300 && positive < 2700, `${positive} of 3000 are positive`);
    const first = train.vertices.filter((feature) => feature === 0).length;
    // Uniform: 12 of 300 features, so 4 % of the samples have the first. Zipf: nearly all.
    t.ok(distribution === 'uniform' ? first > 60 && first < 200 : first > 2000, `${first} samples have the first feature`);
  }
});

t.test('low-rank-matrix: as many different entries a row as asked, none of them in the test too', async (t) => {
  const { train, test, shape } = await generated('low-rank-matrix', { rows: 20, columns: 30, rank: 2, entriesPerRow: 10, testPerRow: 5, noise: 0 });
  t.match(shape, { vertices: 50, rows: 20, train: { edges: 200 }, test: { edges: 100 } });
  const places = [train, test].flatMap(({ vertices, values }) => Array.from(values, (_, edge) => `${vertices[2 * edge]!} ${vertices[2 * edge + 1]!}`));
  t.equal(new Set(places).size, 300);
});

t.test('planted-cut: arcs join two vertices, most of one class; each class is known somewhere', async (t) => {
  const { train, vertexLabels, fixed } = await generated('planted-cut', { vertices: 100, classes: 4, degree: 20, across: 0.1, known: 0.2 });
  const { vertices, values } = train;
  let within = 0;
  for (let arc = 0; arc < values.length; arc++) {
    const [u, v] = [vertices[2 * arc]!, vertices[2 * arc + 1]!];
    if (u >= v || v >= 100) t.fail(`arc ${u} ${v}`);
    within += Number(vertexLabels[u] === vertexLabels[v]);
  }
  t.ok(within / values.length > 0.85 && within / values.length < 0.95, String(within / values.length));
  t.equal(new Set([...vertexLabels].filter((_, vertex) => fixed[vertex] === 1)).size, 4);
  const { fixed: known } = await generated('planted-cut', { vertices: 100, classes: 4, known: 0.29 });
  t.equal(known.reduce((sum, one) => sum + one, 0), 29);
});

t.test('ρ, Δ and Ω are those of the definitions', async (t) => {
  const { train, shape } = await generated('sparse-svm', { samples: 120, testSamples: 1, features: 200, nonzeros: 4 });
  const degrees = new Uint32Array(shape.vertices);
  for (const vertex of train.vertices) degrees[vertex]! += 1;
  const sets = Array.from({ length: 120 }, (_, sample) => new Set(train.vertices.subarray(4 * sample, 4 * sample + 4)));
  const met = sets.map((edge) => sets.filter((other) => [...edge].some((vertex) => other.has(vertex))).length);
  t.match(sparsityOf(train, 120, degrees), { omega: 4, delta: Math.max(...degrees) / 120, rho: Math.max(...met) / 120, rhoIsExact: true });
});

t.test('libsvm: a file, plain or packed, with a test file or every tenth sample held out', async (t) => {
  const text = '# made by hand\n+1 1:0.5 3:-2\n\n-1 2:1e-3 # a remark\n0 1:1\n1.0 4:7\r\n';
  const folder = t.testdir({ plain: text, 'packed.gz': gzipSync(text), ten: Array.from({ length: 10 }, (_, i) => `1 ${i + 1}:1`).join('\n') });
  for (const train of ['plain', 'packed.gz']) {
    const { shape, train: part } = await load(libsvm, { train, test: 'plain' }, ['no-such-folder', folder]);
    t.match(shape, { vertices: 4, train: { edges: 4, entries: 5 }, test: { edges: 4, entries: 5 } });
    t.strictSame([...part.offsets], [0, 2, 3, 4, 5]);
    t.strictSame([...part.vertices], [0, 2, 1, 0, 3]);
    t.strictSame([...part.values], [0.5, -2, 1e-3, 1, 7].map(Math.fround));
    t.strictSame([...part.labels], [1, -1, -1, 1]);
  }
  t.match((await load(libsvm, { train: 'ten' }, [folder])).shape, { train: { edges: 9 }, test: { edges: 1 } });
});

t.test('triplets: rows and columns from the file', async (t) => {
  const folder = t.testdir({ entries: '0 0 1.5\n2\t1\t-1\n1,3,2\n' });
  const { shape, train } = await load(triplets, { train: 'entries', test: 'entries' }, [folder]);
  t.match(shape, { vertices: 7, rows: 3, train: { edges: 3 } });
  t.strictSame([...train.vertices], [0, 3, 2, 4, 1, 6]);
  t.strictSame([...train.values], [1.5, -1, 2]);
});

t.test('files of your own are known by their SHA-256: a run is held to them, wherever they lie', async (t) => {
  const folder = t.testdir({ tr: '1 1:1\n0 2:1\n', te: '1 1:1\n', triples: Array.from({ length: 10 }, (_, row) => `${row} 0 1\n`).join('') });
  const sha256 = (name: string): string => createHash('sha256').update(readFileSync(join(folder, name))).digest('hex');
  const { found } = await libsvm.describe({ train: 'tr', test: 'te' }, [folder]);
  t.same(found, { trainSha256: sha256('tr'), testSha256: sha256('te') });
  t.same((await libsvm.describe({ train: join(folder, 'tr'), test: join(folder, 'te'), ...found }, [])).found, found);
  t.same((await triplets.describe({ train: 'triples' }, [folder])).found, { trainSha256: sha256('triples') });
  writeFileSync(join(folder, 'te'), '1 1:2\n');
  await t.rejects(libsvm.describe({ train: 'tr', test: 'te', ...found }, [folder]), { name: 'DataError', message: /te is not what it was: its SHA-256 is .*dataset\.testSha256 says .*bring the file back, or leave testSha256 out/ });
});

t.test('what is wrong with a file is said with file and line', async (t) => {
  const refused = async (t: Test, dataset: SparseDataset<{ train: string; test?: string | undefined }>, text: string, message: RegExp): Promise<void> => {
    const folder = t.testdir({ file: text });
    await t.rejects(dataset.describe({ train: 'file', test: 'file' }, [folder]), { name: 'DataError', message });
  };
  const cases: [SparseDataset<{ train: string; test?: string | undefined }>, string, RegExp][] = [
    [libsvm, '1 1:1\n2 1:1\n', /file:2: the label is "2"; \+1 or 1/],
    [libsvm, '1 1:1\n\n1 0:1\n', /file:3: the index in "0:1" is "0"; a whole number from 1/],
    [libsvm, '1 5\n', /file:1: "5" is no index:value/],
    [libsvm, '1 2:1 2:1\n', /file:1: index 2 comes after 2; indices must ascend/],
    [libsvm, '1 3:1 2:1\n', /file:1: index 2 comes after 3/],
    [libsvm, '1 1:x\n', /file:1: the value in "1:x" is "x"; a finite number/],
    [libsvm, '1 1:1e999\n', /a finite number/],
    [libsvm, '\n# nothing\n', /no training samples/],
    [triplets, '1 2\n', /file:1: 2 fields in "1 2"; row, column and value/],
    [triplets, '1 2 3 4\n', /file:1: 4 fields/],
    [triplets, '0 0 1\n-1 2 3\n', /file:2: the row is "-1"/],
    [triplets, '1 1.5 3\n', /file:1: the column is "1.5"/],
    [triplets, '1 2 NaN\n', /file:1: the value is "NaN"/],
  ];
  for (const [dataset, text, message] of cases) await t.test(JSON.stringify(text), (t) => refused(t, dataset, text, message));
  await t.rejects(libsvm.describe({ train: 'missing' }, ['here', 'there']), { name: 'DataError', message: /no file missing; looked for here.missing, there.missing; .*--data/ });
  const folder = t.testdir({ 'broken.gz': 'no gzip at all' });
  await t.rejects(libsvm.describe({ train: 'broken.gz' }, [folder]), DataError);
  await t.rejects(generated('sparse-svm', { features: 10, nonzeros: 11 }), { name: 'DataError', message: /dataset.nonzeros is 11, but there are 10 features/ });
  await t.rejects(generated('low-rank-matrix', { columns: 10, entriesPerRow: 9, testPerRow: 2 }), DataError);
  await t.rejects(generated('planted-cut', { vertices: 10, classes: 5, known: 0.1 }), DataError);
});
