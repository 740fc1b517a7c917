import { z } from 'zod';
import { AXIS_FIELDS } from './axes.js';
import { moduleParameters } from '../modules/parameters.js';
import { MODES } from './modes.js';
import { join } from '../registry/problems.js';
import { isObject, type Json } from './plain.js';
import { type Entry, kindAt, type Kind, needOf, REGISTRIES } from './registries.js';
import { BESIDE_FIELDS, RUN_FIELDS } from './schema.js';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * A JSON Schema (draft 2020-12) of scenarios, for editors: every key, name, preset and parameter with what is allowed, its default and
 * what it means. What only several values together can break (n and f, say) it doesn't know; `expand` does.
 */
export function scenarioJsonSchema(): JsonSchema {
  const scenario = z.strictObject({
    $schema: z.string().optional().describe('Where this schema is; ignored'),
    description: z.string().optional().describe('What the scenario shows, for readers; ignored'),
    ...RUN_FIELDS,
    ...AXIS_FIELDS,
    manifest: z.unknown().optional().describe("What a run's manifest says beside the scenario; ignored"),
  });
  const schema = toJsonSchema(scenario);
  return {
    ...schema,
    title: 'A scenario of byzantium',
    properties: propertiesWithNames('', schema.properties ?? {}),
    required: [],
    // The grid may bring what a run needs.
    anyOf: [{ required: ['grid'] }, { required: [...REQUIRED] }, ...withoutUnused()],
    $defs: Object.fromEntries(KINDS.map((kind) => [kind, anyOfKind(kind)])),
  };
}

const KINDS = Object.keys(REGISTRIES) as Kind[];
const REQUIRED: readonly string[] = Object.entries(RUN_FIELDS).flatMap(([key, field]) => (field.safeParse(undefined).success ? [] : [key]));

/** What a mode doesn't use, a scenario of that mode leaves out. */
function withoutUnused(): JsonSchema[] {
  return Array.from(MODES).flatMap(({ name, unused }): JsonSchema[] => {
    const left = REQUIRED.filter((key) => Object.hasOwn(unused, key));
    if (left.length === 0) return [];
    const named: JsonSchema = { anyOf: [{ const: name }, { type: 'object', properties: { name: { const: name } }, required: ['name'] }] };
    const none = Object.fromEntries(left.map((key): [string, JsonSchema] => [key, { const: unused[key] as never }]));
    return [{ required: ['mode', ...REQUIRED.filter((key) => !left.includes(key))], properties: { mode: named, ...none } }];
  });
}

/** What names something registered is described by its kind's definition. */
function withNames(path: string, property: JsonSchema): JsonSchema {
  const kind = kindAt(path);
  if (kind !== undefined) return { ...textsOf(property), ...reference(kind) };
  const { items, properties } = property;
  return {
    ...property,
    ...(isSchema(items) ? { items: withNames(join(path, '*'), items) } : {}),
    ...(properties === undefined ? {} : { properties: propertiesWithNames(path, properties) }),
  };
}

function propertiesWithNames(path: string, properties: NonNullable<JsonSchema['properties']>): NonNullable<JsonSchema['properties']> {
  return Object.fromEntries(Object.entries(properties).map(([key, property]) => [key, isSchema(property) ? withNames(join(path, key), property) : property]));
}

function textsOf({ description, default: usual }: JsonSchema): JsonSchema {
  return { ...(description === undefined ? {} : { description }), ...(usual === undefined ? {} : { default: usual }) };
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function reference(kind: Kind): JsonSchema {
  return { $ref: `#/$defs/${kind}` };
}

function anyOfKind(kind: Kind): JsonSchema {
  const registered = Array.from(REGISTRIES[kind], (known) => ({ known, schema: withName(kind, known) }));
  // A bare name is enough for what needs no parameters.
  const bare = registered.filter(({ schema }) => schema.required?.length === 1 && schema.required[0] === 'name').map(({ known }) => known.name);
  const none = Array.from(MODES).flatMap(({ unused }) => (Object.hasOwn(unused, kind) && !registered.some(({ known }) => known.name === nameOf(unused[kind])) ? [{ const: unused[kind] as never }] : []));
  if (registered.length === 0) return { not: {}, description: `There is no ${REGISTRIES[kind].kind} yet` };
  const own = MODULE_KINDS.includes(kind) ? [ownModule(kind)] : [];
  return { anyOf: [...(bare.length === 0 ? [] : [{ enum: bare }]), ...registered.map(({ schema }) => schema), ...own, ...none] };
}

const MODULE_KINDS: readonly Kind[] = ['aggregator', 'preaggregator', 'attack'];

/** A file of the user's own; its parameters are the file's business. */
function ownModule(kind: Kind): JsonSchema {
  const beside = kind === 'aggregator' || kind === 'attack' ? toJsonSchema(z.strictObject(BESIDE_FIELDS[kind])) : {};
  const { module, sha256 } = toJsonSchema(moduleParameters.omit({ planned: true })).properties ?? {};
  return {
    type: 'object',
    description: `A ${REGISTRIES[kind].kind} of your own: code that runs with your rights`,
    properties: { name: { const: 'module' }, module: module ?? {}, sha256: sha256 ?? {}, ...beside.properties },
    required: ['module'],
  };
}

function nameOf(value: Json | undefined): Json | undefined {
  return isObject(value) ? value['name'] : value;
}

function withName(kind: Kind, known: Entry): JsonSchema {
  const parameters = toJsonSchema(known.parameters);
  const beside = kind === 'aggregator' || kind === 'attack' ? toJsonSchema(z.strictObject(BESIDE_FIELDS[kind])) : {};
  const presets = Object.keys(known.presets ?? {});
  const needs = needOf(kind, known);
  return {
    type: 'object',
    description: [known.description, known.formula, needs === undefined ? undefined : `Needs ${needs}`, known.source].filter((text) => text !== undefined && text !== '').join('. '),
    properties: {
      name: { const: known.name },
      ...(presets.length === 0 ? {} : { preset: { enum: presets, default: presets[0] ?? '' } }),
      ...beside.properties,
      ...propertiesWithNames(kind, parameters.properties ?? {}),
    },
    required: [...(known.impliedBy === undefined ? ['name'] : []), ...(parameters.required ?? [])],
    additionalProperties: parameters.additionalProperties ?? false,
  };
}

/** Checks that JSON Schema can't say are left out. */
function toJsonSchema(schema: z.core.$ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}
