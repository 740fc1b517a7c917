import { z } from 'zod';
import { type Claims, claimsOf } from './claims.js';
import { type Entry, type Kind, needOf, REGISTRIES } from './registries.js';

/** Something that a scenario can name. Rules and pre-aggregators say what they claim, too. */
export interface CatalogueEntry extends Partial<Claims> {
  readonly kind: Kind;
  readonly name: string;
  readonly formula?: string;
  readonly description?: string;
  readonly precondition?: string;
  /** In n and d. */
  readonly cost?: string;
  /** What it needs beside rows, and how it is given. */
  readonly needs?: string;
  readonly source: string;
  readonly parameters: readonly CatalogueParameter[];
  /** By name; the first is the default. */
  readonly presets: Readonly<Record<string, object>>;
}

export interface CatalogueParameter {
  readonly name: string;
  readonly description?: string;
  /** What it may be, as JSON Schema. */
  readonly schema: object;
}

/** The kinds, in the catalogue's order. */
export const CATALOGUE_KINDS: readonly Kind[] = ['aggregator', 'preaggregator', 'attack', 'dataset', 'partition', 'model', 'mode', 'policy', 'inspection'];

/** Every rule, pre-aggregator, attack, data set, partition, model, mode, policy and inspection with its parameters, formula, precondition, source and presets. */
export function catalogue(): CatalogueEntry[] {
  return CATALOGUE_KINDS.flatMap((kind) => Array.from(REGISTRIES[kind], (entry) => describe(kind, entry)));
}

function describe(kind: Kind, entry: Entry): CatalogueEntry {
  const texts = entry as Partial<Record<'formula' | 'description' | 'precondition' | 'cost' | 'source', string>>;
  const needs = needOf(kind, entry);
  return {
    kind,
    name: entry.name,
    ...(texts.formula === undefined ? {} : { formula: texts.formula }),
    ...(texts.description === undefined ? {} : { description: texts.description }),
    ...(texts.precondition === undefined ? {} : { precondition: texts.precondition }),
    ...(texts.cost === undefined ? {} : { cost: texts.cost }),
    ...(needs === undefined ? {} : { needs }),
    source: texts.source ?? '–',
    ...claimsOf(kind, entry.name),
    parameters: parametersOf(entry),
    presets: structuredClone(entry.presets ?? {}),
  };
}

function parametersOf(entry: Entry): CatalogueParameter[] {
  const { properties = {} } = z.toJSONSchema(entry.parameters, { unrepresentable: 'any', io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = typeof property === 'object' ? property : {};
    return { name, ...(description === undefined ? {} : { description }), schema };
  });
}
