import { z } from 'zod';
import { DataError } from '../dataset.js';
import { Stream } from '../random.js';
import { breathe, EDGES_AT_ONCE, type SparseDataset, type SparsePart } from './sparse-dataset.js';

const parameters = z.strictObject({
  rows: z.int().min(1).max(50_000_000).default(2_000).describe('of the matrix'),
  columns: z.int().min(1).max(50_000_000).default(2_000).describe('of the matrix'),
  rank: z.int().min(1).max(1_000).default(5).describe('of the hidden matrix'),
  entriesPerRow: z.int().min(1).max(1_000_000).default(100).describe('known entries of each row, in columns drawn evenly'),
  testPerRow: z.int().min(1).max(1_000_000).default(10).describe('further entries of each row, kept for the test'),
  noise: z.number().min(0).default(0.1).describe('standard deviation of what is added to each entry, whose own is 1'),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0).describe('of the data alone'),
});

type Parameters = z.infer<typeof parameters>;

/** Entries of A·Bᵀ/√rank with normal A and B. Vertices are the rows, then the columns. */
export const lowRankMatrix: SparseDataset<Parameters> = {
  name: 'low-rank-matrix',
  kind: 'matrix',
  description: 'some entries of a matrix of low rank with noise, generated',
  source: 'generated here',
  parameters,

  // eslint-disable-next-line @typescript-eslint/require-await -- the contract is asynchronous, for data sets that read files
  async describe({ rows, columns, entriesPerRow, testPerRow }) {
    const wanted = entriesPerRow + testPerRow;
    if (wanted > columns) throw new DataError(`dataset.entriesPerRow + dataset.testPerRow is ${wanted}, but a row has ${columns} columns; it must be at most that`);
    const size = (perRow: number): { edges: number; entries: number } => ({ edges: rows * perRow, entries: 2 * rows * perRow });
    return { vertices: rows + columns, rows, classes: 0, train: size(entriesPerRow), test: size(testPerRow) };
  },

  async load({ rows, columns, rank, entriesPerRow, testPerRow, noise, seed }, _folders, { train, test }) {
    const left = new Stream(seed, 'sparse', 3);
    const right = new Stream(seed, 'sparse', 4);
    const stream = new Stream(seed, 'sparse', 5);
    const scale = 1 / Math.sqrt(rank);
    const a = new Float64Array(rank);
    const b = Float64Array.from({ length: columns * rank }, () => right.normal());
    const takenBy = new Int32Array(columns).fill(-1);
    const put = ({ vertices, values }: SparsePart, edge: number, row: number): void => {
      let column: number;
      do column = stream.below(columns);
      while (takenBy[column] === row);
      takenBy[column] = row;
      let product = 0;
      for (let k = 0; k < rank; k++) product += (a[k] as number) * (b[column * rank + k] as number);
      vertices[2 * edge] = row;
      vertices[2 * edge + 1] = rows + column;
      values[edge] = scale * product + noise * stream.normal();
    };
    const rowsAtOnce = Math.max(1, Math.floor(EDGES_AT_ONCE / entriesPerRow));
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < rank; k++) a[k] = left.normal();
      for (let k = 0; k < entriesPerRow; k++) put(train, row * entriesPerRow + k, row);
      for (let k = 0; k < testPerRow; k++) put(test, row * testPerRow + k, row);
      if (row % rowsAtOnce === 0) await breathe();
    }
  },
};
