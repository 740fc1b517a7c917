import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allowedNames, show } from '../registry/names.js';
import { expand } from './expand.js';
import { findJsonMistake } from './json-text.js';
import { copyScenario, isObject, type Json, type JsonObject } from './plain.js';
import { refuse } from './problems.js';

/** From dist/lib/scenario to the package's own scenarios. */
export const SCENARIOS_FOLDER = fileURLToPath(new URL('../../../scenarios/', import.meta.url));

/** What names a file of the user's own. */
const FILE_KEYS: readonly string[] = ['module', 'tfjs'];

const MOST_BYTES = 16 * 2 ** 20;

/**
 * A scenario by a shipped one's name, or by the path of a JSON file (a run's manifest.json too). Its `name` is the file's
 * unless it has one. Throws a ScenarioError when there is none, or when the file is no JSON object.
 */
export function loadScenario(nameOrFile: string): JsonObject {
  const shipped = shippedScenarios();
  const file = shipped.includes(nameOrFile) ? shippedFile(nameOrFile) : resolve(nameOrFile);
  if (!existsSync(file)) {
    refuse('', `there is no scenario and no file ${show(nameOrFile)}; ${allowedNames(nameOrFile, shipped, 'scenarios that come with the package')}`);
  }
  const scenario = copyScenario(readJson(file));
  return { name: runName(basename(file, '.json')), ...(anchorModules(scenario, dirname(file)) as JsonObject) };
}

/** Paths of modules and models are relative to the scenario's file: here they become absolute, in the grid too (`aggregator.module`). */
function anchorModules(value: Json, folder: string): Json {
  const anchor = (path: Json): Json => (typeof path === 'string' ? resolve(folder, path) : path);
  if (Array.isArray(value)) return value.map((item: Json) => anchorModules(item, folder));
  if (!isObject(value)) return value;
  const anchored = Object.entries(value).map(([key, item]) => {
    if (FILE_KEYS.includes(key)) return [key, anchor(item)];
    if (Array.isArray(item) && key.includes('.')) return [key, anchorVaried(key, item, folder)];
    return [key, anchorModules(item, folder)];
  });
  return Object.fromEntries(anchored) as JsonObject;
}

/** The values of a grid's key, which may be several paths with commas between: then each value is a list with one for each. */
function anchorVaried(key: string, values: readonly Json[], folder: string): Json[] {
  const paths = key.split(',').map((path) => path.trim());
  const anchored = (path: string, value: Json): Json =>
    typeof value === 'string' && FILE_KEYS.some((name) => path.endsWith(`.${name}`)) ? resolve(folder, value) : anchorModules(value, folder);
  const [only = ''] = paths;
  return values.map((value) => (paths.length === 1 || !Array.isArray(value) ? anchored(only, value) : value.map((part: Json, place) => anchored(paths[place] ?? '', part))));
}

/** The names of the scenarios that come with the package. */
export function shippedScenarios(): string[] {
  return readdirSync(SCENARIOS_FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => basename(file, '.json'))
    .sort();
}

/** A scenario that comes with the package. */
export interface ShippedScenario {
  readonly kind: 'scenario';
  readonly name: string;
  /** What it shows. */
  readonly description: string;
  readonly runs: number;
}

/** The scenarios that come with the package, with what the `description` of each says that it shows. */
export function describeShipped(): ShippedScenario[] {
  return shippedScenarios().map((name) => {
    const { description = '' } = readJson(shippedFile(name)) as { readonly description?: string };
    return { kind: 'scenario', name, description, runs: expand(loadScenario(name)).length };
  });
}

function shippedFile(name: string): string {
  return `${SCENARIOS_FOLDER}${name}.json`;
}

/** The JSON of a file, whatever it is. Throws a ScenarioError that says what is wrong, for JSON with line and column. */
export function readJson(file: string): unknown {
  const text = readText(file);
  const mistake = findJsonMistake(text);
  if (mistake !== undefined) refuse('', `${file}:${mistake.line}:${mistake.column}: not JSON: ${mistake.message}`);
  return JSON.parse(text);
}

/** A file's name as a scenario's: what a name can't have becomes a hyphen. */
function runName(base: string): string {
  const name = base.replace(/[^\p{L}\p{N} ._+=,@()-]/gu, '-').replace(/^[^\p{L}\p{N}]+|[ .]+$/gu, '').slice(0, 100);
  return name === '' ? 'scenario' : name;
}

function readText(file: string): string {
  try {
    const found = statSync(file);
    if (found.isDirectory()) return refuse('', `${file} is a folder; a scenario is a JSON file`);
    if (!found.isFile()) return refuse('', `${file} is no ordinary file; a scenario is a JSON file`);
    if (found.size > MOST_BYTES) return refuse('', `${file} has ${found.size.toLocaleString('en')} bytes; a scenario has at most ${MOST_BYTES.toLocaleString('en')}`);
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return refuse('', `${file} can't be read (${code})`);
  }
}
