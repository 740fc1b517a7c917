import t from 'tap';
import { Stream } from '../../../lib/data/random.js';
import { SPARSE_DATASETS } from '../../../lib/data/sparse/registry.js';
import type { SparsePart, SparseShape, SparseTarget } from '../../../lib/data/sparse/sparse-dataset.js';
import { PROBLEMS, runAll, SMALL } from './small.js';

const BACKOFF = 0.5;
const EPOCHS = 3;

/** The data set in arrays of its own, numbered as `load` numbers it. */
async function loaded(name: string, given: object): Promise<{ shape: SparseShape; target: SparseTarget }> {
  const dataset = SPARSE_DATASETS.get(name);
  const parameters = dataset.parameters.parse(given);
  const shape = await dataset.describe(parameters, []);
  const samples = dataset.kind === 'classification';
  const part = ({ edges, entries }: SparseShape['train']): SparsePart => ({
    offsets: new Uint32Array(samples ? edges + 1 : 0), vertices: new Uint32Array(entries), values: new Float32Array(samples ? entries : edges), labels: new Float32Array(samples ? edges : 0),
  });
  const graph = dataset.kind === 'graph' ? shape.vertices : 0;
  const target = { rows: shape.rows, train: part(shape.train), test: part(shape.test), vertexLabels: new Float32Array(graph), fixed: new Uint8Array(graph) };
  await dataset.load(parameters, [], target);
  return { shape, target };
}

function degreesOf({ vertices }: SparsePart, count: number): Float64Array {
  const degrees = new Float64Array(count);
  for (const vertex of vertices) degrees[vertex]! += 1;
  return degrees;
}

/** Calls `visit` with each edge of three epochs in the run's order, and with the step. */
function visitAll(edges: number, learningRate: number, visit: (edge: number, step: number) => void): void {
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const order = new Stream(0, 'hogwild', 0, epoch).shuffle(Uint32Array.from({ length: edges }, (_, edge) => edge));
    for (const edge of order) visit(edge, learningRate * BACKOFF ** epoch);
  }
}

async function ours(scenario: object): Promise<Float32Array> {
  const [run] = await runAll({ ...SMALL, ...scenario, rounds: EPOCHS, mode: { name: 'hogwild', variant: 'serial', backoff: BACKOFF } }, 1);
  return run!.parameters;
}

function isNear(found: Float32Array, expected: ArrayLike<number>, tolerance: number): boolean {
  return found.length === expected.length && found.every((value, k) => Math.abs(value - expected[k]!) <= tolerance * (1 + Math.abs(expected[k]!)));
}

t.test('serial epochs of the SVM are those of the paper’s formula in float64', async (t) => {
  const { name, ...given } = PROBLEMS.svm.dataset;
  const { shape, target } = await loaded(name, given);
  const { offsets, vertices, values, labels } = target.train;
  const lambda = 0.5;
  const degrees = degreesOf(target.train, shape.vertices);
  const x = new Float64Array(shape.vertices);
  visitAll(shape.train.edges, 0.3, (edge, step) => {
    const entries = Array.from({ length: offsets[edge + 1]! - offsets[edge]! }, (_, k) => offsets[edge]! + k);
    const product = entries.reduce((sum, k) => sum + values[k]! * x[vertices[k]!]!, 0);
    const hinge = labels[edge]! * product < 1 ? 1 : 0;
    for (const k of entries) {
      const u = vertices[k]!;
      x[u]! -= step * (-hinge * labels[edge]! * values[k]! + (2 * lambda * x[u]!) / degrees[u]!);
    }
  });
  t.ok(isNear(await ours({ ...PROBLEMS.svm, model: { name: 'linear-svm', lambda } }), x, 1e-4));
});

