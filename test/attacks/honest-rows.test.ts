import fc from 'fast-check';
import t from 'tap';
import { craft } from '../../lib/attacks/craft.js';
import { ATTACKS } from '../../lib/attacks/registry.js';
import { Stream } from '../../lib/data/random.js';
import { mean } from '../aggregators/reference.js';
import { difference, normalRows, tiedRows } from '../aggregators/rows.js';
import { norm } from '../preaggregators/reference.js';

const TOLERANCE = 2e-6;
const [row] = normalRows(1, 30) as [Float32Array];
const warned = (name: string, given: object): string | undefined => {
  const attack = ATTACKS.get(name);
  const shape = { n: 10, f: 3, d: 1 };
  return attack.warn(shape, attack.resolve(given, shape));
};

t.test('ipm is −epsilon times the honest mean', async (t) => {
  for (const epsilon of [undefined, 0.1, 3, -2, 0]) {
    const attack = epsilon === undefined ? 'ipm' : { name: 'ipm', epsilon };
    fc.assert(fc.property(tiedRows(() => 1), ({ n, f, rows }) =>
      difference(craft(attack, rows, { n: n + f + 1, f: f + 1 }), mean(rows).map((value) => -(epsilon ?? 0.5) * value)) <= TOLERANCE));
    t.pass(String(epsilon));
  }
  const far = normalRows(7, 30).map((honest) => honest.map((value) => 1e20 * value));
  t.ok(difference(craft({ name: 'ipm', epsilon: 1e-30 }, far, { n: 10, f: 3 }).map((value) => 1e10 * value), mean(far).map((value) => -1e-20 * value)) <= TOLERANCE, 'a factor that leaves few digits to float32');
  t.throws(() => craft('ipm', [row], { n: 3, f: 3 }), { name: 'PreconditionError', message: /ipm needs an honest worker.*n = 3, f = 3/ });
  t.throws(() => craft('ipm', [row], { n: 10, f: 3 }), /"omniscient" sees the n − f honest workers' rows/);
  t.match(warned('ipm', { epsilon: 0 }), /reports zeros/);
  t.match(warned('ipm', { epsilon: -1 }), /in the direction of the honest mean/);
  t.equal(warned('ipm', {}), undefined);
});

t.test('mimic reports an honest row bit by bit', async (t) => {
  const rows = [row, Float32Array.from(row, (_, k) => [-0, 1e-45, 3.4e38, 1e20][k % 4]!), ...normalRows(2, 30, 7)];
  const bits = (values: Float32Array): Uint32Array => new Uint32Array(values.slice().buffer);
  t.same(bits(craft('mimic', rows, { n: 6, f: 2 })), bits(row), 'the first by default');
  for (const [target, honest] of rows.entries()) t.same(bits(craft({ name: 'mimic', target }, rows, { n: 6, f: 2 })), bits(honest));
  t.throws(() => craft({ name: 'mimic', target: 4 }, rows, { n: 6, f: 2 }), { name: 'PreconditionError', message: /target < n − f.*n = 6, f = 2, target = 4/ });
  t.throws(() => craft({ name: 'mimic', target: -1 }, rows, { n: 6, f: 2 }), { name: 'ParameterError' });
});

/** Row numbers from the least norm to the greatest. */
const byNorm = (rows: readonly Float32Array[]): number[] => Array.from(rows.keys()).sort((a, b) => norm(rows[a]!) - norm(rows[b]!) || a - b);

function antiCge(rows: readonly Float32Array[], n: number, f: number): number[] {
  const order = byNorm(rows);
  const kept = order.slice(0, n - 2 * f).map((i) => rows[i]!);
  const sum = Array.from(kept[0]!, (_, k) => kept.reduce((total, honest) => total + honest[k]!, 0));
  const length = norm(sum);
  return sum.map((value) => (length === 0 ? 0 : (-value / length) * norm(rows[order[n - 2 * f]!]!)));
}

t.test('anti-cge is against the sum of the rows that stay, with the norm of the next', async (t) => {
  fc.assert(fc.property(tiedRows((f) => f + 1), ({ n: honest, f: less, rows }) => {
    // tiedRows has more than `less` rows: f = less + 1 Byzantine workers beside them.
    const f = less + 1;
    fc.pre(honest > f);
    const n = honest + f;
    return difference(craft('anti-cge', rows, { n, f }), antiCge(rows, n, f)) <= 2e-5;
  }));
  for (const [n, f, d] of [[3, 1, 1], [51, 12, 400], [13, 6, 4099]] as const) {
    const rows = normalRows(n - f, d, n);
    t.ok(difference(craft('anti-cge', rows, { n, f }), antiCge(rows, n, f)) <= 2e-5, `n = ${n}, f = ${f}`);
  }
});

t.test('a rule that keeps the n − f rows of least norm keeps all lies of anti-cge', async (t) => {
  for (let seed = 0; seed < 20; seed++) {
    const [n, f] = [13, 4];
    const honest = normalRows(n - f, 200, seed);
    const lie = craft('anti-cge', honest, { n, f });
    const next = norm(honest[byNorm(honest)[n - 2 * f]!]!);
    t.ok(norm(lie) < next && norm(lie) > (1 - 2e-5) * next);
    const kept = byNorm([...honest, ...Array.from({ length: f }, () => lie)]).slice(0, n - f);
    t.same(kept.filter((i) => i >= n - f).length, f);
  }
});

t.test('anti-cge with rows that cancel, are zero, or are far', async (t) => {
  const opposite = row.map((value) => -value);
  const far = new Float32Array(30).fill(1e20);
  t.same(craft('anti-cge', [row, opposite, far], { n: 4, f: 1 }).map(Math.abs), new Float32Array(30), 'no direction');
  t.same(craft('anti-cge', Array.from({ length: 3 }, () => new Float32Array(30)), { n: 4, f: 1 }).map(Math.abs), new Float32Array(30));
  const lie = craft('anti-cge', [row, far, row], { n: 4, f: 1 });
  t.ok(difference(lie.map((value) => value / 1e20), row.map((value) => (-value / norm(row)) * Math.sqrt(30))) < 2e-5, 'the far row gives the norm and nothing else');
  t.throws(() => craft('anti-cge', [row, row], { n: 4, f: 2 }), { name: 'PreconditionError', message: /anti-cge needs 2f < n.*n = 4, f = 2/ });
});

t.test('the order of the honest rows does not matter, and they stay as they are', async (t) => {
  for (const name of ['ipm', 'anti-cge']) {
    fc.assert(fc.property(fc.integer({ min: 4, max: 12 }), fc.integer({ min: 2, max: 40 }), fc.nat(), (honest, d, seed) => {
      const rows = normalRows(honest, d, seed);
      const before = rows.map((one) => one.slice());
      const options = { n: honest + 2, f: 2 };
      const lie = craft(name, rows, options);
      const order = new Stream(seed, 'placement').shuffle(Array.from(rows.keys()));
      return difference(craft(name, order.map((i) => rows[i]!), options), lie) < 1e-5 && rows.every((one, i) => difference(one, before[i]!) === 0);
    }), { numRuns: 30 });
    t.pass(name);
  }
});
