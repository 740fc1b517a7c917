import t from 'tap';
import { aggregate, preaggregate } from '../../lib/index.js';
import { AGGREGATORS } from '../../lib/aggregators/registry.js';
import { Stream } from '../../lib/data/random.js';
import { PREAGGREGATORS } from '../../lib/preaggregators/registry.js';

const [N, D] = [1000, 10_000];
/** Rules that look for a subset, and at this size may have to look at too many. */
const SEARCHES = new Set(['mda', 'smea']);
/** 2f < n − 2 is the most that all but Bulyan take, which takes (n − 3)/4. */
const BYZANTINE = [10, 249];

/** Normal rows. Kept in rows of their own: 40 MB. */
const normal = Array.from({ length: N }, (_, row) => {
  const random = new Stream(1, 'attack', row);
  return Float32Array.from({ length: D }, () => random.normal());
});

const ROWS: Record<string, (f: number) => Float32Array[]> = {
  'normal rows': () => normal,
  // Each is the farthest along a direction of its own, so that CAF has to take one after the other.
  'f rows far away, each in its own direction': (f) => normal.map((row, i) => (i < f ? row.with(i, 1000 + 10 * i) : row)),
  'f rows with one lie': (f) => normal.map((row, i) => (i < f ? row.map((value) => value + 0.3) : row)),
};

for (const [what, rowsWith] of Object.entries(ROWS)) {
  for (const f of BYZANTINE) {
    const rows = rowsWith(f);
    for (const { name, needs } of AGGREGATORS) {
      t.test(`${name}: ${what}, f = ${f}`, { timeout: 600_000 }, async (t) => {
        const options = { f, seed: 1, ...(needs === 'trusted-row' ? { trusted: normal[N - 1] as Float32Array } : {}), ...(needs === 'score' ? { score: (row: Float32Array) => row[0] as number } : {}) };
        const start = performance.now();
        if (SEARCHES.has(name) && f > 9) {
          t.throws(() => aggregate(name, rows, options), { name: 'PreconditionError', message: /subsets/ });
          return;
        }
        t.ok(aggregate(name, rows, options).every(Number.isFinite));
        t.comment(`${((performance.now() - start) / 1000).toFixed(1)} s`);
      });
    }
    for (const { name, example } of PREAGGREGATORS) {
      t.test(`${name}: ${what}, f = ${f}`, { timeout: 600_000 }, async (t) => {
        t.ok(preaggregate({ name, ...example }, rows, { f, seed: 1 }).every((row) => row.every(Number.isFinite)));
      });
    }
  }
}
