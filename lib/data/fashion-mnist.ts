import { idxDataset } from './idx-dataset.js';

export const fashionMnist = idxDataset({
  name: 'fashion-mnist',
  description: 'pieces of clothing, 28 × 28 grey, ten classes, 60,000 + 10,000 samples',
  source: 'H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms, arXiv:1708.07747, 2017',
  mean: 0.286,
  deviation: 0.353,
});
