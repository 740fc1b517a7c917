import { show } from '../registry/names.js';
import { join } from '../registry/problems.js';
import { refuse } from './problems.js';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

const DEEPEST = 32;
const MOST_VALUES = 1_000_000;
/** Keys that reach an object's prototype, and so never name a setting. */
const RESERVED: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * A copy of a JSON value that shares nothing with it. A key whose value is `undefined` counts as absent.
 * Throws a ScenarioError for anything that JSON can't say (NaN, Infinity, functions, dates, cycles), for values nested deeper
 * than 32 levels, for more than a million values, and for the keys `__proto__`, `constructor` and `prototype`. The keys `ignored`
 * are left out of the object itself, whatever they hold.
 */
export function copyJson(value: unknown, path = '', ignored: readonly string[] = []): Json {
  let values = 0;
  const copy = (item: unknown, at: string, depth: number): Json => {
    if (++values > MOST_VALUES) refuse(path, `holds more than ${MOST_VALUES.toLocaleString('en')} values`);
    if (item === null || typeof item === 'string' || typeof item === 'boolean') return item;
    if (typeof item === 'number') {
      if (!Number.isFinite(item)) refuse(at, `${item} is not a finite number`);
      return item === 0 ? 0 : item;
    }
    if (typeof item !== 'object') refuse(at, `a value of type ${typeof item} is not JSON`);
    if (depth === DEEPEST) refuse(path, `is nested deeper than ${DEEPEST} levels, or contains itself`);
    if (Array.isArray(item)) return Array.from(item, (element: unknown, i) => copy(element, join(at, String(i)), depth + 1));
    if (!isPlain(item)) refuse(at, `${className(item)} is not JSON: only plain objects and arrays are`);
    const result: Record<string, Json> = {};
    for (const [key, element] of Object.entries(item)) {
      if (depth === 0 && ignored.includes(key)) continue;
      if (RESERVED.has(key)) refuse(join(at, key), 'this key is not allowed');
      if (element !== undefined) result[key] = copy(element, join(at, key), depth + 1);
    }
    return result;
  };
  return copy(value, path, 0);
}

/** What an editor needs, what a reader is told, and what a run's manifest says beside the scenario: none of it makes a run another. */
const IGNORED: readonly string[] = ['$schema', 'description', 'manifest'];

/** A copy of a scenario, which must be an object, without `$schema`, `description` and `manifest`. Throws as `copyJson` does. */
export function copyScenario(value: unknown): JsonObject {
  const copied = copyJson(value, '', IGNORED);
  if (!isObject(copied)) refuse('', `a scenario is a JSON object, and ${show(copied)} is not one`);
  return copied;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isReserved(key: string): boolean {
  return RESERVED.has(key);
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another realm (a vm context, say) has that realm's Object.prototype, which itself has none.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function className(value: object): string {
  const constructor: unknown = value.constructor;
  return typeof constructor === 'function' ? `an object of class ${constructor.name}` : 'an object with a prototype';
}
