import fc from 'fast-check';
import t from 'tap';
import { alie } from '../../lib/attacks/alie.js';
import { algorithm3 } from '../../lib/attacks/alie-algorithm-3.js';
import { craft } from '../../lib/attacks/craft.js';
import * as reference from '../aggregators/reference.js';
import { difference, normalRows, tiedRows } from '../aggregators/rows.js';

t.test('Algorithm 3 gives the worked values', async (t) => {
  for (const [n, f, z] of [
    [50, 24, 1.426], [51, 24, 1.446], [51, 20, 0.865], [51, 12, 0.361], [51, 6, 0.14], [27, 12, 1.111], [25, 11, 1.068], [25, 9, 0.674],
    [25, 6, 0.336], [25, 5, 0.253], [50, 10, 0.253], [100, 20, 0.286], [11, 2, 0.14], [8, 3, 0.253], [8, 1, -0.18],
  ] as const) {
    t.equal(Math.round(algorithm3(n, f) * 1000) / 1000, z, `n = ${n}, f = ${f}`);
  }
});

t.test('Algorithm 3 inverts the normal distribution to many digits', async (t) => {
  for (const [n, f] of [[50, 24], [51, 12], [1000, 400], [8, 1], [101, 50]] as const) {
    const supporters = Math.floor(n / 2 + 1) - f;
    t.ok(Math.abs(normalDistribution(algorithm3(n, f)) - (n - f - supporters) / (n - f)) < 1e-12, `n = ${n}, f = ${f}`);
  }
});

t.test('the lie is μ + sign·z·σ of the rows that it sees', async (t) => {
  const least = (f: number): number => f + 4;
  for (const [rule, sign, z, ddof] of [
    [{ name: 'alie' }, -1, 1.5, 0],
    [{ name: 'alie', z: 0.3, sign: 1 }, 1, 0.3, 0],
    [{ name: 'alie', preset: 'byzfl' }, 1, 1.5, 1],
    [{ name: 'alie', knowledge: 'omniscient', ddof: 1, z: -2 }, -1, -2, 1],
  ] as const) {
    fc.assert(fc.property(tiedRows(least), ({ rows }) => {
      const seen = rows.length;
      const omniscient = 'preset' in rule || 'knowledge' in rule;
      const [n, f] = omniscient ? [seen + 3, 3] : [2 * seen + 1, seen];
      return difference(craft(rule, rows, { n, f }), shifted(rows, sign * z, ddof)) < 2e-6;
    }));
    t.pass(JSON.stringify(rule));
  }
});

t.test('the presets resolve to what they were published with', async (t) => {
  const rows = normalRows(12, 5000);
  t.ok(difference(craft({ name: 'alie', preset: 'baruch-2019' }, rows, { n: 51, f: 12 }), shifted(rows, -algorithm3(51, 12), 0)) < 2e-6);
  t.ok(difference(craft({ name: 'alie', preset: 'blades' }, rows, { n: 20, f: 8 }), shifted(rows, algorithm3(20, 8), 1)) < 2e-6);
  t.same(alie.resolve({}, { n: 51, f: 12, d: 1 }), { z: 1.5, sign: -1, ddof: 0, knowledge: 'colluding' });
  t.same(alie.resolve(alie.presets['baruch-2019-experiments']!, { n: 51, f: 12, d: 1 }), { z: 1.5, sign: -1, ddof: 0, knowledge: 'colluding' });
});

t.test('what is odd is said, what is impossible is refused', async (t) => {
  const said = (given: Parameters<typeof alie.resolve>[0], n: number, f: number): string | undefined => {
    const shape = { n, f, d: 1 };
    const parameters = alie.resolve(given, shape);
    return alie.check(shape, parameters) ?? alie.warn(shape, parameters);
  };
  t.equal(said({}, 51, 12), undefined);
  t.match(said({ z: 'algorithm-3' }, 8, 1), /z is -0.180: negative.*sees a single row, whose standard deviation is 0.*n = 8, f = 1/);
  t.match(said({}, 8, 1), /single row/);
  t.match(said({ ddof: 1 }, 8, 1), /needs at least 2 rows to see: n = 8, f = 1, and with knowledge "colluding" it sees 1/);
  t.match(said({ ddof: 1, knowledge: 'omniscient' }, 8, 7), /at least 2 rows/);
  t.match(said({ knowledge: 'omniscient' }, 8, 8), /at least 1 row to see/);
  t.match(said({ z: 'algorithm-3' }, 3, 2), /Algorithm 3 needs 0 < s < n − f.*n = 3, f = 2; give z instead/);
  t.match(said({ z: 'algorithm-3' }, 2, 1), /Algorithm 3 needs/);
  t.throws(() => said({ z: '0.1 * t' }, 51, 12), /^alie\.z: here a number is needed, and not the expression "0.1 \* t"/);
});

function shifted(rows: reference.Rows, factor: number, ddof: number): number[] {
  const deviation = reference.deviation(rows, ddof);
  return reference.mean(rows).map((value, k) => value + factor * deviation[k]!);
}

/** Φ by its series around 0 (Abramowitz and Stegun 26.2.10), exact enough for |x| < 3. */
function normalDistribution(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 1; k < 100; k++) {
    term *= (-x * x) / (2 * k);
    sum += term / (2 * k + 1);
  }
  return 0.5 + sum / Math.sqrt(2 * Math.PI);
}
