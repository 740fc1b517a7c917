import fc from 'fast-check';
import t from 'tap';
import { craft } from '../../lib/attacks/craft.js';
import { ATTACKS } from '../../lib/attacks/registry.js';
import { deviation, mean, type Rows } from '../aggregators/reference.js';
import { difference, normalRows, tiedRows } from '../aggregators/rows.js';
import { BULYAN, type Defence, KRUM, length, minus, TRIMMED_MEAN, withLie } from './pipeline-reference.js';

const sorted = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** λ as Fang et al. 2020 bound it, and the lie of its largest half that Krum picks. */
function fangKrum(honest: Rows, f: number, { output, picks }: Defence, threshold: number): { lie: number[]; lambda: number; first: number } {
  const n = honest.length + f;
  const d = honest[0]!.length;
  const signs = Array.from(output(withLie(honest, mean(honest), f), f), Math.sign);
  const sums = honest.map((row, i) => sum(sorted(honest.filter((_, j) => j !== i).map((other) => length(minus(row, other)))).slice(0, n - f - 2)));
  const first = Math.min(...sums) / ((n - 2 * f - 1) * Math.sqrt(d)) + Math.max(...honest.map(length)) / Math.sqrt(d);
  const lieOf = (lambda: number): number[] => signs.map((sign) => -lambda * sign);
  let lambda = first;
  while (lambda >= threshold && !(picks ?? KRUM.picks!)(withLie(honest, lieOf(lambda), f), f)) lambda /= 2;
  return { lie: lieOf(lambda), lambda, first };
}

for (const defence of [KRUM, TRIMMED_MEAN, BULYAN]) {
  t.test(`fang-krum against ${defence.rule}: the longest halving of λ that Krum picks`, async (t) => {
    let halved = 0;
    for (const [n, f, d, shift] of [[11, 2, 40, 0.3], [15, 3, 200, 0.1], [7, 1, 5, 1], [23, 5, 100, 0.5]] as const) {
      for (let seed = 0; seed < 5; seed++) {
        const honest = normalRows(n - f, d, seed, shift);
        const { lie, lambda, first } = fangKrum(honest, f, defence, 1e-5);
        if (lambda < first) halved += 1;
        t.ok(difference(craft('fang-krum', honest, { n, f, pipeline: { aggregator: defence.rule } }), lie) < 2e-6, `n = ${n}, d = ${d}, λ = ${lambda} of ${first}`);
      }
    }
    t.ok(halved > 10, 'and most of them had to be halved');
  });
}

t.test('fang-krum stops shrinking below the threshold, picked or not', async (t) => {
  // f = 1 and rows far from 0, near each other: nothing near 0 is picked.
  const honest = normalRows(8, 30, 1, 100);
  for (const threshold of [1e-5, 1e-2, 20]) {
    const { lie, lambda } = fangKrum(honest, 1, KRUM, threshold);
    t.ok(lambda < threshold && lambda >= threshold / 2);
    t.ok(difference(craft({ name: 'fang-krum', threshold }, honest, { n: 9, f: 1, pipeline: { aggregator: 'krum' } }), lie) < 1e-6);
  }
});

t.test('a rule that says what rows count for is asked, and not Krum', async (t) => {
  const honest = normalRows(9, 40, 2, 0.3);
  const { first } = fangKrum(honest, 2, KRUM, 1e-5);
  const lie = craft('fang-krum', honest, { n: 11, f: 2, pipeline: { aggregator: 'mean' } });
  t.ok(Math.abs(Math.abs(lie[0]!) - first) < 1e-5 * first, 'the mean gives every row weight');
});

t.test('λ is finite wherever the rows are', async (t) => {
  const far = normalRows(5, 3, 1).map((row) => row.map((value) => Math.sign(value) * 3e38));
  t.ok(craft('fang-krum', far, { n: 6, f: 1, pipeline: { aggregator: 'mean' } }).every(Number.isFinite));
  const zero = Array.from({ length: 5 }, () => new Float32Array(3));
  t.ok(craft('fang-krum', zero, { n: 6, f: 1, pipeline: { aggregator: 'krum' } }).every((value) => value === 0));
});