t.test('serial epochs of the matrix completion are those of the paper’s formula in float64', async (t) => {
  const { name, ...given } = PROBLEMS.matrix.dataset;
  const { shape, target } = await loaded(name, given);
  const { vertices, values } = target.train;
  const [rank, mu] = [3, 0.5];
  const degrees = degreesOf(target.train, shape.vertices);
  const stream = new Stream(0, 'initialisation');
  const x = Float64Array.from({ length: shape.vertices * rank }, () => Math.fround((0.5 / Math.sqrt(Math.sqrt(rank))) * stream.normal()));
  visitAll(shape.train.edges, 0.03, (edge, step) => {
    const [u, v] = [vertices[2 * edge]!, vertices[2 * edge + 1]!];
    const left = x.slice(u * rank, (u + 1) * rank);
    const right = x.slice(v * rank, (v + 1) * rank);
    const error = left.reduce((sum, value, k) => sum + value * right[k]!, 0) - values[edge]!;
    for (let k = 0; k < rank; k++) {
      x[u * rank + k]! -= step * (2 * error * right[k]! + (mu / degrees[u]!) * left[k]!);
      x[v * rank + k]! -= step * (2 * error * left[k]! + (mu / degrees[v]!) * right[k]!);
    }
  });
  t.ok(isNear(await ours({ ...PROBLEMS.matrix, model: { name: 'matrix-factorization', rank, mu } }), x, 1e-3));
});

t.test('serial epochs of the cut are those of the paper’s formula, projected by sorting; known vertices stay', async (t) => {
  const { name, ...given } = PROBLEMS.cut.dataset;
  const { shape, target } = await loaded(name, given);
  const { vertices, values } = target.train;
  const D = shape.classes;
  const x = Array.from({ length: shape.vertices }, (_, vertex) => Array.from({ length: D }, (_value, k) => (target.fixed[vertex] === 1 ? Number(target.vertexLabels[vertex] === k) : Math.fround(1 / D))));
  // In float32 where the kernel is: which of two values is greater decides, and they are often equal.
  visitAll(shape.train.edges, 0.05, (edge, step) => {
    const [u, v] = [vertices[2 * edge]!, vertices[2 * edge + 1]!];
    const move = x[u]!.map((value, k) => Math.fround(step * values[edge]!) * Math.sign(value - x[v]![k]!));
    const next = [x[u]!.map((value, k) => Math.fround(value - move[k]!)), x[v]!.map((value, k) => Math.fround(value + move[k]!))];
    if (target.fixed[u] === 0) x[u] = projected(next[0]!);
    if (target.fixed[v] === 0) x[v] = projected(next[1]!);
  });
  const found = await ours(PROBLEMS.cut);
  // A comparison of all but equal values may go the other way: few do.
  const expected = x.flat();
  const near = found.filter((value, k) => Math.abs(value - expected[k]!) < 1e-3).length;
  t.ok(near > 0.98 * found.length, `${near} of ${found.length}`);
  for (let vertex = 0; vertex < shape.vertices; vertex++) {
    const block = found.subarray(vertex * D, (vertex + 1) * D);
    if (target.fixed[vertex] === 1) t.strictSame([...block], x[vertex], 'a known vertex stays');
    else if (Math.abs(block.reduce((sum, value) => sum + value, 0) - 1) > 1e-5 || block.some((value) => value < 0)) t.fail(`vertex ${vertex} left the simplex`);
  }
});

t.test('the loss of the cut is twice its mean weight an arc where every vertex is at a corner', async (t) => {
  const { name, ...given } = { ...PROBLEMS.cut.dataset, known: 1 };
  const { target: { train: { vertices, values }, vertexLabels } } = await loaded(name, given);
  const cut = values.reduce((sum, weight, arc) => sum + (vertexLabels[vertices[2 * arc]!] === vertexLabels[vertices[2 * arc + 1]!] ? 0 : weight), 0);
  t.ok(cut > 0);
  const [run] = await runAll({ ...SMALL, ...PROBLEMS.cut, dataset: { name, ...given } }, 1);
  t.equal(run!.result.finalLoss, (2 * cut) / values.length);
});

/** Held, Wolfe, Crowder 1974: sort, and take the largest number of values for which the last stays above the threshold. */
function projected(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => b - a);
  let sum = 0;
  let threshold = 0;
  for (const [k, value] of sorted.entries()) {
    sum += value;
    if (value - (sum - 1) / (k + 1) > 0) threshold = (sum - 1) / (k + 1);
  }
  return values.map((value) => Math.fround(Math.max(0, value - threshold)));
}
