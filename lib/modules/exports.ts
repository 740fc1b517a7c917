import { isKnowledge, KNOWLEDGE } from '../registry/knowledge.js';
import { allowedNames } from '../registry/names.js';
import { kindOf } from '../registry/options.js';
import { MODULE_FUNCTIONS, ModuleError, type ModuleFacts, type ModuleKind } from './module.js';

/** The numbers that a module's `check`, `state` and `rowsOut` are asked about. */
export interface ModuleShape {
  readonly n: number;
  readonly f: number;
  readonly d: number;
}

/** A module's exports, with its function among them whatever it exported it as. */
export type ModuleExports = Readonly<Record<string, unknown>>;

/** Reads what `import()` gave: the exports by name, or a default export that is an object of them or the function itself. Throws a ModuleError. */
export function readExports(kind: ModuleKind, namespace: ModuleExports, file: string): ModuleExports {
  const name = MODULE_FUNCTIONS[kind];
  const { default: standard } = namespace;
  const exported = typeof standard === 'function' ? { ...namespace, [name]: standard } : typeof standard === 'object' && standard !== null ? (standard as ModuleExports) : namespace;
  if (typeof exported[name] !== 'function') {
    throw new ModuleError(`${file}: an ${kind === 'preaggregator' ? 'pre-aggregator' : kind} of your own exports a function "${name}", or has it as its default export; ${Object.keys(namespace).length === 0 ? 'this module exports nothing' : `this module exports ${Object.keys(namespace).join(', ')}`}`);
  }
  return exported;
}

/** What is asked of a module before it is used. */
export interface ModuleQuestion {
  readonly kind: ModuleKind;
  /** Its parameters, as the scenario gives them. */
  readonly given: Readonly<Record<string, unknown>>;
  /** Keys that stand beside its parameters and mean something else. */
  readonly beside: readonly string[];
  /** Those that may reach it, by how many rows were removed before. */
  readonly shapes: readonly ModuleShape[];
}

/** What a module says of itself. `file`: how messages name it. Throws a ModuleError. */
export function askModule({ kind, given, beside, shapes }: ModuleQuestion, exported: ModuleExports, file: string): ModuleFacts {
  const refuse = (what: string): never => { throw new ModuleError(`${file}: ${what}`); };
  const defaults = exported['parameters'] ?? {};
  if (typeof defaults !== 'object' || Array.isArray(defaults)) refuse(`"parameters" has to be an object of the parameters' defaults, and is ${kindOf(defaults)}`);
  const known = Object.keys(defaults);
  const taken = known.find((key) => beside.includes(key));
  if (taken !== undefined) refuse(`"parameters" can't have a "${taken}": beside "module" that key means something else (${beside.join(', ')} do); give the parameter another name`);
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) refuse(`unknown parameter "${unknown}"; ${allowedNames(unknown, known)}: they are the keys of the exported "parameters"`);
  const parameters = { ...defaults, ...given };
  const alive = Object.entries(parameters).find(([, value]) => !isPlain(value));
  if (alive !== undefined) refuse(`"parameters" has to hold numbers, texts, true, false, null, and lists and objects of them; "${alive[0]}" doesn't`);

  const ask = (name: string, shape: ModuleShape, fallback: unknown): unknown => {
    const question = exported[name];
    if (question === undefined) return fallback;
    if (typeof question !== 'function') return refuse(`"${name}" has to be a function of { n, f, d, parameters }, and is ${kindOf(question)}`);
    try {
      return (question as (about: object) => unknown).call(exported, { ...shape, parameters });
    } catch (error) {
      return refuse(`${name} threw: ${messageOf(error)}`);
    }
  };
  const count = (name: string, shape: ModuleShape, least: number, fallback: number): number => {
    const value = ask(name, shape, fallback);
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
    return refuse(`${name} has to give a whole number of at least ${least}, and gave ${typeof value === 'number' ? value : kindOf(value)}`);
  };

  const [shape] = shapes;
  if (shape === undefined) return refuse('there is no shape to ask about');
  const broken = ask('check', shape, undefined);
  if (broken === '' || (broken !== undefined && typeof broken !== 'string')) refuse(`check has to return a text that says what breaks, or nothing, and returned ${broken === '' ? 'an empty text' : kindOf(broken)}`);
  const { knowledge = 'omniscient' } = exported;
  const truth = (name: string, fallback: boolean): boolean => {
    const value = exported[name] ?? fallback;
    return typeof value === 'boolean' ? value : refuse(`"${name}" has to be true or false, and is ${kindOf(value)}`);
  };
  if (!isKnowledge(knowledge)) return refuse(`"knowledge" has to be ${KNOWLEDGE.join(', ')}, and is ${typeof knowledge === 'string' ? `"${knowledge}"` : kindOf(knowledge)}`);
  return {
    parameters: structuredClone(parameters),
    broken: broken as string | undefined,
    state: kind === 'preaggregator' ? 0 : count('state', shape, 0, 0),
    rowsOut: kind === 'preaggregator' ? shapes.map((one) => count('rowsOut', one, 1, one.n)) : [],
    mixes: truth('mixes', true),
    knowledge,
    shared: truth('shared', false),
  };
}

/** Whether JSON holds it, as scenarios and manifests do. */
function isPlain(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.every(isPlain);
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isPlain);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
