import type { Layer, LayerSpecification } from './layer.js';
import { averagePool } from './layers/average-pool.js';
import { convolution } from './layers/convolution.js';
import { dense } from './layers/dense.js';
import { dropout } from './layers/dropout.js';
import { groupNorm } from './layers/group-norm.js';
import { maxPool } from './layers/max-pool.js';
import { relu } from './layers/relu.js';
import { residual } from './layers/residual.js';
import { tensorflow } from './layers/tensorflow.js';

/** The layer that a specification describes. */
export function buildLayer(specification: LayerSpecification): Layer {
  switch (specification.layer) {
    case 'dense':
      return dense(specification.inputs, specification.outputs, specification.initialisation);
    case 'relu':
      return relu(specification.size);
    case 'convolution':
      return convolution(specification, specification.initialisation);
    case 'max-pool':
      return maxPool(specification);
    case 'average-pool':
      return averagePool(specification);
    case 'group-norm':
      return groupNorm(specification.channels, specification.positions, specification.groups);
    case 'dropout':
      return dropout(specification.size, specification.rate);
    case 'residual':
      return residual(specification.layers.map(buildLayer), specification.shortcut.map(buildLayer));
    case 'tensorflow':
      return tensorflow(specification);
  }
}
