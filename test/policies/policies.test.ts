import fc from 'fast-check';
import t from 'tap';
import { asyncSgd } from '../../lib/policies/async-sgd.js';
import { basgd } from '../../lib/policies/basgd.js';
import { buffered } from '../../lib/policies/buffered.js';
import { frequencyAllows, kardam, quantileOf } from '../../lib/policies/kardam.js';
import { latest } from '../../lib/policies/latest.js';
import { POLICIES } from '../../lib/policies/registry.js';
import { zenoPlusPlus } from '../../lib/policies/zeno-plus-plus.js';
import { arrivals, kinds } from './bench.js';

t.test('async-sgd steps with each row as it comes, damped by its staleness', async (t) => {
  const verdicts = arrivals(asyncSgd, { n: 2, f: 0, d: 2, named: { name: 'async-sgd' }, damping: (s) => 1 / (1 + s) }, [
    { worker: 1, row: [1, 2] },
    { worker: 0, row: [3, 4], version: 0, now: 3 },
  ]);
  t.match(verdicts, [
    { kind: 'step', factor: 1, values: [1, 2], used: [{ worker: 1, staleness: 0 }] },
    { kind: 'step', factor: 0.25, values: [3, 4], used: [{ worker: 0, staleness: 3 }] },
  ]);
});

t.test('latest steps when k workers are new, over the last row of everybody who has sent one', async (t) => {
  const setting = { n: 4, f: 1, d: 1, named: { name: 'latest', k: 2 } };
  const verdicts = arrivals(latest, setting, [
    { worker: 0, row: [1] },
    { worker: 1, row: [2] }, // two are new, but two are missing, and only one can be done without
    { worker: 2, row: [6] },
    { worker: 2, row: [60] },
    { worker: 2, row: [600] }, // always the same: one is new
    { worker: 3, row: [1000] },
  ]);
  t.same(kinds(verdicts), ['kept', 'kept', 'step', 'kept', 'kept', 'step']);
  t.same(verdicts[2], { ...verdicts[2], values: [3] }, 'the mean of three: the missing one is left out');
  t.same(verdicts[5], { ...verdicts[5], values: [Math.fround((1 + 2 + 600 + 1000) / 4)] });
});

t.test('latest damps every row by how stale it is when it is used', async (t) => {
  const verdicts = arrivals(latest, { n: 2, f: 0, d: 1, named: { name: 'latest', k: 1 }, damping: (s) => 1 / (1 + s) }, [
    { worker: 0, row: [8], version: 0, now: 0 },
    { worker: 1, row: [4], version: 2, now: 3 },
  ]);
  t.same(kinds(verdicts), ['kept', 'step']);
  t.match(verdicts[1], { values: [(8 / 4 + 4 / 2) / 2], used: [{ worker: 0, staleness: 3 }, { worker: 1, staleness: 1 }] });
});

t.test('buffered steps after every K arrivals, and a worker that sends twice counts twice', async (t) => {
  const verdicts = arrivals(buffered, { n: 2, f: 0, d: 1, named: { name: 'buffered', K: 3 } }, [5, 7, 0, 1, 1, 1].map((value, k) => ({ worker: k === 2 ? 1 : 0, row: [value] })));
  t.same(kinds(verdicts), ['kept', 'kept', 'step', 'kept', 'kept', 'step']);
  t.match(verdicts[2], { values: [4], used: [{ worker: 0 }, { worker: 0 }, { worker: 1 }] });
  t.match(verdicts[5], { values: [1] });
});

t.test('basgd: each buffer is the mean of what its workers sent, and the rule is over the buffers', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 5 }), fc.integer({ min: -100, max: 100 })), { minLength: 1, maxLength: 30 }), (sent) => {
      const verdicts = arrivals(basgd, { n: 6, f: 1, d: 1, named: { name: 'basgd', B: 3 }, rule: { name: 'median' } }, sent.map(([worker, value]) => ({ worker, row: [value] })));
      let buffers: number[][] = [[], [], []];
      return sent.every(([worker, value], k) => {
        buffers[worker % 3]!.push(value);
        const verdict = verdicts[k]!;
        if (buffers.some((buffer) => buffer.length === 0)) return verdict.kind === 'kept';
        const means = buffers.map((buffer) => buffer.reduce((sum, one) => sum + one, 0) / buffer.length).sort((a, b) => a - b);
        buffers = [[], [], []];
        return verdict.kind === 'step' && Math.abs(verdict.values![0]! - means[1]!) <= 1e-4;
      });
    }),
  );
  t.match(basgd.check({ n: 10, f: 3, d: 1 }, { B: 6 }), /2f < B ≤ n .*B = 6, n = 10, f = 3/);
});

