import { distance } from 'fastest-levenshtein';
import { z } from 'zod';

/** Something from a registry and its parameters. */
export interface Named {
  readonly name: string;
  readonly preset?: string;
  readonly [parameter: string]: unknown;
}

/** What is needed of a rule or an attack to check its parameters. */
export interface Parameterised<Given extends object = object> {
  readonly name: string;
  readonly parameters: z.ZodType<Given>;
  readonly presets: Readonly<Record<string, Partial<Given>>>;
}

/** A name, preset, parameter or value that is not allowed. The message says what is. */
export class ParameterError extends TypeError {
  override name = 'ParameterError';
}

/**
 * The parameters that `{ name, preset?, ...parameters }` stands for: the preset's (the first one's, when none is named), overridden by
 * what is given beside it. `beside`: keys that mean something else and are left out.
 * Throws a ParameterError for an unknown preset or parameter and for a value that its schema refuses.
 */
export function mergeParameters<Given extends object>(entry: Parameterised<Given>, named: Named, beside: readonly string[] = []): Given {
  const apart = ['name', 'preset', ...beside];
  const given = Object.entries(named).filter(([key, value]) => value !== undefined && !apart.includes(key));
  const parsed = entry.parameters.safeParse({ ...presetOf(entry, named.preset), ...Object.fromEntries(given) });
  if (parsed.success) return parsed.data;
  throw new ParameterError(parsed.error.issues.map((issue) => problem(entry, named, issue)).join('; '));
}

/** The entry of that name. Throws a ParameterError that names the nearest known one; `kind` says what it would have been. */
export function lookUp<Entry>(registry: Readonly<Record<string, Entry>>, kind: string, name: string): Entry {
  const entry = Object.hasOwn(registry, name) ? registry[name] : undefined;
  if (entry === undefined) throw new ParameterError(`there is no ${kind} "${name}"; ${known(name, Object.keys(registry))}`);
  return entry;
}

/** What is allowed in place of a name that is not, and which of it is nearest. */
export function known(given: string, names: readonly string[]): string {
  // The distance takes time in the product of the lengths; a text this long resembles no name.
  const text = given.slice(0, 100).toLowerCase();
  const [nearest] = names.toSorted((a, b) => distance(text, a.toLowerCase()) - distance(text, b.toLowerCase()));
  return nearest === undefined ? 'none is known' : `the nearest is "${nearest}" (known: ${names.join(', ')})`;
}

function presetOf<Given extends object>(entry: Parameterised<Given>, name: unknown): Partial<Given> | undefined {
  const names = Object.keys(entry.presets);
  if (name !== undefined && names.length === 0) throw new ParameterError(`${entry.name} has no presets: ${show(name)}`);
  if (name === undefined) return entry.presets[names[0] ?? ''];
  if (typeof name === 'string' && names.includes(name)) return entry.presets[name];
  throw new ParameterError(`${entry.name} has no preset ${show(name)}; ${known(typeof name === 'string' ? name : '', names)}`);
}

function problem(entry: Parameterised, named: Named, issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    const names = keysOf(entry);
    return issue.keys.map((key) => (names.length === 0 ? `${entry.name} takes no parameters: "${key}"` : `${entry.name} has no parameter "${key}"; ${known(key, names)}`)).join('; ');
  }
  const [key] = issue.path;
  if (typeof key !== 'string') return `${entry.name}: ${issue.message}`;
  const description = schemaOf(entry, key)?.description;
  return `${entry.name}'s ${key} can't be ${show(named[key])}: it is ${description ?? issue.message}`;
}

function keysOf(entry: Parameterised): string[] {
  return entry.parameters instanceof z.ZodObject ? Object.keys(entry.parameters.shape) : [];
}

function schemaOf(entry: Parameterised, key: string): z.ZodType | undefined {
  if (!(entry.parameters instanceof z.ZodObject)) return undefined;
  return (entry.parameters.shape as Readonly<Record<string, z.ZodType>>)[key];
}

function show(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const text = (JSON.stringify(value) as string | undefined) ?? typeof value;
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
