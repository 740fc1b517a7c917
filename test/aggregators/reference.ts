/**
 * The rules in float64, written from their formulas and as plainly as possible: what the real ones are compared with.
 * Every function takes rows and gives a row; selections are by index.
 */

export type Rows = readonly (ArrayLike<number>)[];

export function mean(rows: Rows): number[] {
  return byCoordinate(rows, average);
}

export function median(rows: Rows): number[] {
  return byCoordinate(rows, medianOf);
}

export function trimmedMean(rows: Rows, b: number): number[] {
  return byCoordinate(rows, (values) => average(sorted(values).slice(b, values.length - b)));
}

export function meanAroundMedian(rows: Rows, keep: number): number[] {
  return byCoordinate(rows, (values) => {
    const middle = medianOf(values);
    return average(stableSort(values, (value) => Math.abs(value - middle)).slice(0, keep));
  });
}

export function phocas(rows: Rows, b: number): number[] {
  return byCoordinate(rows, (values) => {
    const centre = average(sorted(values).slice(b, values.length - b));
    return average(stableSort(values, (value) => Math.abs(value - centre)).slice(0, values.length - b));
  });
}

export function signMajority(rows: Rows): number[] {
  return byCoordinate(rows, (values) => Math.sign(values.reduce((sum, value) => sum + Math.sign(value), 0)));
}

export function monna(rows: Rows, f: number, pivot: number): number[] {
  const order = stableSort([pivot, ...rows.keys()], (i) => squaredDistance(rows[i]!, rows[pivot]!));
  return mean([...new Set(order)].slice(0, rows.length - f).map((i) => rows[i]!));
}

export function cge(rows: Rows, f: number): number[] {
  return mean(stableSort([...rows.keys()], (i) => squaredNorm(rows[i]!)).slice(0, rows.length - f).map((i) => rows[i]!));
}

export function aksel(rows: Rows): number[] {
  const centre = median(rows);
  const squared = rows.map((row) => squaredDistance(row, centre));
  const limit = medianOf(squared);
  return mean(rows.filter((_, i) => squared[i]! <= limit));
}

/** `tau`: the median norm unless given. */
export function normClipping(rows: Rows, tau = medianOf(rows.map(norm))): number[] {
  return mean(rows.map((row) => {
    const length = norm(row);
    return Array.from(row, (value) => value * (length > tau ? tau / length : 1));
  }));
}

export function centeredClipping(rows: Rows, start: ArrayLike<number>, tau: number, L: number): number[] {
  let v = Array.from(start);
  for (let step = 0; step < L; step++) {
    const from = v;
    const moves = rows.map((row) => {
      const difference = from.map((value, k) => row[k]! - value);
      const length = norm(difference);
      return difference.map((value) => value * (length > tau ? tau / length : 1));
    });
    v = mean(moves).map((value, k) => from[k]! + value);
  }
  return v;
}

/** T steps of Weiszfeld's, whatever they come to. */
export function weiszfeld(rows: Rows, start: ArrayLike<number>, nu: number, T: number): number[] {
  let z = Array.from(start);
  for (let step = 0; step < T; step++) {
    const shares = rows.map((row) => 1 / Math.max(nu, Math.sqrt(squaredDistance(row, z))));
    const total = shares.reduce((sum, share) => sum + share, 0);
    z = byCoordinate(rows, (values) => values.reduce((sum, value, i) => sum + value * (shares[i]! / total), 0));
  }
  return z;
}

/** Σ ‖z − x_i‖, what the geometric median makes least. */
export function sumOfDistances(rows: Rows, z: ArrayLike<number>): number {
  return rows.reduce((sum, row) => sum + Math.sqrt(squaredDistance(row, z)), 0);
}

/** The means of k batches of consecutive rows. */
export function batchMeans(rows: Rows, k: number): number[][] {
  return Array.from({ length: k }, (_, j) => mean(rows.slice(Math.floor((j * rows.length) / k), Math.floor(((j + 1) * rows.length) / k))));
}

/** Row numbers from the best Krum score to the worst. */
export function krumOrder(rows: Rows, neighbours: number, p: number): number[] {
  const numbers = rows.map((_, i) => i);
  return stableSort(numbers, (i) => krumScore(rows, i, numbers, neighbours, p));
}