/** The interval in which Fang et al. 2020 draw a coordinate, its nearer end first. */
function interval(values: readonly number[], b: number, knowledge: string): [number, number] {
  const middle = sum(values) / values.length;
  if (middle === 0) return [0, 0];
  if (knowledge === 'colluding') {
    const sigma = deviation(values.map((value) => [value]), 0)[0]!;
    return middle > 0 ? [middle - 3 * sigma, middle - 4 * sigma] : [middle + 3 * sigma, middle + 4 * sigma];
  }
  if (middle > 0) {
    const least = Math.min(...values);
    return [least, least > 0 ? least / b : b * least];
  }
  const greatest = Math.max(...values);
  return [greatest, greatest > 0 ? b * greatest : greatest / b];
}

for (const knowledge of ['omniscient', 'colluding'] as const) {
  t.test(`fang-trim (${knowledge}) lies in its intervals, and in all of them`, async (t) => {
    fc.assert(fc.property(tiedRows((f) => f + 1), fc.double({ min: 1, max: 5, noNaN: true }), ({ rows }, b) => {
      const seen = rows.length;
      const [n, f] = knowledge === 'omniscient' ? [seen + 1, 1] : [2 * seen + 1, seen];
      const lie = craft({ name: 'fang-trim', b, knowledge }, rows, { n, f });
      return lie.every((value, k) => {
        const [near, far] = interval(rows.map((row) => row[k]!), b, knowledge);
        const room = 1e-5 * Math.max(1, Math.abs(near), Math.abs(far));
        return value >= Math.min(near, far) - room && value <= Math.max(near, far) + room;
      });
    }));
    const d = 20_000;
    const rows = normalRows(6, d, 3, 0.5);
    const [n, f] = knowledge === 'omniscient' ? [8, 2] : [13, 6];
    const shares = Array.from(craft({ name: 'fang-trim', knowledge }, rows, { n, f }), (value, k) => {
      const [near, far] = interval(rows.map((row) => row[k]!), 2, knowledge);
      return (value - near) / (far - near);
    });
    // Uniform shares have mean ½ and variance 1/12; five standard errors.
    const middle = sum(shares) / d;
    t.ok(Math.abs(middle - 0.5) < 5 * Math.sqrt(1 / 12 / d), String(middle));
    t.ok(Math.abs(sum(shares.map((share) => (share - 0.5) ** 2)) / d - 1 / 12) < 0.003);
  });
}

t.test('every attacker draws for itself, keyed by seed, worker and round', async (t) => {
  const rows = normalRows(7, 30);
  const draw = (seed: number, worker: number, round: number): Float32Array => craft('fang-trim', rows, { n: 10, f: 3, seed, worker, round });
  t.equal(new Set([draw(1, 2, 3), draw(0, 2, 3), draw(1, 0, 3), draw(1, 2, 0)].map((row) => row.join())).size, 4);
  t.same(draw(1, 2, 3), draw(1, 2, 3));
});

t.test('fang-trim stays within float32', async (t) => {
  const far = normalRows(5, 10, 1).map((row) => row.map((value) => Math.sign(value) * 3e38));
  t.ok(craft('fang-trim', far, { n: 6, f: 1 }).every(Number.isFinite));
  t.ok(craft({ name: 'fang-trim', knowledge: 'colluding' }, far, { n: 11, f: 5 }).every(Number.isFinite));
});

t.test('what is odd is said, what can not be is refused', async (t) => {
  const rows = normalRows(4, 5);
  t.throws(() => craft('fang-krum', rows, { n: 6, f: 2 }), { name: 'PreconditionError', message: /needs the option pipeline/ });
  t.throws(() => craft('fang-krum', rows, { n: 7, f: 3, pipeline: { aggregator: 'mean' } }), { name: 'PreconditionError', message: /fang-krum needs n ≥ 2f \+ 2.*n = 7, f = 3/ });
  t.throws(() => craft({ name: 'fang-krum', threshold: 0 }, rows, { n: 6, f: 2 }), { name: 'ParameterError' });
  t.throws(() => craft({ name: 'fang-trim', b: 0.5 }, rows, { n: 6, f: 2 }), { name: 'PreconditionError', message: /needs b ≥ 1.*b = 0.5/ });
  const attack = ATTACKS.get('fang-trim');
  const warned = (given: object, f: number): string | undefined => attack.warn({ n: 8, f, d: 1 }, attack.resolve(given, { n: 8, f, d: 1 }));
  t.match(warned({ knowledge: 'colluding' }, 1), /sees a single row, whose standard deviation is 0/);
  t.equal(warned({ knowledge: 'colluding' }, 2), undefined);
  t.equal(warned({}, 1), undefined);
});
