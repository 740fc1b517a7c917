import fc from 'fast-check';
import { rowAddress, rowStride } from '../../lib/aggregators/row-matrix.js';
import { Stream } from '../../lib/data/random.js';
import { ArenaPlan } from '../../lib/memory/arena.js';
import { f32 } from '../../lib/memory/regions.js';
import { planPipeline, type PipelineRegistries, type PipelineSpecification } from '../../lib/pipeline/pipeline.js';
import { openWorkspace } from '../../lib/pipeline/workspace.js';

/** Rows of independent normal deviates: no ties. */
export function normalRows(n: number, d: number, seed = 1, mean = 0): Float32Array[] {
  return Array.from({ length: n }, (_, row) => {
    const random = new Stream(seed, 'attack', row);
    return Float32Array.from({ length: d }, () => mean + random.normal());
  });
}

/** n, f and rows of small whole numbers, so that ties are common and distances exact; n is at least `least(f)`. */
export function tiedRows(least: (f: number) => number, greatestF = 3): fc.Arbitrary<{ n: number; f: number; rows: Float32Array[] }> {
  return fc
    .record({ f: fc.integer({ min: 0, max: greatestF }), more: fc.integer({ min: 0, max: 7 }), d: fc.integer({ min: 1, max: 20 }) })
    .chain(({ f, more, d }) => {
      const n = least(f) + more;
      const row = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: d, maxLength: d }).map((values) => Float32Array.from(values));
      return fc.record({ n: fc.constant(n), f: fc.constant(f), rows: fc.array(row, { minLength: n, maxLength: n }) });
    });
}

/** The greatest difference between two rows, in units of the greatest value (at least 1). */
export function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  const values = Array.from(expected);
  const scale = Math.max(1, ...values.map(Math.abs));
  // Written so that a NaN counts as a difference.
  return values.reduce((most, value, k) => (Math.abs(actual[k]! - value) / scale <= most ? most : Math.abs(actual[k]! - value) / scale), 0);
}

/** Runs a pipeline over rows on this thread: the aggregate, the weights and who was removed. */
export function runPipeline(
  specification: Partial<PipelineSpecification> & Pick<PipelineSpecification, 'aggregator'>, rows: readonly Float32Array[],
  { seed = 0, round = 0, workers = Array.from(rows.keys()), registries }: { seed?: number; round?: number; workers?: number[]; registries?: PipelineRegistries } = {},
) {
  const d = rows[0]!.length;
  const plan = new ArenaPlan();
  const { matrix, output } = plan.addAll('test', { matrix: f32(rows.length * rowStride(d)), output: f32(d) });
  const pipeline = planPipeline(plan, 'aggregation', { preaggregators: [], allowUnsafe: false, ...specification }, rows.length, d, registries);
  const { arena, run } = openWorkspace(plan, rows.length);
  for (const region of Object.values(pipeline.state)) arena.view(region).fill(0);
  const addresses = rows.map((_, i) => rowAddress(matrix, i, d));
  for (const [i, row] of rows.entries()) arena.row(addresses[i]!, d).set(row);
  const result = run(pipeline.run({ arena, rows: addresses, workers, output: output.address, seed, round }));
  return { ...result, output: arena.view(output).slice(), pipeline };
}
