import { type Named, presetOf } from '../registry/parameters.js';
import { join } from '../registry/problems.js';
import type { Values } from './expression.js';
import { expressionsOf, scheduledParameters } from './parameters.js';
import { isObject, type Json } from './plain.js';
import { inScenario } from './problems.js';
import { BESIDE, type Kind, REGISTRIES } from './registries.js';

/** A bare string stands for `{ name }`; undefined when the value is neither that nor an object with a name. */
export function asNamed(value: Json | undefined): Named | undefined {
  if (typeof value === 'string') return { name: value };
  if (!isObject(value)) return undefined;
  const { name, preset, ...parameters } = value;
  if (typeof name !== 'string' || !(preset === undefined || typeof preset === 'string')) return undefined;
  return { name, ...(preset === undefined ? {} : { preset }), ...parameters };
}

/** An object without a name that has a parameter by which one is implied, with that name; any other value as it is. */
export function withImpliedName(kind: Kind, value: Json | undefined): Json | undefined {
  if (!isObject(value) || Object.hasOwn(value, 'name')) return value;
  const implied = [...REGISTRIES[kind]].find(({ impliedBy }) => impliedBy !== undefined && Object.hasOwn(value, impliedBy));
  return implied === undefined ? value : { name: implied.name, ...value };
}

/**
 * Something from a registry, its preset and defaults written out and its parameters checked. Parameters that are expressions are
 * tried with each of `rounds`. Throws a ScenarioError when the name, the preset, a key or a value is not allowed.
 */
export function resolveNamed(kind: Kind, given: Named, path: string, rounds: Iterable<Values>): Named {
  const registered = inScenario(() => REGISTRIES[kind].get(given.name, join(path, 'name')));
  const preset = inScenario(() => presetOf(registered, given.preset, path));
  const resolved: Named = preset === undefined ? given : { ...given, preset };
  const parameters = scheduledParameters(registered, resolved, { path, beside: BESIDE[kind] });
  const scheduled = expressionsOf(registered, resolved).length > 0;
  for (const values of scheduled ? rounds : [{}]) parameters(values);
  // Without presets it is the schema's defaults that apply: they are written out.
  return scheduled || preset !== undefined ? resolved : { ...resolved, ...parameters() };
}
