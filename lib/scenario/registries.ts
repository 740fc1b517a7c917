import type { z } from 'zod';
import { AGGREGATORS } from '../aggregators/registry.js';
import { ATTACKS } from '../attacks/registry.js';
import { DATASETS, PARTITIONS } from '../data/registry.js';
import { MODELS } from '../models/registry.js';
import { PREAGGREGATORS } from '../preaggregators/registry.js';
import { MODES } from '../training/registry.js';

/** What a scenario needs to know of a registered rule, attack, data set … */
export interface Entry<Given extends object = object> {
  readonly name: string;
  readonly description?: string;
  readonly formula?: string;
  readonly source?: string;
  readonly parameters: z.ZodType<Given>;
  /** By name; the first is the default. */
  readonly presets?: Readonly<Record<string, Partial<Given>>>;
  /** Parameters that may be expressions over t, n, f. */
  readonly expressions?: readonly string[];
}

/** The keys of a scenario whose value names something registered. */
export type Kind = 'dataset' | 'partition' | 'model' | 'preaggregator' | 'aggregator' | 'attack' | 'mode';

const REGISTRIES: Readonly<Record<Kind, ReadonlyMap<string, Entry>>> = {
  dataset: byName(DATASETS),
  partition: byName(PARTITIONS),
  model: byName(MODELS),
  preaggregator: byName(PREAGGREGATORS),
  aggregator: byName(AGGREGATORS),
  attack: byName(ATTACKS),
  mode: byName(MODES),
};

/** Everything registered of a kind, in the catalogue's order. */
export function entries(kind: Kind): readonly Entry[] {
  return [...REGISTRIES[kind].values()];
}

/** The one of that name; undefined when there is none. */
export function entry(kind: Kind, name: string): Entry | undefined {
  return REGISTRIES[kind].get(name);
}

function byName(registry: readonly Entry[] | Readonly<Record<string, Entry>>): ReadonlyMap<string, Entry> {
  return new Map(Object.values(registry).map((registered) => [registered.name, registered]));
}

/** What a message calls one of a kind. */
export const KIND_WORDS: Readonly<Record<Kind, string>> = {
  dataset: 'data set',
  partition: 'partition',
  model: 'model',
  preaggregator: 'pre-aggregator',
  aggregator: 'aggregation rule',
  attack: 'attack',
  mode: 'mode',
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
};
