import type { z } from 'zod';
import { knownKeys, problemsWith } from './issues.js';
import { allowedNames, show } from './names.js';
import { join, ParameterError } from './problems.js';

/** Something from a registry and its parameters. */
export interface Named {
  readonly name: string;
  readonly preset?: string;
  readonly [parameter: string]: unknown;
}

/** What is needed of a rule, an attack, a data set … to check its parameters. */
export interface Parameterised<Given extends object = object> {
  readonly name: string;
  readonly parameters: z.ZodType<Given>;
  /** By name; the first is the default. */
  readonly presets?: Readonly<Record<string, Partial<Given>>>;
  /** Parameters that mean nothing beside what the others are, each with the reason: `with …: it belongs to …`. A preset may bring them, and who gives one is told. */
  meaningless?(parameters: Given): Readonly<Record<string, string>>;
}

/** How `{ name, preset?, ...parameters }` is read. */
export interface Reading {
  /** Where problems are said to be; the entry's name by default. */
  readonly path?: string;
  /** Keys that stand beside the parameters and mean something else. */
  readonly beside?: readonly string[];
}

/**
 * The parameters that `{ name, preset?, ...parameters }` stands for: the preset's (the first one's, when none is named), overridden by
 * what is given beside it and checked by the entry's schema.
 * Throws a ParameterError for an unknown preset or parameter, for a value that the schema refuses, and for one that means nothing beside the others.
 */
export function mergeParameters<Given extends object>(entry: Parameterised<Given>, named: Named, reading: Reading = {}): Given {
  return checkParameters(entry, mergePreset(entry, named, reading), named, reading);
}

/** The same without the check: values may be expressions still. */
export function mergePreset(entry: Parameterised, named: Named, { path = entry.name, beside = [] }: Reading = {}): Readonly<Record<string, unknown>> {
  const preset = presetOf(entry, named.preset, path);
  const apart = besideKeys(entry, beside);
  const given = Object.entries(named).filter(([key, value]) => value !== undefined && !apart.includes(key));
  return { ...(preset === undefined ? {} : entry.presets?.[preset]), ...Object.fromEntries(given) };
}

/** What the entry's schema makes of parameters that `named` was merged to. */
export function checkParameters<Given extends object>(
  entry: Parameterised<Given>, merged: Readonly<Record<string, unknown>>, named: Named, { path = entry.name, beside = [] }: Reading = {},
): Given {
  const result = entry.parameters.safeParse(merged);
  if (!result.success) throw new ParameterError(problemsWith(result.error, { schema: entry.parameters, value: merged, path, beside: besideKeys(entry, beside) }));
  const idle = Object.entries(entry.meaningless?.(result.data) ?? {}).filter(([key]) => named[key] !== undefined);
  if (idle.length > 0) throw new ParameterError(idle.map(([key, why]) => ({ path: join(path, key), message: `${show(named[key])} has no meaning ${why}; leave ${key} out` })));
  return result.data;
}

/** The preset that applies, by name: the one named, or the first; undefined when there are none. Throws a ParameterError for an unknown one. */
export function presetOf(entry: Parameterised, preset: unknown, path: string = entry.name): string | undefined {
  const names = Object.keys(entry.presets ?? {});
  if (preset === undefined) return names[0];
  if (typeof preset === 'string' && names.includes(preset)) return preset;
  const allowed = names.length === 0 ? `${entry.name} has no presets` : allowedNames(typeof preset === 'string' ? preset : '', names);
  throw new ParameterError([{ path: join(path, 'preset'), message: `${show(preset)} is no preset of ${entry.name}; ${allowed}` }]);
}

/** A rule may have a parameter called as what stands beside other kinds' parameters (`start`): then it is the parameter. */
function besideKeys(entry: Parameterised, beside: readonly string[]): readonly string[] {
  const own = knownKeys(entry.parameters);
  const preset = Object.keys(entry.presets ?? {}).length > 0 ? ['preset'] : [];
  return ['name', ...preset, ...beside].filter((key) => !own.includes(key));
}
