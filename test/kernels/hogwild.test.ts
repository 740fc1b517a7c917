import fc from 'fast-check';
import t from 'tap';
import { numbers, seeds, uniform } from './arbitraries.js';
import { DISCIPLINES, writeJob, type HogwildJob } from '../../lib/kernels/hogwild-job.js';
import { instantiateKernels, compileKernels } from '../../lib/kernels/load.js';
import { Arena, ArenaPlan } from '../../lib/memory/arena.js';
import { f32, f64, u32, u8, type Address } from '../../lib/memory/regions.js';
import { WORKBENCHES } from './workbench.js';

const STEP = 1e-3;

/** One edge with everything a kernel wants, on memory of its own. */
function oneEdge(vertexCount: number, width: number, edge: { vertices: number[]; values: number[]; label: number; decays: number[] }) {
  const stride = width === 1 ? 1 : Math.ceil(width / 16) * 16;
  const plan = new ArenaPlan();
  const r = plan.addAll('edge', {
    job: u32(32), parameters: f32(vertexCount * stride), order: u32(1), offsets: u32(2), vertices: u32(edge.vertices.length), values: f32(edge.values.length), labels: f32(1), decays: f32(vertexCount),
    fixed: u8(vertexCount), words: u32(64), statistics: f64(8), workspace: f32(2 * stride),
  });
  const arena = Arena.allocate(plan.bytes);
  arena.view(r.vertices).set(edge.vertices);
  arena.view(r.values).set(edge.values);
  arena.view(r.labels).set([edge.label]);
  arena.view(r.decays).set(edge.decays);
  arena.view(r.offsets).set([0, edge.vertices.length]);
  const none = 0 as Address;
  const job: HogwildJob = {
    parameters: r.parameters.address, order: r.order.address, offsets: r.offsets.address, vertices: r.vertices.address, values: r.values.address, labels: r.labels.address, decays: r.decays.address,
    fixed: r.fixed.address, width, stride, discipline: DISCIPLINES.free, lock: r.words.address, locks: none, ended: none, replica: none, base: none, hot: 0, splits: none, window: 1,
    progress: r.words.address, thread: 1, threads: 1, statistics: r.statistics.address, workspace: r.workspace.address, counting: 0, noise: none, noiseMask: 0,
  };
  writeJob(arena, r.job, job);
  const kernels = instantiateKernels(compileKernels('auto').module, arena.memory);
  return { kernels, job: r.job.address, x: arena.view(r.parameters), stride, loss: () => arena.view(r.statistics)[1]! };
}

/** Central differences of f at x. */
function gradient(f: (x: number[]) => number, x: number[]): number[] {
  const h = 1e-5;
  return x.map((_, k) => (f(x.with(k, x[k]! + h)) - f(x.with(k, x[k]! - h))) / (2 * h));
}

t.test('an SVM update is −step times the gradient of its term, by finite differences', async () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 23 }), fc.constantFrom(-1, 1), (seed, count, label) => {
      const random = uniform(seed);
      const [z, x, decays] = [numbers(random, count), numbers(random, count), numbers(random, count).map(Math.abs)].map((values) => [...values].map(Math.fround)) as [number[], number[], number[]];
      const f = (at: number[]): number => Math.max(0, 1 - label * at.reduce((sum, value, k) => sum + value * z[k]!, 0)) + at.reduce((sum, value, k) => sum + (decays[k]! / 2) * value * value, 0);
      const short = 1 - label * x.reduce((sum, value, k) => sum + value * z[k]!, 0);
      fc.pre(Math.abs(short) > 1e-2);
      const edge = oneEdge(count, 1, { vertices: x.map((_, k) => k), values: z, label, decays });
      edge.x.set(x);
      if (edge.kernels.svmUpdates(edge.job, 0, 1, 1, STEP) !== 1) return false;
      const expected = gradient(f, x);
      return Math.abs(edge.loss() - Math.max(0, short)) < 1e-5 * (1 + Math.abs(short)) && edge.x.every((value, k) => Math.abs(value - (x[k]! - STEP * expected[k]!)) < 2e-6 * (1 + Math.abs(x[k]!)));
    }),
  );
});

t.test('a factor update is −step times the gradient of its term, by finite differences', async () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 2, max: 37 }), (seed, rank) => {
      const random = uniform(seed);
      const x = [...numbers(random, 2 * rank)].map(Math.fround);
      const [a, b, z] = [0.25, 0.5, 0.75];
      const f = (at: number[]): number => {
        const product = at.slice(0, rank).reduce((sum, value, k) => sum + value * at[rank + k]!, 0);
        const squares = (from: number): number => at.slice(from, from + rank).reduce((sum, value) => sum + value * value, 0);
        return (product - z) ** 2 + (a / 2) * squares(0) + (b / 2) * squares(rank);
      };
      const edge = oneEdge(2, rank, { vertices: [0, 1], values: [z], label: 0, decays: [a, b] });
      edge.x.set(x.slice(0, rank), 0);
      edge.x.set(x.slice(rank), edge.stride);
      edge.kernels.factorUpdates(edge.job, 0, 1, 1, STEP);
      const expected = gradient(f, x);
      const found = [...edge.x.subarray(0, rank), ...edge.x.subarray(edge.stride, edge.stride + rank)];
      return found.every((value, k) => Math.abs(value - (x[k]! - STEP * expected[k]!)) < 1e-5 * (1 + Math.abs(expected[k]!))) && edge.x.subarray(rank, edge.stride).every((value) => value === 0);
    }),
  );
});

for (const bench of WORKBENCHES) {
  t.test(`${bench.kind}: the projection lands on the simplex, and no feasible direction leads nearer`, async () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.double({ min: -3, max: 3, noNaN: true }), fc.constantFrom(0, 1, 1e20, -1e20)), { minLength: 1, maxLength: 20 }), (given) => {
        bench.reset();
        const block = bench.floats(given);
        const before = [...block.view];
        bench.kernels.projectOntoSimplex(block.address, given.length);
        const after = [...block.view];
        const sum = after.reduce((total, value) => total + value, 0);
        if (!block.intact() || Math.abs(sum - 1) > 1e-5 || after.some((value) => value < 0)) return false;
        // Optimality: before − after is the same (τ) wherever after > 0, and at most that elsewhere.
        const taken = before.map((value, k) => value - after[k]!);
        const threshold = Math.max(...taken.filter((_, k) => after[k]! > 0));
        const scale = 1e-5 * Math.max(1, Math.abs(threshold));
        return taken.every((value, k) => (after[k]! > 0 ? Math.abs(value - threshold) <= scale : value <= threshold + scale));
      }),
    );
  });
}
