import { PAUSE, type Work } from '../kernels/task.js';

/**
 * The subset of `size` of n rows with the least greatest distance within, of several the one that comes first in lexicographic order; the
 * rows ascend. `squared`: n × n squared distances. Exact.
 *
 * A subset has a diameter of at most δ when the rows outside of it cover every pair farther apart than δ: when the graph of these pairs
 * has a vertex cover of n − size rows. So the least δ is found by bisection over the distances that occur, and then row after
 * row is kept that can be.
 */
export function* leastDiameterSubset(squared: Float64Array, n: number, size: number): Work<number[]> {
  const budget = n - size;
  const limits = Float64Array.from(distinctDistances(squared, n));
  let [first, last] = [0, limits.length - 1];
  while (first < last) {
    const middle = (first + last) >> 1;
    if (isCoverable(farPairs(squared, n, limits[middle] as number), everyRow(n), budget)) last = middle;
    else first = middle + 1;
    yield PAUSE;
  }
  return yield* firstSubset(farPairs(squared, n, limits[first] as number), n, size);
}

/**
 * Words of 32 rows that the search visits at most. A search for a cover of k rows visits at most N(k) = 1 + N(k − 1) + N(k − 3) graphs
 * (`isCoverable`), about 1.9 · 1.4656^k, and counts the neighbours of n rows in each, ⌈n/32⌉ words a row; there is one for each halving of the
 * n(n−1)/2 + 1 distances, and at most one for each row.
 */
export function diameterSearchSteps(n: number, budget: number): number {
  const searches = Math.ceil(Math.log2((n * (n - 1)) / 2 + 1)) + n;
  const graphs = [1, 2, 3];
  for (let k = 3; k <= budget && (graphs[k - 1] as number) < Infinity; k++) graphs.push(1 + (graphs[k - 1] as number) + (graphs[k - 3] as number));
  return searches * (graphs[budget] ?? Infinity) * n * wordsOf(n);
}

/** Sets of rows are bits in words of 32; a graph has one such set for each row, its neighbours. */
type RowSet = Uint32Array;
interface Graph {
  readonly words: number;
  readonly neighbours: readonly RowSet[];
}

/** All squared distances, ascending and each once; 0 is the diameter of a single row. */
function distinctDistances(squared: Float64Array, n: number): Set<number> {
  const pairs = [0];
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) pairs.push(squared[i * n + j] as number);
  return new Set(Float64Array.from(pairs).sort());
}

function farPairs(squared: Float64Array, n: number, limit: number): Graph {
  const words = wordsOf(n);
  const neighbours = Array.from({ length: n }, (_, i) => {
    const far = new Uint32Array(words);
    for (let j = 0; j < n; j++) if ((squared[i * n + j] as number) > limit) add(far, j);
    return far;
  });
  return { words, neighbours };
}

/** The first subset of `size` rows without a far pair; there must be one. */
function* firstSubset(graph: Graph, n: number, size: number): Work<number[]> {
  const left = everyRow(n);
  const kept: number[] = [];
  let budget = n - size;
  for (let row = 0; kept.length < size; row++) {
    if (!has(left, row)) continue;
    const far = intersection(graph.neighbours[row] as RowSet, left);
    const farRows = countRows(far);
    remove(left, row);
    // Keeping the row means that all rows far from it go.
    const rest = without(left, far);
    if (farRows === 0 || (farRows <= budget && isCoverable(graph, rest.slice(), budget - farRows))) {
      kept.push(row);
      left.set(rest);
      budget -= farRows;
    } else {
      budget -= 1;
    }
    yield PAUSE;
  }
  return kept;
}

/**
 * Whether `budget` rows cover every edge among the rows of `left`, which is changed.
 *
 * A row with a single neighbour, or a cycle, costs no choice: some least cover holds the neighbour, or any one row of the cycle. Else either
 * a row with the most neighbours is in the cover, or all of these are, at least three: that bounds the visited graphs by N(budget) = 1 +
 * N(budget − 1) + N(budget − 3). No budget is enough for more edges than it has rows times the most neighbours.
 */
function isCoverable(graph: Graph, left: RowSet, budget: number): boolean {
  for (let remaining = budget; ; remaining--) {
    const { ends, most, degree, leaf } = survey(graph, left);
    if (ends === 0) return true;
    if (ends > 2 * remaining * degree) return false;
    if (leaf >= 0) {
      removeAll(left, intersection(graph.neighbours[leaf] as RowSet, left));
      continue;
    }
    if (degree > 2 && degree <= remaining && isCoverable(graph, without(left, graph.neighbours[most] as RowSet), remaining - degree)) return true;
    remove(left, most);
  }
}

/** How many neighbours the rows of `left` have in it: all together, the first row with the most, and a row with one (−1 when none). */
function survey({ words, neighbours }: Graph, left: RowSet): { ends: number; most: number; degree: number; leaf: number } {
  const result = { ends: 0, most: -1, degree: 0, leaf: -1 };
  for (let word = 0; word < words; word++) {
    for (let bits = left[word] as number; bits !== 0; bits &= bits - 1) {
      const row = 32 * word + 31 - Math.clz32(bits & -bits);
      const near = neighbours[row] as RowSet;
      let degree = 0;
      for (let k = 0; k < words; k++) degree += countBits((near[k] as number) & (left[k] as number));
      result.ends += degree;
      if (degree === 1) result.leaf = row;
      if (degree > result.degree) [result.most, result.degree] = [row, degree];
    }
  }
  return result;
}

function wordsOf(n: number): number {
  return Math.ceil(n / 32);
}

function everyRow(n: number): RowSet {
  const rows = new Uint32Array(wordsOf(n));
  for (let row = 0; row < n; row++) add(rows, row);
  return rows;
}

function has(rows: RowSet, row: number): boolean {
  return (((rows[row >>> 5] as number) >>> (row & 31)) & 1) === 1;
}

function add(rows: RowSet, row: number): void {
  rows[row >>> 5] = (rows[row >>> 5] as number) | (1 << (row & 31));
}

function remove(rows: RowSet, row: number): void {
  rows[row >>> 5] = (rows[row >>> 5] as number) & ~(1 << (row & 31));
}

function removeAll(rows: RowSet, others: RowSet): void {
  for (let word = 0; word < rows.length; word++) rows[word] = (rows[word] as number) & ~(others[word] as number);
}

function without(rows: RowSet, others: RowSet): RowSet {
  const rest = rows.slice();
  removeAll(rest, others);
  return rest;
}

function intersection(rows: RowSet, others: RowSet): RowSet {
  return rows.map((word, k) => word & (others[k] as number));
}

function countRows(rows: RowSet): number {
  return rows.reduce((count, word) => count + countBits(word), 0);
}

/** The ones of 32 bits, added in pairs, fours and eights. */
function countBits(word: number): number {
  let sums = word - ((word >>> 1) & 0x55555555);
  sums = (sums & 0x33333333) + ((sums >>> 2) & 0x33333333);
  return Math.imul((sums + (sums >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
