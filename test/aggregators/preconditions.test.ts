import t from 'tap';
import { PreconditionError } from '../../lib/aggregators/errors.js';
import { AGGREGATORS } from '../../lib/aggregators/registry.js';
import { aggregate, type AggregateOptions } from '../../lib/pipeline/aggregate.js';
import { normalRows } from './rows.js';
import { served } from './server.js';

/** The least n for f, from the table of published preconditions. */
const LEAST: Readonly<Record<string, (f: number) => number>> = {
  mean: () => 1,
  median: (f) => 2 * f + 1,
  'trimmed-mean': (f) => 2 * f + 1,
  'mean-around-median': (f) => f + 1,
  phocas: (f) => 2 * f + 1,
  krum: (f) => 2 * f + 3,
  'multi-krum': (f) => 2 * f + 3,
  bulyan: (f) => 4 * f + 3,
  'geometric-median': (f) => 2 * f + 1,
  'geometric-median-of-means': (f) => Math.max(1, Math.ceil(2.2 * f)),
  'centered-clipping': () => 1,
  mda: (f) => 2 * f + 1,
  smea: (f) => 2 * f + 1,
  monna: (f) => 2 * f + 1,
  cge: (f) => 2 * f + 1,
  caf: (f) => 2 * f + 1,
  dnc: (f) => 2 * f + 1,
  'sign-majority': (f) => 2 * f + 1,
  signguard: (f) => 2 * f + 1,
  'norm-clipping': () => 1,
  'clipped-clustering': (f) => 2 * f + 1,
  foolsgold: () => 2,
  auror: (f) => 2 * f + 1,
  flame: (f) => 2 * f + 1,
  fltrust: () => 1,
  zeno: (f) => f + 1,
  aksel: (f) => 2 * f + 1,
};

t.test('every rule runs from its least n on and is refused below', async (t) => {
  t.same(Object.keys(LEAST), AGGREGATORS.names);
  for (const [name, least] of Object.entries(LEAST)) {
    for (let f = 0; f <= 4; f++) {
      const n = least(f);
      t.equal(applied(name, normalRows(n, 3), { f: Math.min(f, n) }).length, 3, `${name}, n = ${n}, f = ${f}`);
      if (n > 1) t.throws(() => applied(name, normalRows(n - 1, 3), { f: Math.min(f, n - 1) }), PreconditionError, `${name}, n = ${n - 1}, f = ${f}`);
    }
  }
});

function applied(name: string, rows: Float32Array[], options: AggregateOptions): Float32Array {
  return aggregate(name, rows, { ...served({ name }, rows), ...options });
}

