import * as tf from '@tensorflow/tfjs';
import type { Stream } from '../../lib/data/random.js';
import type { LayerSpecification } from '../../lib/models/layer.js';
import { dropoutMask } from './dropout-mask.js';

/**
 * Loss and gradient of one batch by TensorFlow.js, in the order of θ. Images and filters are turned into its layout and back on the way. `random`: what dropout
 * draws from; without it nothing is dropped.
 */
export function tensorFlowGradient(layers: readonly LayerSpecification[], parameters: Float32Array, inputs: readonly Float32Array[], labels: readonly number[], random?: Stream) {
  return tf.tidy(() => {
    const classes = layers.at(-1)?.layer === 'dense' ? (layers.at(-1) as { outputs: number }).outputs : 0;
    const x = tf.tensor2d(Float32Array.from(inputs.flatMap((input) => Array.from(input))), [inputs.length, inputs[0]!.length]);
    const y = tf.oneHot(tf.tensor1d([...labels], 'int32'), classes);
    const lossOf = (theta: tf.Tensor): tf.Scalar => tf.losses.softmaxCrossEntropy(y, forward(layers, new Parameters(theta as tf.Tensor1D), x, random)).asScalar();
    const { value, grad } = tf.valueAndGrad(lossOf)(tf.tensor1d(parameters));
    return { loss: value.dataSync()[0]!, gradient: Float32Array.from(grad.dataSync()) };
  });
}

/** θ, taken piece by piece. */
class Parameters {
  #next = 0;
  constructor(readonly theta: tf.Tensor1D) {}

  take(shape: readonly number[]): tf.Tensor {
    const size = shape.reduce((a, b) => a * b, 1);
    const piece = this.theta.slice(this.#next, size).reshape([...shape]);
    this.#next += size;
    return piece;
  }
}

/** `x`: samples × values, channel-major, in and out. */
function forward(layers: readonly LayerSpecification[], parameters: Parameters, x: tf.Tensor2D, random: Stream | undefined): tf.Tensor2D {
  return layers.reduce((input, layer) => step(layer, parameters, input, random), x);
}

function step(layer: LayerSpecification, parameters: Parameters, x: tf.Tensor2D, random: Stream | undefined): tf.Tensor2D {
  switch (layer.layer) {
    case 'relu':
      return x.relu();
    case 'dense': {
      const weights = parameters.take([layer.inputs, layer.outputs]) as tf.Tensor2D;
      return x.matMul(weights).add(parameters.take([layer.outputs]));
    }
    case 'convolution': {
      const { filters, channels, kernel, stride, padding } = layer;
      const weights = parameters.take([filters, channels, kernel, kernel]).transpose<tf.Tensor4D>([2, 3, 1, 0]);
      const padded = imagesOf(x, layer).pad([[0, 0], [padding, padding], [padding, padding], [0, 0]]);
      return flat(padded.conv2d(weights, stride, 'valid').add(parameters.take([filters])));
    }
    case 'group-norm': {
      const { channels, positions, groups } = layer;
      const grouped = x.reshape([x.shape[0], groups, -1]);
      const { mean, variance } = tf.moments(grouped, 2, true);
      const normalised = grouped.sub(mean).div(variance.add(1e-5).sqrt()).reshape([x.shape[0], channels, positions]);
      return normalised.mul(parameters.take([channels, 1])).add(parameters.take([channels, 1])).reshape([x.shape[0], -1]);
    }
    case 'dropout':
      return random === undefined ? x : x.mul(tf.tensor2d(dropoutMask(random, x.size, layer.rate), x.shape));
    case 'tensorflow':
      throw new TypeError('this is a model of TensorFlow.js already');
    case 'residual': {
      const sum = forward(layer.layers, parameters, x, random);
      return sum.add(forward(layer.shortcut, parameters, x, random));
    }
    case 'max-pool':
      return flat(imagesOf(x, layer).maxPool(layer.size, layer.stride, 'valid'));
    case 'average-pool':
      return flat(imagesOf(x, layer).avgPool(layer.size, layer.stride, 'valid'));
  }
}

function imagesOf(x: tf.Tensor2D, { channels, height, width }: { channels: number; height: number; width: number }): tf.Tensor4D {
  return x.reshape<tf.Tensor4D>([x.shape[0], channels, height, width]).transpose([0, 2, 3, 1]);
}

function flat(images: tf.Tensor): tf.Tensor2D {
  return images.transpose([0, 3, 1, 2]).reshape([images.shape[0], -1]);
}
