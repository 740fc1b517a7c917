import { z } from 'zod';
import type { Named } from './configuration.js';
import { compileExpression, type Values } from './expression.js';
import { knownKeys, parseWith } from './issues.js';
import { copyJson, join, type JsonObject } from './plain.js';
import { allowedNames, refuse, show } from './problems.js';
import { BESIDE, type Entry } from './registries.js';

/** What an expression may speak of: the round, the workers, the Byzantine ones. */
export const VARIABLES = ['t', 'n', 'f'] as const;

/**
 * The parameters that `{ name, preset?, ...parameters }` stands for: the preset's (the first one's, when none is named), overridden
 * by what is given beside it, checked by the entry's schema. What stands beside the parameters (`f` of a rule, `start` and `stop`
 * of an attack) is left out. `values` are those of t, n, f, for parameters that are expressions.
 * Throws a ScenarioError for an unknown preset or key, an impossible value, or an expression without `values`.
 */
export function givenParameters<Given extends object>(registered: Entry<Given>, named: Named, values?: Values): Given {
  return scheduledParameters(registered, named)(values);
}

/**
 * The same for every round: expressions are compiled once, and the function that is returned evaluates and checks them. Without
 * expressions it gives the same object each time. `path`: where problems are said to be; `beside`: keys that are no parameters.
 */
export function scheduledParameters<Given extends object>(
  registered: Entry<Given>, named: Named, path: string = registered.name, beside: readonly string[] = BESIDE[kindOf(registered)],
): (values?: Values) => Given {
  const given = mergePreset(registered, named, path, beside);
  const expressions = expressionsOf(registered, given).map(([key, source]) => {
    const at = join(path, key);
    return { key, path: at, evaluate: compileExpression(source, VARIABLES, at) };
  });
  const known = besideKeys(registered, beside);
  if (expressions.length === 0) {
    const parameters = parseWith(registered.parameters, given, path, known);
    return () => parameters;
  }
  return (values) => {
    const evaluated = expressions.map(({ key, path: at, evaluate }) => {
      if (values === undefined) return refuse(at, `an expression needs the values of ${VARIABLES.join(', ')}`);
      return [key, evaluate(values)] as const;
    });
    return parseWith(registered.parameters, { ...given, ...Object.fromEntries(evaluated) }, path, known);
  };
}

/** The parameters that are given as expressions, and so may change from round to round, with their source. */
export function expressionsOf(registered: Entry, given: Readonly<Record<string, unknown>>): readonly (readonly [key: string, source: string])[] {
  return (registered.expressions ?? []).flatMap((key) => {
    const value = given[key];
    return typeof value === 'string' && !wordsOf(registered, key).includes(value) ? [[key, value] as const] : [];
  });
}

/** The preset that applies, by name: the one named, or the first; undefined when there are none. Throws a ScenarioError for an unknown one. */
export function presetOf(registered: Entry, preset: string | undefined, path: string): string | undefined {
  const names = Object.keys(registered.presets ?? {});
  if (preset === undefined) return names[0];
  if (names.includes(preset)) return preset;
  const allowed = names.length === 0 ? `${registered.name} has no presets` : allowedNames(preset, names);
  return refuse(join(path, 'preset'), `${show(preset)} is no preset of ${registered.name}; ${allowed}`);
}

function mergePreset(registered: Entry, named: Named, path: string, beside: readonly string[]): JsonObject {
  const preset = presetOf(registered, named.preset, path);
  const given = Object.entries(named).filter(([key]) => !besideKeys(registered, beside).includes(key));
  return copyJson({ ...(preset === undefined ? {} : registered.presets?.[preset]), ...Object.fromEntries(given) }, path) as JsonObject;
}

/** A rule may have a parameter called as what stands beside other kinds' parameters (`start`): then it is the parameter. */
function besideKeys(registered: Entry, beside: readonly string[]): readonly string[] {
  const own = knownKeys(registered.parameters);
  const preset = Object.keys(registered.presets ?? {}).length > 0 ? ['preset'] : [];
  return ['name', ...preset, ...beside].filter((key) => !own.includes(key));
}

/** Words that a parameter's schema lists: they are no expressions. */
function wordsOf(registered: Entry, key: string): readonly unknown[] {
  if (!(registered.parameters instanceof z.ZodObject)) return [];
  const schema = (registered.parameters.shape as Readonly<Record<string, z.core.$ZodType>>)[key];
  return schema === undefined ? [] : words(schema);
}

function words(schema: z.core.$ZodType): readonly unknown[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return words(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(words);
  if (schema instanceof z.ZodLiteral) return [...schema.values];
  return schema instanceof z.ZodEnum ? schema.options : [];
}

function kindOf(registered: Entry): 'aggregator' | 'attack' | 'model' {
  if ('craft' in registered) return 'attack';
  return 'aggregate' in registered ? 'aggregator' : 'model';
}
