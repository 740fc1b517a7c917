import { DataError } from '../dataset.js';
import type { SparseDataset, SparsePart } from './sparse-dataset.js';
import { findTextFiles, finiteNumber, pinTextFiles, textFileParameters, type TextFileParameters, textLines, wholeNumber } from './text-file.js';

const parameters = textFileParameters('a file of lines `row column value`', 'entry');

/** Without a test file, entries 9, 19, 29 … are the test. */
const HELD_OUT = 10;

interface Entry {
  readonly row: number;
  readonly column: number;
  readonly value: number;
  readonly test: boolean;
}

/** Entries of a matrix as text: `row column value`, parted by blanks, tabs or commas, numbered from 0 or 1. Vertices are the rows, then the columns. */
export const triplets: SparseDataset<TextFileParameters> = {
  name: 'triplets',
  kind: 'matrix',
  description: 'a file of yours with known entries of a matrix: row, column, value',
  source: '–',
  parameters,

  async describe(given, folders) {
    let rows = 0;
    let columns = 0;
    const edges = { train: 0, test: 0 };
    for await (const { row, column, test } of entriesOf(given, folders)) {
      rows = Math.max(rows, row + 1);
      columns = Math.max(columns, column + 1);
      edges[test ? 'test' : 'train'] += 1;
    }
    if (edges.train === 0) throw new DataError(`${given.train} gives no training entries`);
    if (edges.test === 0) throw new DataError(`${given.test ?? given.train} gives no test entries`);
    const size = (count: number): { edges: number; entries: number } => ({ edges: count, entries: 2 * count });
    return { vertices: rows + columns, rows, classes: 0, train: size(edges.train), test: size(edges.test), found: await pinTextFiles('triplets', given, folders) };
  },

  async load(given, folders, target) {
    const next = { train: 0, test: 0 };
    for await (const { row, column, value, test } of entriesOf(given, folders)) {
      const part: SparsePart = test ? target.test : target.train;
      const edge = next[test ? 'test' : 'train']++;
      if (edge >= part.values.length) throw new DataError(`${given.train} changed while it was being read`);
      part.vertices[2 * edge] = row;
      part.vertices[2 * edge + 1] = target.rows + column;
      part.values[edge] = value;
    }
    if (next.train !== target.train.values.length || next.test !== target.test.values.length) throw new DataError(`${given.train} changed while it was being read`);
  },
};

async function* entriesOf(given: TextFileParameters, folders: readonly string[]): AsyncGenerator<Entry> {
  const { train, test } = await findTextFiles('triplets', given, folders);
  let entry = 0;
  for await (const { text, line } of textLines(train)) {
    yield parse(text, train, line, test === undefined && entry % HELD_OUT === HELD_OUT - 1);
    entry += 1;
  }
  if (test === undefined) return;
  for await (const { text, line } of textLines(test)) yield parse(text, test, line, true);
}

function parse(text: string, path: string, line: number, test: boolean): Entry {
  const fields = text.split(/[\s,]+/);
  const [row, column, value] = fields;
  if (fields.length !== 3 || row === undefined || column === undefined || value === undefined) {
    throw new DataError(`${path}:${line}: ${fields.length} ${fields.length === 1 ? 'field' : 'fields'} in "${text.slice(0, 60)}"; row, column and value are needed`);
  }
  return { row: wholeNumber(row, 0, 'the row', path, line), column: wholeNumber(column, 0, 'the column', path, line), value: finiteNumber(value, 'the value', path, line), test };
}