t.test('kardam rejects a row whose Lipschitz coefficient is above the quantile of the workers\' latest', async (t) => {
  const still = { named: { name: 'kardam', frequency: false, quantile: 0.5 }, n: 4, f: 1, d: 1 };
  const verdicts = arrivals(kardam, still, [
    { worker: 0, row: [1], parameters: [0] },
    { worker: 0, row: [2], parameters: [1] }, // nobody has a coefficient: accepted; its own is 1
    { worker: 1, row: [0], parameters: [0] },
    { worker: 1, row: [1], parameters: [2] }, // 0.5 ≤ 1
    { worker: 0, row: [5], parameters: [2] }, // 3 > 0.5, the lower of {1, 0.5}
    { worker: 1, row: [1.5], parameters: [3] }, // 0.5: the quantile of {3, 0.5} is its own last
    { worker: 1, row: [9], parameters: [3] }, // the parameters have not moved: no coefficient
  ]);
  t.same(kinds(verdicts), ['step', 'step', 'step', 'step', 'rejected', 'step', 'step']);
});

t.test('kardam\'s frequency filter lets no f workers have more than f of the last 2f + 1', async (t) => {
  const verdicts = arrivals(kardam, { named: { name: 'kardam' }, n: 7, f: 2, d: 1 }, [0, 0, 1, 2, 1, 3, 4, 0].map((worker) => ({ worker, row: [1] })));
  t.same(kinds(verdicts), ['step', 'rejected', 'step', 'step', 'rejected', 'step', 'step', 'step'], 'a worker comes again when four others have come between');
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 4 }), { minLength: 5, maxLength: 5 }), (workers) => {
      const pairs = [0, 1, 2, 3, 4].flatMap((a) => [0, 1, 2, 3, 4].filter((b) => b > a).map((b) => workers.filter((worker) => worker === a || worker === b).length));
      return frequencyAllows(workers, 2) === pairs.every((count) => count <= 2);
    }),
  );
});

t.test('kardam\'s code forgives after n rejections in a row', async (t) => {
  const setting = { named: { name: 'kardam', preset: 'code' }, n: 4, f: 1, d: 1 };
  const verdicts = arrivals(kardam, setting, [
    ...[0, 1, 2].flatMap((worker) => [{ worker, row: [0], parameters: [0] }, { worker, row: [1], parameters: [1] }]),
    // Coefficients that grow each time are above every quantile below the greatest.
    ...[2, 3, 4, 5, 6].map((k) => ({ worker: 0, row: [10 ** k], parameters: [k] })),
  ]);
  t.same(kinds(verdicts.slice(6)), ['rejected', 'rejected', 'rejected', 'rejected', 'step']);
});

const row = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 3, maxLength: 3 });