export function krum(rows: Rows, neighbours: number, p: number): ArrayLike<number> {
  return rows[krumOrder(rows, neighbours, p)[0]!]!;
}

export function multiKrum(rows: Rows, neighbours: number, p: number, m: number): number[] {
  return mean(krumOrder(rows, neighbours, p).slice(0, m).map((i) => rows[i]!));
}

/** The rows that Bulyan selects, in order of their numbers. */
export function bulyanSelection(rows: Rows, f: number, c: number, p: number): number[] {
  let left = rows.map((_, i) => i);
  const selected: number[] = [];
  while (selected.length < rows.length - 2 * f) {
    const neighbours = Math.max(1, left.length - f - c);
    const [best] = stableSort(left, (i) => krumScore(rows, i, left, neighbours, p));
    selected.push(best!);
    left = left.filter((i) => i !== best);
  }
  return sorted(selected);
}

export function bulyan(rows: Rows, f: number, c: number, p: number, keep: number): number[] {
  return meanAroundMedian(bulyanSelection(rows, f, c, p).map((i) => rows[i]!), keep);
}

export function deviation(rows: Rows, ddof: number): number[] {
  return byCoordinate(rows, (values) => {
    const middle = average(values);
    return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - ddof));
  });
}

function krumScore(rows: Rows, i: number, among: readonly number[], neighbours: number, p: number): number {
  const distances = among.filter((j) => j !== i).map((j) => power(squaredDistance(rows[i]!, rows[j]!), p));
  return sorted(distances).slice(0, neighbours).reduce((sum, value) => sum + value, 0);
}

function squaredDistance(x: ArrayLike<number>, y: ArrayLike<number>): number {
  return Array.from(x).reduce((sum, value, k) => sum + (value - y[k]!) ** 2, 0);
}

function squaredNorm(x: ArrayLike<number>): number {
  return Array.from(x).reduce((sum, value) => sum + value ** 2, 0);
}

export function norm(x: ArrayLike<number>): number {
  return Math.sqrt(squaredNorm(x));
}

/** Distance to the power p. Even powers of whole numbers stay exact, so that ties are ties. */
function power(squared: number, p: number): number {
  return p % 2 === 0 ? squared ** (p / 2) : Math.sqrt(squared) * squared ** ((p - 1) / 2);
}

function byCoordinate(rows: Rows, statistic: (values: readonly number[]) => number): number[] {
  return Array.from(rows[0]!, (_, k) => statistic(rows.map((row) => row[k]!)));
}

export function medianOf(values: readonly number[]): number {
  const order = sorted(values);
  return (order[Math.floor((values.length - 1) / 2)]! + order[Math.floor(values.length / 2)]!) / 2;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function sorted(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

/** By key; of equal keys the one that comes first. */
function stableSort(items: readonly number[], key: (item: number) => number): number[] {
  return items.map((item) => ({ item, key: key(item) })).sort((a, b) => a.key - b.key).map(({ item }) => item);
}

/** The server's gradient is `trusted`. */
export function fltrust(rows: Rows, trusted: ArrayLike<number>): number[] {
  const product = (row: ArrayLike<number>): number => Array.from(row).reduce((sum, value, k) => sum + value * trusted[k]!, 0);
  const trusts = rows.map((row) => (norm(row) === 0 ? 0 : Math.max(0, product(row) / (norm(row) * norm(trusted)))));
  const total = trusts.reduce((sum, trust) => sum + trust, 0);
  if (total === 0) return Array.from(trusted, () => 0);
  const factors = rows.map((row, i) => (trusts[i] === 0 ? 0 : (trusts[i]! * norm(trusted)) / norm(row)));
  return Array.from(trusted, (_, k) => rows.reduce((sum, row, i) => sum + factors[i]! * row[k]!, 0) / total);
}

/** `gain`: how much a step along a row lowers the loss. */
export function zeno(rows: Rows, b: number, rho: number, gain: (row: ArrayLike<number>) => number): number[] {
  return mean(stableSort([...rows.keys()], (i) => rho * squaredNorm(rows[i]!) - gain(rows[i]!)).slice(0, rows.length - b).map((i) => rows[i]!));
}
