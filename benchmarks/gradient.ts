import type { Scalar, Tensor2D } from '@tensorflow/tfjs';
import { compileKernels } from '../lib/kernels/load.js';
import type { Benchmark } from './benchmark.js';
import { measureTogether, type Timing } from './measure.js';
import { modelGradient } from './model-gradient.js';
import { BATCH, CLASSES, HIDDEN, INPUTS, PaperNetwork, PRODUCT_FLOP } from './paper-network.js';

/** What the processor could make of them: nothing is packed, and nothing comes from further away than the first-level cache. */
const INNER_LOOP = "the products' inner loop alone";

/** One gradient of the paper's network on one thread, against TensorFlow.js on its WASM backend in the same run. */
export const gradient: Benchmark = {
  name: 'gradient',
  takes: ['model'],
  question: `how long one gradient of the ${INPUTS}-${HIDDEN}-${CLASSES} network takes at batch ${BATCH} on one thread, and how near its matrix products come to the machine`,
  async run(options) {
    const { kernels, repeats, model } = options;
    if (model !== undefined) return modelGradient(model, options);
    const kinds = kernels === 'auto' ? availableKinds() : [kernels];
    const calls: Record<string, () => unknown> = {};
    const operations = new Map<string, number>();
    const networks = kinds.map((kind) => {
      const network = new PaperNetwork(compileKernels(kind));
      calls[`${kind}: gradient`] = () => network.gradient();
      calls[`${kind}: matrix products`] = () => { network.products(); };
      calls[`${kind}: ${INNER_LOOP}`] = () => network.tiles();
      operations.set(`${kind}: ${INNER_LOOP}`, network.tiles());
      return network;
    });
    const reference = await tensorflowGradient(networks[0] as PaperNetwork);
    if (reference !== undefined) calls['@tensorflow/tfjs, WASM backend: gradient'] = reference;
    const timings = await measureTogether(calls, { repeats, seconds: 1 });

    const rows = Object.entries(timings).map(([what, timing]) => ({
      what,
      ms: milliseconds(timing),
      'fastest ms': Number((1000 * timing.fastest).toFixed(3)),
      'spread %': Number((100 * timing.spread).toFixed(1)),
      'GFLOP/s': Number(((operations.get(what) ?? PRODUCT_FLOP) / timing.median / 1e9).toFixed(1)),
      repeats: timing.repeats,
    }));
    const findings = kinds.map((kind) => {
      const own = timings[`${kind}: gradient`] as Timing;
      const theirs = timings['@tensorflow/tfjs, WASM backend: gradient'];
      return theirs === undefined
        ? `${kind}: no comparison, because @tensorflow/tfjs is not installed (it is a development dependency)`
        : `${kind}: ${(theirs.median / own.median).toFixed(1)} times as fast as @tensorflow/tfjs on its WASM backend`;
    });
    if (kinds.length === 2) {
      const rate = (what: string): number => (operations.get(what) ?? PRODUCT_FLOP) / (timings[what] as Timing).median;
      const gain = (what: string): string => (rate(`relaxed: ${what}`) / rate(`strict: ${what}`)).toFixed(2);
      findings.push(`relaxed matrix products: ${gain('matrix products')} times as fast as strict, their inner loop ${gain(INNER_LOOP)} times`);
    }
    return { rows, findings };
  },
};

/** What this Node can run. */
function availableKinds(): ('strict' | 'relaxed')[] {
  return compileKernels('auto').kind === 'relaxed' ? ['strict', 'relaxed'] : ['strict'];
}

function milliseconds({ median }: Timing): number {
  return Number((1000 * median).toFixed(3));
}

/** The same gradient by TensorFlow.js: its WASM backend, one thread, as it is in Node. Undefined when it isn't installed. */
async function tensorflowGradient({ inputs, labels, parameters }: PaperNetwork): Promise<(() => Promise<void>) | undefined> {
  let tf: typeof import('@tensorflow/tfjs');
  try {
    tf = await import('@tensorflow/tfjs');
    await import('@tensorflow/tfjs-backend-wasm');
  } catch {
    return undefined;
  }
  await tf.setBackend('wasm');
  const x = tf.tensor2d(Float32Array.from(inputs), [BATCH, INPUTS]);
  const y = tf.oneHot(tf.tensor1d(Array.from(labels), 'int32'), CLASSES);
  const sizes: [number, number][] = [[INPUTS, HIDDEN], [HIDDEN, CLASSES]];
  let offset = 0;
  const variables = sizes.flatMap(([rows, columns]) => {
    const weights = tf.variable(tf.tensor2d(parameters.slice(offset, offset + rows * columns), [rows, columns]));
    offset += rows * columns;
    const bias = tf.variable(tf.tensor1d(parameters.slice(offset, offset + columns)));
    offset += columns;
    return [weights, bias];
  });
  const [w1, b1, w2, b2] = variables as [(typeof variables)[0], (typeof variables)[0], (typeof variables)[0], (typeof variables)[0]];
  const loss = (): Scalar => tf.losses.softmaxCrossEntropy(y, x.matMul(w1 as Tensor2D).add(b1).relu().matMul(w2 as Tensor2D).add(b2)).asScalar();
  return async () => {
    const { value, grads } = tf.variableGrads(loss, variables);
    // The gradients have to be there, as they are in ours: reading one waits for the backend.
    await Promise.all(Object.values(grads).map((tensor) => tensor.data()));
    tf.dispose([value, ...Object.values(grads)]);
  };
}
