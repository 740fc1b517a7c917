import { registry } from '../registry/registry.js';
import { asyncSgd } from './async-sgd.js';
import { basgd } from './basgd.js';
import { buffered } from './buffered.js';
import { kardam } from './kardam.js';
import { latest } from './latest.js';
import type { Policy } from './policy.js';
import { zenoPlusPlus } from './zeno-plus-plus.js';

/** Every policy, in the order of the catalogue. */
export const POLICIES = registry<Policy>('policy', [
  asyncSgd,
  latest,
  buffered,
  basgd,
  kardam,
  zenoPlusPlus,
]);
