import type { Named } from './configuration.js';
import type { Values } from './expression.js';
import { expressionsOf, presetOf, scheduledParameters } from './parameters.js';
import { isObject, join, type Json } from './plain.js';
import { allowedNames, refuse, show } from './problems.js';
import { BESIDE, entries, entry, type Kind, KIND_WORDS } from './registries.js';

/** A bare string stands for `{ name }`; undefined when the value is neither that nor an object with a name. */
export function asNamed(value: Json | undefined): Named | undefined {
  if (typeof value === 'string') return { name: value };
  if (!isObject(value)) return undefined;
  const { name, preset, ...parameters } = value;
  if (typeof name !== 'string' || !(preset === undefined || typeof preset === 'string')) return undefined;
  return { name, ...(preset === undefined ? {} : { preset }), ...parameters };
}

/**
 * Something from a registry, its preset and defaults written out and its parameters checked. Parameters that are expressions are
 * tried with each of `rounds`. Throws a ScenarioError when the name, the preset, a key or a value is not allowed.
 */
export function resolveNamed(kind: Kind, given: Named, path: string, rounds: Iterable<Values>): Named {
  const { name } = given;
  const registered = entry(kind, name) ?? refuse(join(path, 'name'), `${show(name)} is no ${KIND_WORDS[kind]}; ${allowedNames(name, names(kind))}`);
  const preset = presetOf(registered, given.preset, path);
  const resolved: Named = preset === undefined ? given : { ...given, preset };
  const parameters = scheduledParameters(registered, resolved, path, BESIDE[kind]);
  const scheduled = expressionsOf(registered, resolved).length > 0;
  for (const values of scheduled ? rounds : [{}]) parameters(values);
  // Without presets it is the schema's defaults that apply: they are written out.
  return scheduled || preset !== undefined ? resolved : { ...resolved, ...parameters() };
}

function names(kind: Kind): string[] {
  return entries(kind).map((registered) => registered.name);
}
