import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import type { LayerSpecification } from '../lib/models/layer.js';
import type { Shape } from '../lib/models/shape.js';

/** The gradient of a model by TensorFlow.js on its CPU backend, with images in its own layout, dropout left out. Undefined when it isn't installed. */
export async function tensorflowCpuGradient(
  layers: readonly LayerSpecification[], input: Shape, classes: number, batch: number,
): Promise<(() => Promise<void>) | undefined> {
  let tf: typeof import('@tensorflow/tfjs');
  try {
    tf = await import('@tensorflow/tfjs');
  } catch {
    return undefined;
  }
  await tf.setBackend('cpu');
  const variables: Tensor[] = [];
  const forward = (list: readonly LayerSpecification[], x: Tensor, next: () => Tensor): Tensor => list.reduce((value, layer) => step(layer, value, next), x);
  const step = (layer: LayerSpecification, x: Tensor, next: () => Tensor): Tensor => {
    switch (layer.layer) {
      case 'relu':
        return x.relu();
      case 'dropout':
        return x;
      case 'dense':
        return x.reshape<Tensor2D>([batch, -1]).matMul(next() as Tensor2D).add(next());
      case 'convolution': {
        const { padding: p, stride } = layer;
        return (x as Tensor4D).pad([[0, 0], [p, p], [p, p], [0, 0]]).conv2d(next() as Tensor4D, stride, 'valid').add(next());
      }
      case 'max-pool':
        return (x as Tensor4D).maxPool(layer.size, layer.stride, 'valid');
      case 'average-pool':
        return (x as Tensor4D).avgPool(layer.size, layer.stride, 'valid');
      case 'group-norm': {
        const grouped = x.reshape([batch, layer.positions, layer.groups, -1]);
        const { mean, variance } = tf.moments(grouped, [1, 3], true);
        return grouped.sub(mean).div(variance.add(1e-5).sqrt()).reshape(x.shape).mul(next()).add(next());
      }
      case 'tensorflow':
        throw new TypeError('this is a model of TensorFlow.js already');
      case 'residual':
        return forward(layer.layers, x, next).add(forward(layer.shortcut, x, next));
    }
  };
  for (const shape of layers.flatMap(shapesOf)) variables.push(tf.randomNormal(shape, 0, 0.05));
  const x = tf.randomNormal([batch, input.height, input.width, input.channels]);
  const y = tf.oneHot(tf.tensor1d(Array.from({ length: batch }, (_, sample) => sample % classes), 'int32'), classes);
  const gradients = tf.valueAndGrads((...given: Tensor[]) => {
    let place = 0;
    const logits = forward(layers, x, () => given[place++] as Tensor);
    return tf.losses.softmaxCrossEntropy(y, logits.reshape<Tensor2D>([batch, classes])).asScalar();
  });
  return async () => {
    const { value, grads } = gradients(variables);
    await Promise.all(grads.map((tensor) => (tensor as Tensor1D).data()));
    tf.dispose([value, ...grads]);
  };
}

function shapesOf(layer: LayerSpecification): number[][] {
  switch (layer.layer) {
    case 'dense':
      return [[layer.inputs, layer.outputs], [layer.outputs]];
    case 'convolution':
      return [[layer.kernel, layer.kernel, layer.channels, layer.filters], [layer.filters]];
    case 'group-norm':
      return [[layer.channels], [layer.channels]];
    case 'residual':
      return [...layer.layers, ...layer.shortcut].flatMap(shapesOf);
    default:
      return [];
  }
}
