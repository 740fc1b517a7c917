import { AGGREGATORS } from '../aggregators/registry.js';
import { describeNeed, SERVER_NEEDS, type ServerNeed } from '../aggregators/server-access.js';
import { ATTACKS } from '../attacks/registry.js';
import { DATASETS, PARTITIONS } from '../data/registry.js';
import { SPARSE_DATASETS } from '../data/sparse/registry.js';
import { INSPECTIONS } from '../inspections/registry.js';
import { MODELS } from '../models/registry.js';
import { SPARSE_MODELS } from '../models/sparse-models.js';
import { POLICIES } from '../policies/registry.js';
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

/** What a scenario can name. */
export type Kind = 'dataset' | 'partition' | 'model' | 'preaggregator' | 'aggregator' | 'attack' | 'mode' | 'policy' | 'inspection';

/** Where it names it, as keys joined by dots, `*` for any item of a list: a bare name there stands for `{ name }`. */
const NAMED_PLACES: Readonly<Record<string, Kind>> = {
  dataset: 'dataset',
  partition: 'partition',
  model: 'model',
  'preaggregators.*': 'preaggregator',
  aggregator: 'aggregator',
  attack: 'attack',
  'attack.lie': 'attack',
  'server.inspect': 'inspection',
  mode: 'mode',
  'mode.policy': 'policy',
};

/** The kind of what is named at a path; undefined where nothing is. */
export function kindAt(path: string): Kind | undefined {
  const place = path.replace(/\.\d+(?=\.|$)/g, '.*');
  return Object.hasOwn(NAMED_PLACES, place) ? NAMED_PLACES[place] : undefined;
}

/** What a scenario's names are looked up in. Which data sets and models a mode can train is the mode's to say. */
export const REGISTRIES: Readonly<Record<Kind, Registry<Entry>>> = {
  dataset: registry<Entry>('data set', [...DATASETS, ...SPARSE_DATASETS]),
  partition: PARTITIONS,
  model: registry<Entry>('model', [...MODELS, ...SPARSE_MODELS]),
  preaggregator: PREAGGREGATORS,
  aggregator: AGGREGATORS,
  attack: ATTACKS,
  mode: MODES,
  policy: POLICIES,
  inspection: INSPECTIONS,
};

/** What an entry needs of the server, and how it is given: a policy has it in scenarios alone. */
export function needOf(kind: Kind, { needs }: Entry): string | undefined {
  if (needs === undefined) return undefined;
  return kind === 'policy' ? `${SERVER_NEEDS[needs].what}: server.samples in a scenario` : describeNeed(needs);
}

/** Keys that stand beside the parameters and mean the same for every rule, and for every attack. */
export const BESIDE: Readonly<Record<Kind, readonly string[]>> = {
  dataset: [],
  partition: [],
  model: [],
  preaggregator: [],
  aggregator: ['f'],
  attack: ['start', 'stop'],
  mode: [],
  policy: [],
  inspection: [],
};
