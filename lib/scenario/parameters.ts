import { z } from 'zod';
import { checkParameters, mergePreset, type Named, type Parameterised, type Reading } from '../registry/parameters.js';
import { join } from '../registry/problems.js';
import { compileExpression, type Values } from './expression.js';
import { inScenario, refuse } from './problems.js';

/** What an expression may speak of: the round, the workers, the Byzantine ones. */
export const VARIABLES = ['t', 'n', 'f'] as const;

/** What is needed to know which parameters are expressions. */
export interface Scheduled<Given extends object = object> extends Parameterised<Given> {
  /** Parameters that may be expressions over t, n, f. */
  readonly expressions?: readonly string[];
}

/** The parameters of a round. Throws a ScenarioError for an impossible value, or an expression without `values`. */
export type ParametersAt<Given extends object> = (values?: Values) => Given;

/**
 * The parameters that `{ name, preset?, ...parameters }` stands for, for every round: expressions are compiled once, and the function that
 * is returned evaluates and checks them. Without expressions it gives the same object each time.
 * Throws a ScenarioError for an unknown preset or key, an impossible value or one without meaning, or an expression that can't be read.
 */
export function scheduledParameters<Given extends object>(entry: Scheduled<Given>, named: Named, reading: Reading = {}): ParametersAt<Given> {
  const { path = entry.name } = reading;
  const given = inScenario(() => mergePreset(entry, named, reading));
  const expressions = expressionsOf(entry, given).map(([key, source]) => {
    const at = join(path, key);
    return { key, path: at, evaluate: compileExpression(source, VARIABLES, at) };
  });
  if (expressions.length === 0) {
    const parameters = inScenario(() => checkParameters(entry, given, named, reading));
    return () => parameters;
  }
  return (values) => {
    const evaluated = expressions.map(({ key, path: at, evaluate }) => {
      if (values === undefined) return refuse(at, `an expression needs the values of ${VARIABLES.join(', ')}`);
      return [key, evaluate(values)] as const;
    });
    return inScenario(() => checkParameters(entry, { ...given, ...Object.fromEntries(evaluated) }, named, reading));
  };
}

/** The parameters that are given as expressions, and so may change from round to round, with their source. */
export function expressionsOf(entry: Scheduled, given: Readonly<Record<string, unknown>>): readonly (readonly [key: string, source: string])[] {
  return (entry.expressions ?? []).flatMap((key) => {
    const value = given[key];
    return typeof value === 'string' && !wordsOf(entry, key).includes(value) ? [[key, value] as const] : [];
  });
}

/** Words that a parameter's schema lists: they are no expressions. */
function wordsOf(entry: Scheduled, key: string): readonly unknown[] {
  if (!(entry.parameters instanceof z.ZodObject)) return [];
  const schema = (entry.parameters.shape as Readonly<Record<string, z.core.$ZodType>>)[key];
  return schema === undefined ? [] : words(schema);
}

function words(schema: z.core.$ZodType): readonly unknown[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return words(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(words);
  if (schema instanceof z.ZodLiteral) return [...schema.values];
  return schema instanceof z.ZodEnum ? schema.options : [];
}