t.test('a refusal names the inequality, its source and the figures', async (t) => {
  const message = (rule: Parameters<typeof aggregate>[0], n: number, f: number): string => {
    try {
      aggregate(rule, normalRows(n, 3), { f });
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing was thrown';
  };
  t.equal(message('krum', 10, 4), 'krum needs n ≥ 2f + 3 (Blanchard et al. 2017): n = 10, f = 4');
  t.equal(message('multi-krum', 10, 4), 'multi-krum needs n ≥ 2f + 3 (Blanchard et al. 2017): n = 10, f = 4');
  t.equal(message('bulyan', 14, 3), 'bulyan needs n ≥ 4f + 3 (El Mhamdi et al. 2018): n = 14, f = 3');
  t.equal(message('median', 4, 2), 'median needs 2f < n (Yin et al. 2018): n = 4, f = 2');
  t.equal(message('trimmed-mean', 4, 2), 'trimmed-mean needs 2b < n (Yin et al. 2018): n = 4, b = 2');
  t.equal(message({ name: 'trimmed-mean', b: 3 }, 5, 1), 'trimmed-mean needs 2b < n (Yin et al. 2018): n = 5, b = 3');
  t.equal(message('phocas', 4, 2), 'phocas needs 2b < n (Xie, Koyejo, Gupta 2018): n = 4, b = 2');
  t.equal(message('geometric-median', 4, 2), 'geometric-median needs 2f < n (Pillutla et al. 2022): n = 4, f = 2');
  t.equal(message('geometric-median-of-means', 4, 2), 'geometric-median-of-means needs 2(1 + epsilon)f ≤ n (Chen, Su, Xu 2017): n = 4, f = 2, epsilon = 0.1');
  t.equal(message({ name: 'geometric-median-of-means', k: 5 }, 4, 1), 'geometric-median-of-means needs k ≤ n, a row for each batch: k = 5, n = 4');
  t.equal(message('monna', 4, 2), 'monna needs 2f < n (Farhadkhani et al. 2023): n = 4, f = 2');
  t.equal(message({ name: 'monna', pivot: 5 }, 5, 2), 'monna needs pivot < n, a worker to compare with: pivot = 5, n = 5');
  t.equal(message('cge', 4, 2), 'cge needs 2f < n (Gupta, Liu, Vaidya 2020): n = 4, f = 2');
  t.equal(message('sign-majority', 4, 2), 'sign-majority needs 2f < n (Bernstein et al. 2019): n = 4, f = 2');
  t.equal(message('signguard', 4, 2), 'signguard needs 2f < n (Xu et al. 2022): n = 4, f = 2');
  t.equal(message('clipped-clustering', 4, 2), 'clipped-clustering needs 2f < n (Li et al. 2023): n = 4, f = 2');
  t.equal(message('foolsgold', 1, 0), 'foolsgold needs n ≥ 2, workers to compare (Fung, Yoon, Beschastnikh 2018): n = 1');
  t.equal(message('auror', 4, 2), 'auror needs 2f < n (Shen, Tople, Saxena 2016): n = 4, f = 2');
  t.equal(message('flame', 4, 2), 'flame needs 2f < n (Nguyen et al. 2022): n = 4, f = 2');
  t.equal(message('aksel', 4, 2), 'aksel needs 2f < n (Boussetta et al. 2021): n = 4, f = 2');
  t.equal(message('mda', 4, 2), 'mda needs 2f < n (El Mhamdi et al. 2020): n = 4, f = 2');
  t.equal(message('smea', 4, 2), 'smea needs 2f < n (Allouah et al. 2023): n = 4, f = 2');
  t.equal(message('caf', 4, 2), 'caf needs 2f < n (Allouah et al. 2025): n = 4, f = 2');
  t.equal(message('dnc', 4, 2), 'dnc needs 2f < n (Shejwalkar, Houmansadr 2021): n = 4, f = 2');
  t.equal(message({ name: 'dnc', b: 4 }, 5, 2), 'dnc needs b ≤ d, coordinates to draw: b = 4, d = 3');
  t.equal(message({ name: 'dnc', c: 2.5 }, 5, 2), 'dnc needs ⌊c·f⌋ < n, rows to average: c = 2.5, f = 2, n = 5');
  t.match(message({ name: 'multi-krum', m: 9 }, 10, 2), 'm ≤ n − f (Blanchard et al. 2017): m = 9, n = 10, f = 2');
  t.match(message({ name: 'krum', c: 8 }, 10, 2), 'n − f − c ≥ 1, a neighbour to score by: n = 10, f = 2, c = 8');
  t.match(message({ name: 'mean-around-median', keep: 6 }, 5, 1), '1 ≤ keep ≤ n (Xie et al. 2018): keep = 6, n = 5, f = 1');
  t.match(message({ name: 'bulyan', keep: 6 }, 7, 1), '1 ≤ keep ≤ n − 2f, values to average: keep = 6, n = 7, f = 1');
});

t.test('allowUnsafe runs what can be computed, and nothing else', async (t) => {
  t.equal(aggregate('krum', normalRows(10, 3), { f: 4, allowUnsafe: true }).length, 3);
  t.equal(aggregate('median', normalRows(4, 3), { f: 3, allowUnsafe: true }).length, 3);
  for (const rule of ['geometric-median', 'geometric-median-of-means', 'sign-majority', 'aksel', 'cge', 'monna', 'mda', 'smea', 'caf', 'dnc']) {
    t.equal(aggregate(rule, normalRows(8, 3), { f: 5, allowUnsafe: true }).length, 3, rule);
  }
  for (const rule of ['signguard', 'clipped-clustering', 'auror', 'flame']) {
    t.equal(aggregate(rule, normalRows(8, 3), { f: 8, allowUnsafe: true }).length, 3, rule);
  }
  t.same(aggregate('foolsgold', [Float32Array.of(1, 2)], { allowUnsafe: true }), Float32Array.of(1, 2));
  for (const rule of ['cge', 'monna', 'mda', 'smea', 'dnc', { name: 'dnc', b: 4 }, 'phocas', { name: 'geometric-median-of-means', k: 9 }, { name: 'monna', pivot: 8 }]) {
    t.throws(() => aggregate(rule, normalRows(8, 3), { f: 8, allowUnsafe: true }), { name: 'PreconditionError', message: /allowUnsafe can't lift this/ });
  }
  t.equal(aggregate({ name: 'multi-krum', m: 10 }, normalRows(10, 3), { f: 2, allowUnsafe: true }).length, 3);
  for (const rule of ['trimmed-mean', { name: 'krum', c: 6 }, { name: 'bulyan', preset: 'baruch-2019-code' }, { name: 'mean-around-median', preset: 'bulyan-phase-2' }]) {
    t.throws(() => aggregate(rule, normalRows(8, 3), { f: 4, allowUnsafe: true }), { name: 'PreconditionError', message: /allowUnsafe can't lift this/ });
  }
});

t.test('bounds are positive inside the precondition and are silent outside', async (t) => {
  for (const name of ['median', 'krum', 'multi-krum', 'bulyan']) {
    const rule = AGGREGATORS.get(name);
    const at = (n: number, f: number): number | undefined => {
      const shape = { n, f, d: 1, removed: 0 };
      return rule.bound?.(shape, rule.resolve({}, shape));
    };
    t.ok(at(51, 0)! > 0 && at(51, 0)! < 1, name);
    if (name !== 'median') t.ok(at(51, 5)! < at(51, 0)!, name);
    t.equal(at(4, 2), undefined, name);
  }
  // (n − f)/(√8 f), which is no limit without Byzantine rows.
  const mda = AGGREGATORS.get('mda');
  const limit = (n: number, f: number): number | undefined => mda.bound?.({ n, f, d: 1, removed: 0 }, {});
  t.ok(Math.abs(limit(51, 12)! - 39 / (Math.sqrt(8) * 12)) < 1e-12);
  t.same([limit(51, 0), limit(4, 2)], [undefined, undefined]);
  // η(51, 12)² = 2(39 + (12·37 + 144·38)/25) of Blanchard et al. 2017.
  const krum = AGGREGATORS.get('krum');
  const shape = { n: 51, f: 12, d: 1, removed: 0 };
  t.ok(Math.abs(krum.bound!(shape, krum.resolve({}, shape))! - 1 / Math.sqrt(2 * (39 + (444 + 5472) / 25))) < 1e-12);
});
