import fc from 'fast-check';
import t from 'tap';
import { craft } from '../../lib/attacks/craft.js';
import { ATTACKS } from '../../lib/attacks/registry.js';
import { Stream } from '../../lib/data/random.js';
import { mean } from '../aggregators/reference.js';
import { difference, normalRows, tiedRows } from '../aggregators/rows.js';
import { directionOf, farthestLie, greatestDistance, squaredDistance, sumOfSquares } from './reference.js';

/** Of the distances, whose float32 blocks the bound of min-max comes from, and of the rounding of the lie. */
const TOLERANCE = 5e-6;

const ATTACKS_ALONG = [['min-max', greatestDistance], ['min-sum', sumOfSquares]] as const;
const EVERY = ATTACKS_ALONG.flatMap(([name, constraint]) => (['deviation', 'unit', 'sign'] as const).map((direction) => ({ name, direction, constraint })));
const lieOf = ({ name, direction }: { name: string; direction: string }, rows: readonly Float32Array[]): Float32Array =>
  craft({ name, direction }, rows, { n: rows.length + 2, f: 2 });

for (const attack of EVERY) {
  const { name, direction, constraint } = attack;
  t.test(`${name} (${direction}) is the farthest lie that its definition allows`, async (t) => {
    fc.assert(fc.property(tiedRows((f) => f + 2), ({ rows }) => difference(lieOf(attack, rows), farthestLie(rows, direction, constraint)) < TOLERANCE));
    for (const [n, d, shift] of [[2, 1, 0], [2, 40, 3], [3, 17, -1], [39, 300, 0.2], [11, 4099, 0]] as const) {
      const rows = normalRows(n, d, n, shift);
      const mu = mean(rows);
      const lie = lieOf(attack, rows);
      t.ok(difference(lie, farthestLie(rows, direction, constraint)) < TOLERANCE, `n = ${n}, d = ${d}`);
      const limit = constraint.limit(rows);
      t.ok(constraint.measure(lie, rows) <= limit * (1 + TOLERANCE), 'it is allowed');
      const further = lie.map((value, k) => value + 1e-3 * (value - mu[k]!));
      t.ok(constraint.measure(further, rows) > limit, 'and a step further is not');
    }
  });
}

t.test('the direction is −σ unless another is named', async (t) => {
  const rows = normalRows(9, 60);
  for (const [name] of ATTACKS_ALONG) t.same(craft(name, rows, { n: 11, f: 2 }), lieOf({ name, direction: 'deviation' }, rows));
  t.throws(() => craft({ name: 'min-max', direction: 'std' }, rows, { n: 11, f: 2 }), /^min-max\.direction: "std" is unknown; allowed: deviation, unit, sign/);
});

t.test('the lie goes where the direction says', async (t) => {
  const rows = normalRows(9, 60, 4, 0.5);
  const mu = mean(rows);
  for (const attack of EVERY) {
    const p = directionOf(rows, attack.direction);
    const moved = Array.from(lieOf(attack, rows), (value, k) => value - mu[k]!);
    const product = moved.reduce((sum, value, k) => sum + value * p[k]!, 0);
    const cosine = product / Math.sqrt(squaredDistance(moved, new Float32Array(60)) * squaredDistance(p, new Float32Array(60)));
    t.ok(cosine > 1 - 1e-6, `${attack.name}, ${attack.direction}: ${cosine}`);
  }
});

t.test('scaled rows give the scaled lie, up to 1e20 and down to 1e-30', async (t) => {
  const rows = normalRows(9, 130, 3, 0.1);
  for (const attack of EVERY) {
    const lie = lieOf(attack, rows);
    for (const power of [66, -100]) {
      const scale = 2 ** power;
      const scaled = lieOf(attack, rows.map((row) => row.map((value) => scale * value)));
      t.ok(difference(scaled.map((value) => value / scale), lie) < TOLERANCE, `${attack.name}, ${attack.direction}, 2^${power}`);
    }
  }
});

t.test('one far honest row makes room for a far lie, and a finite one', async (t) => {
  for (const attack of EVERY) {
    const rows = normalRows(9, 20, 5).with(6, new Float32Array(20).fill(1e20));
    const lie = lieOf(attack, rows);
    const expected = farthestLie(rows, attack.direction, attack.constraint);
    t.ok(lie.every((value, k) => Math.abs(value - expected[k]!) <= TOLERANCE * 1e20), `${attack.name}, ${attack.direction}`);
  }
});

t.test('rows far from zero: the differences count', async (t) => {
  // Whole numbers about 2^20: the lie is known to a sixteenth.
  for (const attack of EVERY.filter(({ direction }) => direction === 'deviation')) {
    const rows = normalRows(9, 50, 6).map((row) => row.map((value) => Math.round(10 * value)));
    const lie = lieOf(attack, rows.map((row) => row.map((value) => value + 2 ** 20)));
    t.ok(difference(lie.map((value) => value - 2 ** 20), lieOf(attack, rows)) < 0.01, attack.name);
  }
});

t.test('the order of the rows does not matter, and they stay as they are', async (t) => {
  for (const attack of EVERY) {
    fc.assert(fc.property(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 40 }), fc.nat(), (n, d, seed) => {
      const rows = normalRows(n, d, seed);
      const before = rows.map((row) => row.slice());
      const lie = lieOf(attack, rows);
      const order = new Stream(seed, 'placement').shuffle(Array.from(rows.keys()));
      return difference(lieOf(attack, order.map((i) => rows[i]!)), lie) < TOLERANCE && rows.every((row, i) => difference(row, before[i]!) === 0);
    }), { numRuns: 30 });
    t.pass(`${attack.name}, ${attack.direction}`);
  }
});

t.test('where there is no room or no direction, the lie is the mean', async (t) => {
  const [row] = normalRows(1, 30) as [Float32Array];
  for (const attack of EVERY) {
    for (const equal of [row, new Float32Array(30)]) t.same(lieOf(attack, Array.from({ length: 5 }, () => equal)), equal, `${attack.name}, ${attack.direction}`);
    if (attack.direction !== 'deviation') {
      t.same(lieOf(attack, [row]), row, 'a single row');
      t.same(lieOf(attack, [row, row.map((value) => -value)]), new Float32Array(30), 'a mean of 0 has no direction');
    }
  }
});

t.test('too few honest rows are refused, and a single one is warned of', async (t) => {
  const [row] = normalRows(1, 30) as [Float32Array];
  for (const [name] of ATTACKS_ALONG) {
    t.throws(() => craft(name, [row], { n: 3, f: 2 }), { name: 'PreconditionError', message: `${name} with direction = "deviation" needs at least 2 honest rows to see: n = 3, f = 2` });
    t.throws(() => craft({ name, direction: 'unit' }, [row], { n: 2, f: 2 }), { name: 'PreconditionError', message: /at least 1 honest row to see/ });
    const attack = ATTACKS.get(name);
    t.match(attack.warn({ n: 3, f: 2, d: 1 }, attack.resolve({}, { n: 3, f: 2, d: 1 })), /sees a single honest row/);
    t.equal(attack.warn({ n: 5, f: 2, d: 1 }, attack.resolve({}, { n: 5, f: 2, d: 1 })), undefined);
    t.throws(() => craft(name, [row, row], { n: 5, f: 2 }), /"omniscient" sees the n − f honest workers' rows: .* it takes 3 and got 2/);
  }
});
