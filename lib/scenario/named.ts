import { type Named, presetOf } from '../registry/parameters.js';
import { join } from '../registry/problems.js';
import type { Values } from './expression.js';
import { expressionsOf, scheduledParameters } from './parameters.js';
import { type ModuleFile, readModuleFile } from '../modules/module-file.js';
import { isObject, type Json, type JsonObject } from './plain.js';
import { inScenario, refuse } from './problems.js';
import { BESIDE, type Kind, REGISTRIES } from './registries.js';

/** A bare string stands for `{ name }`; undefined when the value is neither that nor an object with a name. */
export function asNamed(value: Json | undefined): Named | undefined {
  if (typeof value === 'string') return { name: value };
  if (!isObject(value)) return undefined;
  const { name, preset, ...parameters } = value;
  if (typeof name !== 'string' || !(preset === undefined || typeof preset === 'string')) return undefined;
  return { name, ...(preset === undefined ? {} : { preset }), ...parameters };
}

/** A scenario in which every file of the user's own has the name `module`: `{ "module": … }` alone is enough to write. */
export function withModuleNames(scenario: JsonObject): JsonObject {
  const { aggregator, attack, preaggregators } = scenario;
  const name = (value: Json): Json => (isObject(value) && value['name'] === undefined && typeof value['module'] === 'string' ? { name: 'module', ...value } : value);
  return {
    ...scenario,
    ...(aggregator === undefined ? {} : { aggregator: name(aggregator) }),
    ...(attack === undefined ? {} : { attack: name(attack) }),
    ...(Array.isArray(preaggregators) ? { preaggregators: preaggregators.map(name) } : {}),
  };
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
  if (given.name === 'module' && typeof given['module'] === 'string') return pinned({ ...given, module: given['module'] }, path);
  const parameters = scheduledParameters(registered, resolved, { path, beside: BESIDE[kind] });
  const expressions = expressionsOf(registered, resolved);
  let checked: object = {};
  for (const values of expressions.length > 0 ? rounds : [{}]) checked = parameters(values);
  if (kind === 'model' && given.name === 'tfjs' && typeof given['tfjs'] === 'string') return pinnedModel({ ...given, ...checked, tfjs: given['tfjs'] }, path);
  // Without presets it is the schema's defaults that apply: they are written out. An expression stays what it is.
  return preset !== undefined ? resolved : { ...resolved, ...checked, ...Object.fromEntries(expressions) };
}

/** The same of a TensorFlow.js model's. */
function pinnedModel(given: Named & { readonly tfjs: string }, path: string): Named {
  const { module: tfjs, sha256 } = fileOf(given, 'tfjs', given.tfjs, path);
  return { ...given, tfjs, sha256 };
}

/** A module's file, and what it is now. Throws a ScenarioError when it isn't there, or isn't what `sha256` says. */
function pinned(given: Named & { readonly module: string }, path: string): Named {
  return { ...given, ...fileOf(given, 'module', given.module, path) };
}

function fileOf(given: Named, key: string, name: string, path: string): ModuleFile {
  if ('planned' in given) refuse(join(path, 'planned'), 'this key is not allowed');
  const file = readModuleFile(name, given['sha256']);
  return typeof file === 'string' ? refuse(join(path, key), file) : file;
}
