import type { LayerSpecification } from '../../lib/models/layer.js';

/** Loss and gradient of one batch. */
export interface LossAndGradient {
  readonly loss: number;
  readonly gradient: Float64Array;
}

/**
 * Dense layers with ReLU under softmax and cross-entropy in float64, written as the formulas stand: no tiles, no kernels. Parameters
 * are, layer by layer, the weights (inputs × outputs, row-major) and then the biases.
 */
export function referenceGradient(
  specification: readonly LayerSpecification[],
  parameters: ArrayLike<number>,
  inputs: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
): LossAndGradient {
  const gradient = new Float64Array(parameters.length);
  let loss = 0;
  inputs.forEach((input, sample) => {
    loss += addSample(specification, parameters, input, labels[sample] as number, gradient) / inputs.length;
  });
  return { loss, gradient: gradient.map((value) => value / inputs.length) };
}

function addSample(
  specification: readonly LayerSpecification[], parameters: ArrayLike<number>, input: ArrayLike<number>, label: number, gradient: Float64Array,
): number {
  const activations: number[][] = [Array.from(input)];
  const offsets: number[] = [];
  let offset = 0;
  for (const layer of specification) {
    const x = activations.at(-1) as number[];
    offsets.push(offset);
    if (layer.layer === 'relu') {
      activations.push(x.map((value) => Math.max(0, value)));
      continue;
    }
    if (layer.layer !== 'dense') throw new RangeError(`this reference knows no ${layer.layer}`);
    const { inputs, outputs } = layer;
    const start = offset;
    activations.push(
      Array.from({ length: outputs }, (_, j) =>
        x.reduce((sum, value, i) => sum + value * (parameters[start + i * outputs + j] as number), parameters[start + inputs * outputs + j] as number),
      ),
    );
    offset += (inputs + 1) * outputs;
  }
  const logits = activations.at(-1) as number[];
  const greatest = Math.max(...logits);
  const exponentials = logits.map((logit) => Math.exp(logit - greatest));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  let delta = exponentials.map((value, j) => value / sum - (j === label ? 1 : 0));
  const loss = Math.log(sum) + greatest - (logits[label] as number);

  for (let index = specification.length - 1; index >= 0; index--) {
    const layer = specification[index] as LayerSpecification;
    const x = activations[index] as number[];
    if (layer.layer === 'relu') {
      delta = delta.map((value, j) => ((x[j] as number) > 0 ? value : 0));
      continue;
    }
    if (layer.layer !== 'dense') throw new RangeError(`this reference knows no ${layer.layer}`);
    const { inputs, outputs } = layer;
    const start = offsets[index] as number;
    x.forEach((value, i) => { delta.forEach((slope, j) => { gradient[start + i * outputs + j] = (gradient[start + i * outputs + j] as number) + value * slope; }); });
    delta.forEach((slope, j) => { gradient[start + inputs * outputs + j] = (gradient[start + inputs * outputs + j] as number) + slope; });
    delta = x.map((_, i) => delta.reduce((total, slope, j) => total + slope * (parameters[start + i * outputs + j] as number), 0));
  }
  return loss;
}
