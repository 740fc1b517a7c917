import fc from 'fast-check';
import t from 'tap';
import { executeHere } from '../../lib/kernels/execute.js';
import { instantiateKernels, compileKernels } from '../../lib/kernels/load.js';
import { runInline } from '../../lib/kernels/task.js';
import { forensics, forensicsPartialsLength } from '../../lib/kernels/work.js';
import { Arena, ArenaPlan } from '../../lib/memory/arena.js';
import { addressOf, f32, f64, u32, type Address } from '../../lib/memory/regions.js';
import { evaluationOf } from '../../lib/metrics/evaluation.js';
import { byzantineWeight, forensicsOf, type Forensics } from '../../lib/metrics/forensics.js';

/** A round's forensics of these honest rows and this aggregate, by the kernels. */
function measure(rows: readonly Float32Array[], aggregate: Float32Array): Forensics {
  const d = aggregate.length;
  const plan = new ArenaPlan();
  const regions = plan.addAll('test', { rows: f32(rows.length * d), table: u32(rows.length), aggregate: f32(d), partials: f64(forensicsPartialsLength(d)) });
  const arena = Arena.allocate(plan.bytes);
  rows.forEach((row, i) => {
    arena.view(regions.rows).set(row, i * d);
    arena.view(regions.table)[i] = addressOf(regions.rows, i * d);
  });
  arena.view(regions.aggregate).set(aggregate);
  const kernels = instantiateKernels(compileKernels('strict').module, arena.memory);
  const work = forensics(arena, { table: regions.table.address, n: rows.length, d }, regions.aggregate.address, regions.partials);
  const sums = runInline(work, (task) => {
    executeHere(task, { kernels, scratch: 0 as Address });
  });
  return forensicsOf(sums, d);
}

/** The same by the definitions, in float64. */
function define(rows: readonly Float32Array[], aggregate: Float32Array): Forensics {
  const d = aggregate.length;
  const columns = Array.from({ length: d }, (_, k) => rows.map((row) => row[k]!));
  const mean = columns.map((column) => column.reduce((a, b) => a + b, 0) / column.length);
  const deviation = columns.map((column, k) => Math.sqrt(column.reduce((sum, x) => sum + (x - mean[k]!) ** 2, 0) / column.length));
  const norm = (x: ArrayLike<number>): number => Math.hypot(...Array.from(x));
  const within = (z: number): number => mean.filter((mu, k) => Math.abs(mu) < z * deviation[k]!).length / d;
  return {
    distance: norm(mean.map((mu, k) => aggregate[k]! - mu)) / norm(deviation),
    cosine: mean.reduce((sum, mu, k) => sum + mu * aggregate[k]!, 0) / (norm(mean) * norm(aggregate)),
    withinDeviation: [within(0.5), within(1), within(2)],
    deviationToNorm: norm(deviation) / norm(mean),
  };
}

const value = fc.integer({ min: -1000, max: 1000 }).map((x) => x / 64);

t.test('a round’s forensics are what their definitions say', async () => {
  const cases = fc.tuple(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 60 })).chain(([n, d]) => {
    const row = fc.array(value, { minLength: d, maxLength: d }).map((values) => Float32Array.from(values));
    return fc.tuple(fc.array(row, { minLength: n, maxLength: n }), row);
  });
  fc.assert(
    fc.property(cases, ([rows, aggregate]) => {
      const got = measure(rows, aggregate);
      const wanted = define(rows, aggregate);
      const close = (a: number, b: number): boolean => (!Number.isFinite(b) && !Number.isFinite(a)) || Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(b));
      // A mean that cancels to nothing makes quotients without digits; then there is nothing to compare.
      const norm = Math.hypot(...rows[0]!.map((_, k) => rows.reduce((sum, row) => sum + row[k]!, 0) / rows.length));
      if (norm < 1e-3) return true;
      return close(got.distance, wanted.distance) && close(got.cosine, wanted.cosine) && close(got.deviationToNorm, wanted.deviationToNorm);
    }),
  );
});

t.test('the shares |μ| < zσ are counted over all coordinates, beyond one chunk of them', async (t) => {
  // σ = 1 in every coordinate; μ runs through 0.25, 0.75, 1.5, 3.
  const d = 10_000;
  const means = [0.25, 0.75, 1.5, 3];
  const rows = [-1, 1].map((side) => Float32Array.from({ length: d }, (_, k) => means[k % 4]! + side));
  t.same(measure(rows, new Float32Array(d).fill(1)).withinDeviation, [0.25, 0.5, 0.75]);
});

t.test('an aggregate that is the honest mean is at distance 0 and cosine 1, its opposite at cosine −1', async (t) => {
  const rows = [Float32Array.of(1, 2, 3), Float32Array.of(3, 2, 1)];
  const same = measure(rows, Float32Array.of(2, 2, 2));
  t.equal(same.distance, 0);
  t.ok(Math.abs(same.cosine - 1) < 1e-12);
  t.ok(Math.abs(measure(rows, Float32Array.of(-2, -2, -2)).cosine + 1) < 1e-12);
});

t.test('without deviation or with a zero aggregate the quotients are not numbers', async (t) => {
  const rows = [Float32Array.of(1, 2), Float32Array.of(1, 2)];
  t.ok(Number.isNaN(measure(rows, Float32Array.of(1, 2)).distance));
  t.ok(Number.isNaN(measure(rows, Float32Array.of(0, 0)).cosine));
});

t.test('rows of 1e20 are measured, not overflown', async (t) => {
  const { distance, cosine } = measure([Float32Array.of(1, 0), Float32Array.of(0, 1)], Float32Array.of(1e20, 1e20));
  t.ok(Math.abs(distance / 2e20 - 1) < 1e-5, String(distance));
  t.ok(Math.abs(cosine - 1) < 1e-6);
});

t.test('the Byzantine weight is the share of the whole, and no number when all weights are 0', async (t) => {
  t.equal(byzantineWeight([0.25, 0.25, 0.5, 0], [0, 2]), 0.75);
  t.equal(byzantineWeight([2, 6], [1]), 0.75, 'weights need not add up to 1');
  t.equal(byzantineWeight([1, 1], []), 0);
  t.ok(Number.isNaN(byzantineWeight([0, 0], [1])));
});

t.test('accuracy and loss are means over all samples of all chunks', async (t) => {
  // 200 + 200 + 50 samples.
  const { accuracy, loss } = evaluationOf(Float64Array.of(400, 150, 100, 190, 50, 20), 450);
  t.equal(accuracy, 360 / 450);
  t.equal(loss, 550 / 450);
});
