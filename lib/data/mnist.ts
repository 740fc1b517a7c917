import { idxDataset } from './idx-dataset.js';

export const mnist = idxDataset({
  name: 'mnist',
  description: 'handwritten digits, 28 × 28 grey, ten classes, 60,000 + 10,000 samples',
  source: 'Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document recognition, Proceedings of the IEEE 86(11), 1998',
  mean: 0.1307,
  deviation: 0.3081,
});
