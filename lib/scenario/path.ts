import { allowedNames, show } from '../registry/names.js';
import { copyJson, copyScenario, isObject, isReserved, type Json, type JsonObject } from './plain.js';
import { refuse } from './problems.js';
import { kindAt } from './registries.js';
import { RUN_FIELDS } from './schema.js';

/**
 * A copy of the scenario with one value replaced: `--set path=value` of the command line. `path`: keys joined by dots, a number for
 * an item of a list (`attack.z`, `preaggregators.0.s`). `text` is read as JSON where it is JSON, and else taken as it is. A bare
 * name grows into an object when one of its parameters is set. What is set no longer varies: the path leaves the grid, and a
 * `seed` takes the place of `seeds`. Throws a ScenarioError for a path that no scenario has.
 */
export function setPath(scenario: unknown, path: string, text: string): JsonObject {
  const { grid, seeds, ...rest } = copyScenario(scenario);
  const varying = isObject(grid) ? Object.keys(grid) : [];
  const above = varying.find((varied) => path.startsWith(`${varied}.`));
  if (above !== undefined) refuse(path, `the grid varies ${above} as a whole; set grid.${above}, or ${above} itself`);
  const together = varying.find((varied) => varied.includes(',') && varied.split(',').some((one) => path === one.trim() || path.startsWith(`${one.trim()}.`)));
  if (together !== undefined) refuse(path, `the grid varies ${together} together; set grid.${together}`);
  const kept = isObject(grid) ? Object.fromEntries(Object.entries(grid).filter(([varied]) => varied !== path)) : grid;
  const base = { ...rest, ...(kept === undefined ? {} : { grid: kept }), ...(seeds === undefined || path === 'seed' ? {} : { seeds }) };
  const [problem] = pathProblem(path, [...Object.keys(RUN_FIELDS), 'seeds', 'grid']);
  if (problem !== undefined) refuse(path, problem);
  return vary(base, path, readValue(text, path));
}

/** The same for a value of the grid. Changes nothing handed to it. */
export function vary(scenario: JsonObject, path: string, value: Json): JsonObject {
  return replaceIn(scenario, path.split('.'), value, '') as JsonObject;
}

/** Why the grid can't vary this path; empty when it can. The seeds vary by `seeds` too, and a name says nothing about a run. */
export function checkVariablePath(path: string): string[] {
  return pathProblem(path, Object.keys(RUN_FIELDS).filter((key) => key !== 'name'));
}

function pathProblem(path: string, allowed: readonly string[]): string[] {
  const keys = path.split('.');
  const [top = ''] = keys;
  if (keys.includes('')) return [`${show(path)} is not a path: keys joined by dots, like attack.z`];
  const reserved = keys.find(isReserved);
  if (reserved !== undefined) return [`the key ${show(reserved)} is not allowed`];
  return allowed.includes(top) ? [] : [`${show(top)} is no key of a run; ${allowedNames(top, allowed)}`];
}

/** A grid's own keys are paths, dots and all: from there on the rest of the path is one key. */
function replaceIn(parent: Json | undefined, keys: readonly string[], value: Json, path: string): Json {
  const [key, ...rest] = keys;
  if (key === undefined) return value;
  const holder = asHolder(parent, path);
  const at = path === '' ? key : `${path}.${key}`;
  if (path === 'grid') return { ...(holder as JsonObject), [keys.join('.')]: value };
  if (!isArray(holder)) return { ...holder, [key]: replaceIn(holder[key], rest, value, at) };
  const index = Number(key);
  if (!/^\d+$/.test(key) || index >= holder.length) {
    refuse(at, `${show(key)} is no item of ${path}, which has ${holder.length}; they count from 0`);
  }
  return holder.map((item, i) => (i === index ? replaceIn(item, rest, value, at) : item));
}

/** What a key can be set in: an object, a list, or what a bare value stands for. */
function asHolder(parent: Json | undefined, path: string): JsonObject | readonly Json[] {
  if (isArray(parent) || isObject(parent)) return parent;
  const [top = ''] = path.split('.');
  const topLevel = path === top;
  if (typeof parent === 'string' && kindAt(path) !== undefined) return { name: parent };
  if (typeof parent === 'number' && path === 'byzantine') return { count: parent };
  // What is absent begins as what its default stands for.
  if (parent === undefined && topLevel && top === 'preaggregators') return [];
  if (parent === undefined && topLevel && DEFAULTS[top] !== undefined) return DEFAULTS[top];
  return refuse(path, `${parent === undefined ? 'nothing' : show(parent)} stands here, so no key inside it can be set`);
}

const DEFAULTS: Readonly<Record<string, JsonObject>> = {
  byzantine: { count: 0 },
  partition: { name: 'iid' },
  server: {},
  attack: { name: 'none' },
  mode: { name: 'synchronous' },
  momentum: {},
  dataset: {},
  model: {},
  aggregator: {},
  grid: {},
};

function readValue(text: string, path: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  return copyJson(value, path);
}

function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
