import { AGGREGATORS } from '../aggregators/registry.js';
import type { ServerNeed } from '../aggregators/server-access.js';
import { ATTACKS } from '../attacks/registry.js';
import { DATASETS, PARTITIONS } from '../data/registry.js';
import { SPARSE_DATASETS } from '../data/sparse/registry.js';
import { INSPECTIONS } from '../inspections/registry.js';
import { MODELS } from '../models/registry.js';
import { SPARSE_MODELS } from '../models/sparse-models.js';
import { PREAGGREGATORS } from '../preaggregators/registry.js';
import { registry, type Registry } from '../registry/registry.js';
import { MODES } from './modes.js';
import type { Scheduled } from './parameters.js';

/** What a scenario needs to know of a registered rule, attack, data set … */
export interface Entry extends Scheduled {
  readonly description?: string;
  readonly formula?: string;
  readonly source?: string;
  readonly needs?: ServerNeed;
  /** A parameter whose presence says the name: an object with it needs none. */
  readonly impliedBy?: string;
}

/** The keys of a scenario whose value names something registered. */
export type Kind = 'dataset' | 'partition' | 'model' | 'preaggregator' | 'aggregator' | 'attack' | 'mode' | 'inspection';

/** What a scenario's names are looked up in. Which data sets and models a mode can train is the mode's to say. */
export const REGISTRIES: Readonly<Record<Kind, Registry<Entry>>> = {
  dataset: registry<Entry>('data set', [...DATASETS, ...SPARSE_DATASETS]),
  partition: PARTITIONS,
  model: registry<Entry>('model', [...MODELS, ...SPARSE_MODELS]),
  preaggregator: PREAGGREGATORS,
  aggregator: AGGREGATORS,
  attack: ATTACKS,
  mode: MODES,
  inspection: INSPECTIONS,
};

/** Keys that stand beside the parameters and mean the same for every rule, and for every attack. */
export const BESIDE: Readonly<Record<Kind, readonly string[]>> = {
  dataset: [],
  partition: [],
  model: [],
  preaggregator: [],
  aggregator: ['f'],
  attack: ['start', 'stop'],
  mode: [],
  inspection: [],
};
