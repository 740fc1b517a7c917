import { DataError } from '../dataset.js';
import type { SparseDataset, SparsePart, SparseSize } from './sparse-dataset.js';
import { findTextFiles, finiteNumber, pinTextFiles, textFileParameters, type TextFileParameters, textLines, wholeNumber } from './text-file.js';

const parameters = textFileParameters('a file in LIBSVM’s format', 'sample');

/** Without a test file, samples 9, 19, 29 … are the test. */
const HELD_OUT = 10;

interface Sample {
  readonly label: 1 | -1;
  /** From 0, ascending. */
  readonly features: readonly number[];
  readonly values: readonly number[];
  readonly test: boolean;
}

/** Samples of two classes in LIBSVM's text format: `label index:value …`, indices from 1 and ascending, labels +1/−1 or 1/0. */
export const libsvm: SparseDataset<TextFileParameters> = {
  name: 'libsvm',
  kind: 'classification',
  description: 'a file of yours in LIBSVM’s format: sparse samples of two classes',
  source: 'Chang, Lin, "LIBSVM: a library for support vector machines", 2011; data sets at csie.ntu.edu.tw/~cjlin/libsvmtools/datasets',
  parameters,

  async describe(given, folders) {
    let vertices = 0;
    const sizes = { train: { edges: 0, entries: 0 }, test: { edges: 0, entries: 0 } };
    for await (const { features, test } of samplesOf(given, folders)) {
      const size = test ? sizes.test : sizes.train;
      size.edges += 1;
      size.entries += features.length;
      vertices = Math.max(vertices, (features.at(-1) ?? -1) + 1);
    }
    requireSamples(sizes.train, given.train, 'training samples');
    requireSamples(sizes.test, given.test ?? given.train, 'test samples');
    if (vertices === 0) throw new DataError(`${given.train} has no feature that is not 0`);
    return { vertices, rows: 0, classes: 0, ...sizes, found: await pinTextFiles('libsvm', given, folders) };
  },

  async load(given, folders, target) {
    const places = { train: { edge: 0, entry: 0 }, test: { edge: 0, entry: 0 } };
    for await (const { label, features, values, test } of samplesOf(given, folders)) {
      const part: SparsePart = test ? target.test : target.train;
      const place = test ? places.test : places.train;
      if (place.edge >= part.labels.length || place.entry + features.length > part.vertices.length) throw new DataError(`${given.train} changed while it was being read`);
      part.labels[place.edge] = label;
      part.offsets[place.edge] = place.entry;
      part.vertices.set(features, place.entry);
      part.values.set(values, place.entry);
      place.edge += 1;
      place.entry += features.length;
      part.offsets[place.edge] = place.entry;
    }
    if (places.train.entry !== target.train.vertices.length || places.test.entry !== target.test.vertices.length) throw new DataError(`${given.train} changed while it was being read`);
  },
};

async function* samplesOf(given: TextFileParameters, folders: readonly string[]): AsyncGenerator<Sample> {
  const { train, test } = await findTextFiles('libsvm', given, folders);
  let sample = 0;
  for await (const { text, line } of textLines(train)) {
    yield parse(text, train, line, test === undefined && sample % HELD_OUT === HELD_OUT - 1);
    sample += 1;
  }
  if (test === undefined) return;
  for await (const { text, line } of textLines(test)) yield parse(text, test, line, true);
}

function parse(text: string, path: string, line: number, test: boolean): Sample {
  const [first = '', ...pairs] = text.split(/\s+/);
  const label = LABELS[first.replace(/\.0*$/, '')];
  if (label === undefined) throw new DataError(`${path}:${line}: the label is "${first}"; +1 or 1 for one class and -1 or 0 for the other are allowed`);
  const features: number[] = [];
  const values: number[] = [];
  for (const pair of pairs) {
    const colon = pair.indexOf(':');
    if (colon === -1) throw new DataError(`${path}:${line}: "${pair}" is no index:value, such as 12:0.5`);
    const feature = wholeNumber(pair.slice(0, colon), 1, `the index in "${pair}"`, path, line) - 1;
    const value = finiteNumber(pair.slice(colon + 1), `the value in "${pair}"`, path, line);
    const before = features.at(-1) ?? -1;
    if (feature <= before) throw new DataError(`${path}:${line}: index ${feature + 1} comes after ${before + 1}; indices must ascend`);
    features.push(feature);
    values.push(value);
  }
  return { label, features, values, test };
}

const LABELS: Readonly<Record<string, 1 | -1>> = { '+1': 1, '1': 1, '-1': -1, '0': -1 };

function requireSamples({ edges }: SparseSize, file: string, what: string): void {
  if (edges === 0) throw new DataError(`${file} gives no ${what}`);
}
