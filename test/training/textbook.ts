import { digits } from '../../lib/data/digits.js';
import { compileKernels, instantiateKernels } from '../../lib/kernels/load.js';
import { Arena } from '../../lib/memory/arena.js';
import type { LayerSpecification } from '../../lib/models/layer.js';
import { Network } from '../../lib/models/network.js';

/* What float64 references of training take from the library: data and the first parameters. */

/** The first samples of the digits as a model gets them. */
export async function trainingSamples(samples: number): Promise<{ images: Float64Array[]; labels: number[] }> {
  const given = { trainSamples: samples, testSamples: 1 };
  const { mean, deviation } = await digits.describe(given, []);
  const trainImages = new Uint8Array(samples * 784);
  const trainLabels = new Uint8Array(samples);
  await digits.load(given, [], { trainImages, trainLabels, testImages: new Uint8Array(784), testLabels: new Uint8Array(1) });
  const image = (sample: number): Float64Array =>
    Float64Array.from(trainImages.subarray(784 * sample, 784 * (sample + 1)), (byte) => (byte / 255 - mean[0]!) / deviation[0]!);
  return { images: Array.from({ length: samples }, (_, sample) => image(sample)), labels: [...trainLabels] };
}

/** Where training begins. */
export function firstParameters(layers: readonly LayerSpecification[], seed: number): Float64Array {
  const kernels = instantiateKernels(compileKernels('strict').module, Arena.allocate(0).memory);
  const network = new Network(kernels, layers, 1);
  const parameters = new Float32Array(network.parameterCount);
  network.initialise(parameters, seed);
  return Float64Array.from(parameters);
}
