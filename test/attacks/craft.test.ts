import t from 'tap';
import { craft } from '../../lib/attacks/craft.js';
import * as reference from '../aggregators/reference.js';
import { difference, normalRows } from '../aggregators/rows.js';

const [own] = normalRows(1, 30) as [Float32Array];
const honest = normalRows(7, 30, 2);
/** Calls with what the types forbid. */
const anyCraft = craft as (...call: unknown[]) => unknown;

t.test('sign-flip turns round its own row, or the honest mean', async (t) => {
  t.same(craft('sign-flip', [own], { n: 10, f: 3 }), own.map((value) => -value));
  t.same(craft({ name: 'sign-flip', scale: 4 }, [own], { n: 10, f: 3 }), own.map((value) => -4 * value));
  t.ok(difference(craft({ name: 'sign-flip', of: 'honest-mean', scale: 0.5 }, honest, { n: 10, f: 3 }), reference.mean(honest).map((value) => -0.5 * value)) < 1e-6);
});

t.test('the fixed rows', async (t) => {
  for (const [attack, value] of [['zero', 0], ['constant', 1], [{ name: 'constant', value: -2.5 }, -2.5], ['inf', Infinity], ['nan', NaN], ['huge', 1e20]] as const) {
    t.same(craft(attack, [own], { n: 10, f: 3 }), new Float32Array(30).fill(value), JSON.stringify(attack));
  }
});

t.test('gaussian rows have the mean and the deviation asked for', async (t) => {
  const [long] = normalRows(1, 100_000) as [Float32Array];
  const row = craft({ name: 'gaussian', mean: 3, sigma: 0.5 }, [long], { n: 10, f: 3 });
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
  const deviation = Math.sqrt(row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length);
  // Five standard errors.
  t.ok(Math.abs(mean - 3) < (5 * 0.5) / Math.sqrt(row.length));
  t.ok(Math.abs(deviation - 0.5) < (5 * 0.5) / Math.sqrt(2 * row.length));
  t.same(craft({ name: 'gaussian', sigma: 0, mean: 2 }, [own], { n: 10, f: 3 }), new Float32Array(30).fill(2));
});

t.test('gaussian rows are keyed by seed, worker and round, and by nothing else', async (t) => {
  const draw = (seed: number, worker: number, round: number): Float32Array => craft('gaussian', [own], { n: 10, f: 3, seed, worker, round });
  const rows = [draw(1, 2, 3), draw(0, 2, 3), draw(1, 0, 3), draw(1, 2, 0)];
  t.equal(new Set(rows.map((row) => row.join())).size, 4);
  t.same(draw(1, 2, 3), rows[0]);
});

t.test('the rows are those that the knowledge lets the attack see, in number', async (t) => {
  t.throws(() => craft('sign-flip', honest, { n: 10, f: 3 }), { name: 'RangeError', message: /knowledge "own" sees the Byzantine worker's own honest row: with n = 10 and f = 3 it takes 1 and got 7/ });
  t.throws(() => craft('alie', honest, { n: 10, f: 3 }), /"colluding" sees the f corrupted workers' own honest rows: with n = 10 and f = 3 it takes 3 and got 7/);
  t.throws(() => craft({ name: 'alie', preset: 'byzfl' }, honest.slice(1), { n: 10, f: 3 }), /"omniscient" sees the n − f honest workers' rows: .* it takes 7 and got 6/);
});

t.test('the rows are never changed', async (t) => {
  const before = honest.map((row) => row.slice());
  craft({ name: 'alie', preset: 'byzfl' }, honest, { n: 10, f: 3 });
  craft({ name: 'sign-flip', of: 'honest-mean' }, honest, { n: 10, f: 3 });
  t.same(honest, before);
});

t.test('what can not be meant is refused', async (t) => {
  t.throws(() => anyCraft('zero', [own]), /n has to be a whole number from 1/);
  t.throws(() => anyCraft('zero', [own], { n: 10 }), /f has to be a whole number from 1 to 10, and is undefined/);
  t.throws(() => anyCraft('zero', [own], { n: 10, f: 0 }), /f has to be/);
  t.throws(() => anyCraft('zero', [own], { n: 10, f: 11 }), /f has to be/);
  t.throws(() => anyCraft('zero', [own], { n: 10, f: 1, worker: 10 }), /worker has to be a whole number from 0 to 9/);
  t.throws(() => anyCraft('zero', [own], { n: 10, f: 1, rounds: 10 }), /no option "rounds"; allowed: .*; the nearest is "round"/);
  t.throws(() => anyCraft('zero', own, { n: 10, f: 1 }), /array of Float32Array/);
  t.throws(() => anyCraft('zero', [], { n: 10, f: 1 }), /at least one row/);
  t.throws(() => craft('alice', [own], { n: 10, f: 1 }), { name: 'ParameterError', message: /"alice" is no attack; allowed: .*; the nearest is "alie"/ });
  t.throws(() => craft({ name: 'alie', sign: 0 }, [own], { n: 10, f: 1 }), /^alie\.sign: 0 is not allowed: it must be -1 or 1/);
  t.throws(() => craft({ name: 'alie', knowledge: 'own' }, [own], { n: 10, f: 1 }), /^alie\.knowledge: "own" is unknown; allowed: colluding, omniscient/);
  t.throws(() => craft({ name: 'constant', value: 't' }, [own], { n: 10, f: 1 }), /not the expression "t"/);
  t.throws(() => craft({ name: 'constant', value: 1e39 }, [own], { n: 10, f: 1 }), { name: 'PreconditionError', message: /the attack "inf"/ });
  t.throws(() => craft({ name: 'gaussian', sigma: -1 }, [own], { n: 10, f: 1 }), { name: 'PreconditionError', message: /sigma ≥ 0: sigma = -1/ });
  t.throws(() => craft({ name: 'alie', ddof: 1 }, [own], { n: 10, f: 1 }), { name: 'PreconditionError' });
  t.same(craft('none', [own], { n: 10, f: 1 }), own);
});

t.test('a pipeline that could not run is refused, whether or not it is used', async (t) => {
  const options = { n: 10, f: 3 };
  t.same(craft('zero', [own], { ...options, pipeline: { aggregator: 'krum' } }), new Float32Array(30));
  t.throws(() => craft('zero', [own], { ...options, pipeline: { aggregator: 'krumm' } }), /the nearest is "krum"/);
  t.throws(() => craft('zero', [own], { ...options, pipeline: { aggregator: 'krum', preaggregators: ['nothing'] } }), /"nothing" is no pre-aggregator/);
  t.throws(() => anyCraft('zero', [own], { ...options, pipeline: { rule: 'krum' } }), /pipeline has no option "rule"/);
  t.throws(() => anyCraft('zero', [own], { ...options, pipeline: 'krum' }), /pipeline is \{ preaggregators, aggregator \}/);
});
