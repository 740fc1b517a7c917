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

/** Distance to the power p. Even powers of whole numbers stay exact, so that ties are ties. */
function power(squared: number, p: number): number {
  return p % 2 === 0 ? squared ** (p / 2) : Math.sqrt(squared) * squared ** ((p - 1) / 2);
}

function byCoordinate(rows: Rows, statistic: (values: readonly number[]) => number): number[] {
  return Array.from(rows[0]!, (_, k) => statistic(rows.map((row) => row[k]!)));
}

function medianOf(values: readonly number[]): number {
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
