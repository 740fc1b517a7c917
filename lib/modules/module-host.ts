import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { Stream } from '../data/random.js';
import type { Arena } from '../memory/arena.js';
import type { Address } from '../memory/regions.js';
import { kindOf } from '../registry/options.js';
import { readCall } from './call.js';
import { messageOf, type ModuleExports, readExports } from './exports.js';
import { MODULE_FUNCTIONS, ModuleError, type ModuleKind } from './module.js';

/** A module that a thread of a run loads. */
export interface ModuleTask {
  readonly kind: ModuleKind;
  readonly file: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Looks whether the rows that it was handed are unchanged. */
  readonly debug: boolean;
}

interface Loaded extends ModuleTask {
  readonly exported: ModuleExports;
}

/** Imports a module anew: what an earlier run left in its variables is not seen. Throws a ModuleError. */
export async function importModule(kind: ModuleKind, file: string, key: string): Promise<ModuleExports> {
  let namespace: ModuleExports;
  try {
    namespace = (await import(`${pathToFileURL(file).href}?run=${key}`)) as ModuleExports;
  } catch (error) {
    throw new ModuleError(`${file} can't be loaded: ${messageOf(error)}`);
  }
  return readExports(kind, namespace, file);
}

/** A run's modules in one thread, on its arena. */
export class ModuleHost {
  readonly #modules: readonly Loaded[];
  readonly #arena: Arena;

  constructor(modules: readonly Loaded[], arena: Arena) {
    this.#modules = modules;
    this.#arena = arena;
  }

  static async load(modules: readonly ModuleTask[], arena: Arena, key: string): Promise<ModuleHost> {
    const loaded: Loaded[] = [];
    for (const module of modules) loaded.push({ ...module, exported: await importModule(module.kind, module.file, key) });
    return new ModuleHost(loaded, arena);
  }

  /** One call, and what it returned where the caller wants it. Throws a ModuleError that names the file. */
  run(argument: (index: number) => number): void {
    const { place, table, n, f, d, output, outputs, worker, workers, round, state, key } = readCall(argument);
    const module = this.#modules[place];
    if (module === undefined) throw new RangeError(`there is no module ${place}`);
    const { kind, file, exported, parameters, debug } = module;
    const { buffer } = this.#arena;
    const rows = Array.from(new Uint32Array(buffer, table, n), (address) => this.#arena.row(address as Address, d));
    const before = debug ? rows.map(hashOf) : [];
    const returned = callModule(kind, exported, file, {
      rows, n: workers, f, d, round, parameters, random: new Stream(key, 'module'),
      ...(kind === 'attack' ? { worker } : {}),
      ...(kind === 'preaggregator' ? {} : { state: stateOf(buffer, state) }),
    });
    const changed = before.findIndex((hash, row) => hash !== hashOf(rows[row] as Float32Array));
    if (changed >= 0) throw new ModuleError(`${file}: ${MODULE_FUNCTIONS[kind]} changed row ${changed} that it was handed; rows are only to be read`);
    if (outputs === 0) this.#arena.row(output, d).set(checkRow(returned, d, file, `${MODULE_FUNCTIONS[kind]} has to return`));
    else this.#writeRows(returned, new Uint32Array(buffer, output, outputs), d, file);
  }

  #writeRows(returned: unknown, addresses: Uint32Array, d: number, file: string): void {
    if (!Array.isArray(returned)) throw new ModuleError(`${file}: preaggregate has to return an array of ${addresses.length} Float32Array, and returned ${kindOf(returned)}`);
    if (returned.length !== addresses.length) throw new ModuleError(`${file}: preaggregate has to return ${addresses.length} rows, as "rowsOut" says, and returned ${returned.length}`);
    const rows = Array.from(returned, (row: unknown, index) => checkRow(row, d, file, `row ${index} of what preaggregate returns has to be`));
    rows.forEach((row, index) => {
      if (!row.every(Number.isFinite)) throw new ModuleError(`${file}: row ${index} of what preaggregate returned holds NaN or an infinity; a rule is never handed such a row`);
      this.#arena.row(addresses[index] as Address, d).set(row);
    });
  }
}

/** Calls a module's function. Throws a ModuleError when it throws. */
function callModule(kind: ModuleKind, exported: ModuleExports, file: string, input: object): unknown {
  const name = MODULE_FUNCTIONS[kind];
  try {
    return (exported[name] as (input: object) => unknown).call(exported, input);
  } catch (error) {
    throw new ModuleError(`${file}: ${name} threw: ${messageOf(error)}`, { cause: error });
  }
}

function checkRow(row: unknown, d: number, file: string, what: string): Float32Array {
  if (!types.isFloat32Array(row)) throw new ModuleError(`${file}: ${what} a Float32Array, and is ${kindOf(row)}`);
  if (row.length !== d) throw new ModuleError(`${file}: ${what} a Float32Array of ${d} coordinates, and has ${row.length}`);
  return row;
}

/** State that wasn't asked for can't be kept: writing to it throws. */
function stateOf(buffer: SharedArrayBuffer, { address, length }: { readonly address: Address; readonly length: number }): Float64Array {
  return length === 0 ? Object.freeze(new Float64Array(0)) : new Float64Array(buffer, address, length);
}

function hashOf(row: Float32Array): string {
  // A copy, since what is shared can't be hashed.
  return createHash('sha256').update(row.slice()).digest('hex');
}
