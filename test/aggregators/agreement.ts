import fc from 'fast-check';
import t from 'tap';
import { aggregate } from '../../lib/pipeline/aggregate.js';
import { difference, normalRows, tiedRows } from './rows.js';

export const TOLERANCE = 2e-6;

/** The least n for which most rows are honest. */
export const majority = (f: number): number => 2 * f + 1;

/** The rule and what the formula gives are one, over rows with many ties and over rows with none. */
export function agrees(
  name: string, least: (f: number) => number, rule: Parameters<typeof aggregate>[0],
  expected: (rows: readonly Float32Array[], n: number, f: number) => ArrayLike<number>, tolerance = TOLERANCE,
): void {
  t.test(`${name} is what its formula says`, async (t) => {
    fc.assert(fc.property(tiedRows(least), ({ n, f, rows }) => difference(aggregate(rule, rows, { f }), expected(rows, n, f)) <= tolerance));
    for (const [f, more, d] of [[0, 4, 1], [1, 0, 17], [2, 3, 100], [5, 8, 4099]] as const) {
      const n = least(f) + more;
      const rows = normalRows(n, d, n);
      t.ok(difference(aggregate(rule, rows, { f }), expected(rows, n, f)) <= tolerance, `n = ${n}, f = ${f}, d = ${d}`);
    }
  });
}
