import { registry } from '../../registry/registry.js';
import { libsvm } from './libsvm.js';
import { lowRankMatrix } from './low-rank-matrix.js';
import { plantedCut } from './planted-cut.js';
import type { SparseDataset } from './sparse-dataset.js';
import { sparseSvm } from './sparse-svm.js';
import { triplets } from './triplets.js';

/** Every sparse data set, in the order of the catalogue. */
export const SPARSE_DATASETS = registry<SparseDataset>('data set', [
  sparseSvm,
  libsvm,
  lowRankMatrix,
  triplets,
  plantedCut,
]);