t.test('zeno++ takes the rows whose estimated gain is large enough, at the length of v, which is taken anew every k steps', async (t) => {
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, k) => sum + value * b[k]!, 0);
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 12 }), fc.array(row, { minLength: 12, maxLength: 12 }),
      fc.record({ rescale: fc.boolean(), k: fc.integer({ min: 1, max: 3 }), rho: fc.constantFrom('gamma/1000' as const, 0.02), gamma: fc.constantFrom('learning-rate' as const, 0.5), epsilon: fc.constantFrom(0, 0.3) }),
      (rows, gradients, parameters) => {
        let now = 0;
        let taken = -Infinity;
        let asked = 0;
        let v: readonly number[] = [];
        const learningRate = 0.25;
        const sent: { worker: number; row: readonly number[]; now: number }[] = [];
        const expected = rows.map((g) => {
          sent.push({ worker: 0, row: g, now });
          if (now - taken >= parameters.k) [v, taken] = [gradients[asked++]!, now];
          const step = parameters.gamma === 'learning-rate' ? learningRate : parameters.gamma;
          const cost = parameters.rho === 'gamma/1000' ? step / 1000 : parameters.rho;
          const factor = parameters.rescale && dot(g, g) > 0 ? Math.hypot(...v) / Math.hypot(...g) : 1;
          const used = g.map((value) => factor * value);
          const score = step * dot(v, used) - cost * dot(used, used) + step * parameters.epsilon;
          // What rounding decides says nothing.
          fc.pre(score === 0 || Math.abs(score) > 1e-9);
          if (score < 0) return undefined;
          now += 1;
          return factor;
        });
        const verdicts = arrivals(zenoPlusPlus, { n: 1, f: 0, d: 3, named: { name: 'zeno++', ...parameters }, server: { learningRate, gradients } }, sent);
        return verdicts.every((verdict, i) => (expected[i] === undefined ? verdict.kind === 'rejected' : verdict.kind === 'step' && Math.abs(verdict.factor - expected[i]) <= 1e-12 * expected[i]));
      },
    ),
  );
  const extremes = [[1e20, 1e20, 0], [-1e20, 1e20, 0], [1e-30, 0, 0], [0, 0, 0]].map((value) => ({ worker: 0, row: value }));
  const verdicts = arrivals(zenoPlusPlus, { n: 1, f: 0, d: 3, named: { name: 'zeno++' }, server: { learningRate: 0.1, gradients: [[3, 0, 4]] } }, extremes);
  t.same(kinds(verdicts), ['step', 'rejected', 'step', 'step']);
  t.ok(Math.abs((verdicts[0] as { factor: number }).factor / (5 / (Math.SQRT2 * 1e20)) - 1) < 1e-6);
  const hopeless = arrivals(zenoPlusPlus, { n: 1, f: 0, d: 3, named: { name: 'zeno++', epsilon: 1 }, server: { learningRate: 0.1, gradients: [[NaN, 0, 0]] } }, extremes);
  t.ok(kinds(hopeless).every((kind) => kind === 'rejected'), 'a server whose own gradient is not finite lets nothing pass');
});

t.test('quantileOf: the ⌈q·m⌉-th smallest', async (t) => {
  t.equal(quantileOf([], 0.5), undefined);
  t.equal(quantileOf([3, 1, 2], 2 / 3), 2);
  t.equal(quantileOf([3, 1, 2, 4], 0.75), 3);
  t.equal(quantileOf([3, 1, 2], 1), 3);
  // (29/35)·35 is more than 29 in doubles, and the 30th coefficient may be a Byzantine one.
  for (const [n, f] of [[35, 6], [41, 13], [70, 12], [82, 26]] as const) {
    t.equal(quantileOf(Array.from({ length: n }, (_, index) => index + 1), (n - f) / n), n - f, `n = ${n}, f = ${f}`);
  }
});

t.test('a row that a damping above 1 makes greater than float32 goes is dropped by the chain, and named', async (t) => {
  const rows = [[3e38, -3e38], [1, 2], [2, 2], [3, 2], [4, 2]];
  const setting = { n: 5, f: 1, d: 2, rule: { name: 'mean' }, damping: () => 2 };
  for (const [policy, named] of [[buffered, { name: 'buffered' }], [latest, { name: 'latest', k: 5 }]] as const) {
    const verdict = arrivals(policy, { ...setting, named }, rows.map((row, worker) => ({ worker, row }))).at(-1)!;
    t.match(verdict, { kind: 'step', values: [5, 4], removed: [0] }, policy.name);
  }
});

t.test('basgd: a buffer that grew beyond float32 is dropped once, names who fed it, and begins anew', async (t) => {
  const sent = [[0, 3e38], [3, 1], [1, 1], [2, 2], [3, 3], [1, 1], [2, 2]].map(([worker, value]) => ({ worker: worker!, row: [value!] }));
  const steps = arrivals(basgd, { n: 6, f: 1, d: 1, named: { name: 'basgd', B: 3 }, rule: { name: 'median' }, damping: () => 2 }, sent).filter(({ kind }) => kind === 'step');
  t.match(steps, [{ values: [3], removed: [0, 3] }, { values: [4], removed: [] }]);
});

t.test('every policy says what it is', async (t) => {
  for (const { name, formula, source, precondition } of POLICIES) t.ok(formula.length > 0 && source.length > 0 && precondition.length > 0, name);
});
