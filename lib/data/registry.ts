import { registry } from '../registry/registry.js';
import { cifar10 } from './cifar-10.js';
import type { Dataset } from './dataset.js';
import { digits } from './digits.js';
import { fashionMnist } from './fashion-mnist.js';
import { mnist } from './mnist.js';
import type { Partitioner } from './partition.js';
import { dirichlet } from './partitions/dirichlet.js';
import { iid } from './partitions/iid.js';
import { labelShards } from './partitions/label-shards.js';

/** Every data set, in the order of the catalogue. */
export const DATASETS = registry<Dataset>('data set', [
  digits,
  mnist,
  fashionMnist,
  cifar10,
]);

/** Every way to split the training samples over the workers, in the order of the catalogue. */
export const PARTITIONS = registry<Partitioner>('partition', [
  iid,
  dirichlet,
  labelShards,
]);
