import { compileKernels, instantiateKernels } from '../lib/kernels/load.js';
import { outputLength } from '../lib/kernels/sizes.js';
import { Stream } from '../lib/data/random.js';
import { Arena, ArenaPlan } from '../lib/memory/arena.js';
import { f32, u8, type Address } from '../lib/memory/regions.js';
import type { LayerSpecification } from '../lib/models/layer.js';
import { Network } from '../lib/models/network.js';
import { MODELS } from '../lib/models/registry.js';
import type { Shape } from '../lib/models/shape.js';
import { allowedNames } from '../lib/registry/names.js';
import { OptionError } from '../lib/training/session.js';
import type { CompiledKernels } from '../lib/training/thread-pool.js';
import type { BenchmarkOptions, BenchmarkReport } from './benchmark.js';
import { measureTogether, type Timing } from './measure.js';
import { tensorflowCpuGradient } from './tensorflow-model.js';

const BATCH = 128;
/** TensorFlow.js's CPU backend takes seconds for more, and its WASM backend has no gradient for convolutions. */
const SMALL_BATCH = 2;
const CLASSES = 10;
const INPUT: Shape = { channels: 3, height: 32, width: 32 };

/** One gradient of a registered model on images of CIFAR's shape, on one thread. */
export async function modelGradient(name: string, { kernels, repeats }: BenchmarkOptions): Promise<BenchmarkReport> {
  const model = MODELS.get(name, '--model');
  const parameters = model.parameters.safeParse({});
  if (!parameters.success) {
    const complete = [...MODELS].filter((other) => other.parameters.safeParse({}).success);
    throw new OptionError(`--model: ${name} is a kind of model that needs parameters, which can't be given here; ${allowedNames('', complete.map((other) => other.name))}`);
  }
  const layers = model.layers(parameters.data, INPUT, CLASSES);
  const kinds = kernels === 'auto' && compileKernels('auto').kind === 'relaxed' ? (['strict', 'relaxed'] as const) : [compileKernels(kernels).kind];
  const calls: Record<string, () => unknown> = {};
  for (const kind of kinds) {
    const [large, small] = [BATCH, SMALL_BATCH].map((batch) => new Gradient(compileKernels(kind), layers, batch)) as [Gradient, Gradient];
    calls[label(kind, BATCH)] = () => large.compute();
    calls[label(kind, SMALL_BATCH)] = () => small.compute();
  }
  const timings = await measureTogether(calls, { repeats, seconds: 1 });
  const sample = flopOf(layers);
  const rows = Object.entries(timings).map(([what, timing]) => ({ what, ...figures(timing, sample * (what.includes(`batch ${BATCH}`) ? BATCH : SMALL_BATCH)) }));

  const question = `how long one gradient of ${name} takes on images of 3 × 32 × 32 on one thread, and how many operations a second its convolutions and products do in that time`;
  const reference = await tensorflowCpuGradient(layers, INPUT, CLASSES, SMALL_BATCH);
  if (reference === undefined) return { question, rows, findings: ['no comparison: @tensorflow/tfjs is not installed (it is a development dependency)'] };
  const what = `@tensorflow/tfjs, CPU backend: batch ${SMALL_BATCH}`;
  const { [what]: theirs } = await measureTogether({ [what]: reference }, { repeats: Math.min(repeats, 5), seconds: 1 });
  const findings = kinds.map((kind) => {
    const ratio = (theirs).median / (timings[label(kind, SMALL_BATCH)] as Timing).median;
    return `${kind}: ${ratio.toFixed(0)} times as fast as @tensorflow/tfjs on its CPU backend at batch ${SMALL_BATCH}; its WASM backend has no gradient for convolutions`;
  });
  return { question, rows: [...rows, { what, ...figures(theirs, sample * SMALL_BATCH) }], findings };
}

function label(kind: string, batch: number): string {
  return `${kind}: gradient, batch ${batch}`;
}

function figures(timing: Timing, flop: number) {
  return {
    ms: Number((1000 * timing.median).toFixed(3)),
    'fastest ms': Number((1000 * timing.fastest).toFixed(3)),
    'spread %': Number((100 * timing.spread).toFixed(1)),
    'GFLOP/s': Number((flop / timing.median / 1e9).toFixed(1)),
    'fastest GFLOP/s': Number((flop / timing.fastest / 1e9).toFixed(1)),
    repeats: timing.repeats,
  };
}

/**
 * Floating-point operations of a sample in convolutions and products: forward, by the weights, and by the input but for the first layer. Everything
 * else counts as nothing but takes its time.
 */
function flopOf(layers: readonly LayerSpecification[]): number {
  return layers.reduce((sum, layer, place) => sum + (place === 0 ? 2 : 3) * forwardFlop(layer), 0);
}

function forwardFlop(layer: LayerSpecification): number {
  switch (layer.layer) {
    case 'dense':
      return 2 * layer.inputs * layer.outputs;
    case 'convolution': {
      const { channels, height, width, filters, kernel, stride, padding } = layer;
      const positions = outputLength(height + 2 * padding, kernel, stride) * outputLength(width + 2 * padding, kernel, stride);
      return 2 * filters * channels * kernel * kernel * positions;
    }
    case 'residual':
      return [...layer.layers, ...layer.shortcut].reduce((sum, inner) => sum + forwardFlop(inner), 0);
    default:
      return 0;
  }
}

/** A network with one batch in memory of its own. */
class Gradient {
  readonly #network: Network;
  readonly #batch: number;
  readonly #addresses: { readonly parameters: Address; readonly labels: Address; readonly row: Address; readonly scratch: Address };

  constructor({ module }: CompiledKernels, layers: readonly LayerSpecification[], batch: number) {
    const planned = new Network(instantiateKernels(module, Arena.allocate(0).memory), layers, batch);
    const plan = new ArenaPlan();
    const regions = plan.addAll('gradient', { parameters: f32(planned.parameterCount), labels: u8(batch), row: f32(planned.parameterCount), scratch: u8(planned.scratchBytes) });
    const arena = Arena.allocate(plan.bytes);
    this.#network = new Network(instantiateKernels(module, arena.memory), layers, batch);
    this.#batch = batch;
    this.#addresses = { parameters: regions.parameters.address, labels: regions.labels.address, row: regions.row.address, scratch: regions.scratch.address };
    this.#network.initialise(arena.view(regions.parameters), 0);
    const stream = new Stream(0, 'digits');
    const input = arena.row(this.#network.inputAddress(regions.scratch.address), batch * planned.inputSize);
    for (let k = 0; k < input.length; k++) input[k] = stream.normal();
    arena.view(regions.labels).set(Array.from({ length: batch }, (_, sample) => sample % CLASSES));
  }

  compute(): number {
    const { parameters, labels, row, scratch } = this.#addresses;
    return this.#network.gradient(parameters, labels, this.#batch, row, scratch);
  }
}
