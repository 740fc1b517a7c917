import { types } from 'node:util';
import { allowedNames } from './names.js';
import type { Named } from './parameters.js';
import { ParameterError } from './problems.js';

/** Checks of what users hand to the library's functions. All throw a TypeError or a RangeError that says what is allowed. */

/** Rows: an array of at least one Float32Array, all of the same length of at least 1. */
export function checkRows(of: string, rows: unknown): { readonly n: number; readonly d: number } {
  if (!Array.isArray(rows)) throw new TypeError(`${of} takes an array of Float32Array, and got ${kindOf(rows)}`);
  if (rows.length === 0) throw new RangeError(`${of} needs at least one row, and got none`);
  let d = 0;
  // By index: a hole in the array is a row that is missing.
  for (let row = 0; row < rows.length; row++) {
    const given: unknown = rows[row];
    if (!types.isFloat32Array(given)) throw new TypeError(`${of} takes rows of type Float32Array, and row ${row} is ${kindOf(given)}`);
    if (row === 0) d = given.length;
    if (given.length !== d) throw new RangeError(`${of} takes rows of equal length: row 0 has ${d} coordinates, row ${row} has ${given.length}`);
  }
  if (d === 0) throw new RangeError(`${of} needs rows with at least one coordinate`);
  return { n: rows.length, d };
}

/** Options: an object with no other keys than `allowed`; absent counts as empty. */
export function checkOptions(of: string, options: unknown, allowed: readonly string[]): Readonly<Record<string, unknown>> {
  if (options === undefined) return {};
  if (typeof options !== 'object' || options === null) throw new TypeError(`the options of ${of} are an object, and not ${kindOf(options)}`);
  for (const key of Object.keys(options)) {
    if (!allowed.includes(key)) throw new TypeError(`${of} has no option "${key}"; ${allowedNames(key, allowed)}`);
  }
  return options as Readonly<Record<string, unknown>>;
}

/** A whole number within limits, `fallback` when absent. */
export function wholeNumber(name: string, value: unknown, least: number, greatest: number, fallback?: number): number {
  const given = value === undefined ? fallback : value;
  if (typeof given === 'number' && Number.isInteger(given) && given >= least && given <= greatest) return given;
  const shown = typeof given === 'number' ? String(given) : kindOf(given);
  throw new RangeError(`${name} has to be a whole number from ${least} to ${greatest}, and is ${shown}`);
}

export function truth(name: string, value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  throw new TypeError(`${name} is true or false, and not ${kindOf(value)}`);
}

/** A bare name stands for `{ name }`. A module of the user's own is refused, since there is no thread to load it; `instead` says what there is. */
export function asNamed(of: string, value: unknown, instead = 'here, only what the catalogue lists can be named'): Named {
  if (isModule(value)) throw new ParameterError([{ path: '', message: `${of} in a module belongs in a scenario, whose run loads it in a thread; ${instead}` }]);
  if (typeof value === 'string') return { name: value };
  if (typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string') return value as Named;
  throw new ParameterError([{ path: '', message: `${of} is named by a text or by an object with a "name", and not by ${kindOf(value)}` }]);
}

function isModule(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === 'module';
  return 'name' in value ? value.name === 'module' : 'module' in value && typeof value.module === 'string';
}

export const GREATEST_SEED = Number.MAX_SAFE_INTEGER;
export const GREATEST_ROUND = 2 ** 32 - 1;

/** What a value is, as a message says it. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  const { constructor } = value as { readonly constructor?: unknown };
  return typeof constructor === 'function' && constructor.name !== 'Object' ? `a value of type ${constructor.name}` : 'an object';
}
