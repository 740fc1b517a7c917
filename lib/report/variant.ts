/**
 * What varies between runs, in words: `{ aggregator: { name: 'krum', preset: 'baruch-2019-code' }, attack: { name: 'alie', z: 1.5 } }`
 * is `krum · baruch-2019-code, alie z=1.5`. Paths other than the rule and the attack keep their path: `byzantine.count=12`.
 */
export function describeVariant(varied: Readonly<Record<string, unknown>>): string {
  const { rule, attack, setting } = splitVariant(varied);
  return [rule, attack, setting].filter((part) => part !== '').join(', ');
}

/** The parts of a variant that the report lays out on its own axes; empty where nothing of that part varies. */
export interface VariantParts {
  readonly rule: string;
  readonly attack: string;
  /** Everything else, the seed included. */
  readonly setting: string;
}

/** A known rule and attack for paths that only vary a parameter, such as `attack.z`. */
export interface VariantBase {
  readonly aggregator?: Specification | undefined;
  readonly attack?: Specification | undefined;
}

/** A name and a preset, as far as a description needs them. */
export interface Specification {
  readonly name: string;
  /** The file of one named `module`: what it is called by. */
  readonly module?: string | undefined;
  readonly preset?: string | undefined;
}

/** {@link describeVariant} by its parts. */
export function splitVariant(varied: Readonly<Record<string, unknown>>, base: VariantBase = {}): VariantParts {
  const others = Object.entries(varied).filter(([path]) => !isWithin(path, 'aggregator') && !isWithin(path, 'attack'));
  return {
    rule: describeKind(varied, 'aggregator', base.aggregator),
    attack: attackInWords(describeKind(varied, 'attack', base.attack)),
    setting: others.map(([path, value]) => `${path}=${describeValue(value)}`).join(', '),
  };
}

/** A value of a scenario in one line: a registry's entry as `name · preset parameter=value`, a list joined by `+`, the rest as JSON. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return describeList(value);
  if (isRecord(value)) return describeSpecification(value);
  return value === undefined ? 'unset' : JSON.stringify(value);
}

function describeKind(varied: Readonly<Record<string, unknown>>, kind: 'aggregator' | 'attack', base: Specification | undefined): string {
  const given = varied[kind];
  const parameters = Object.entries(varied)
    .filter(([path]) => path.startsWith(`${kind}.`))
    .map(([path, value]) => [path.slice(kind.length + 1), value] as const);
  const start = isRecord(given) ? given : typeof given === 'string' ? { name: given } : { ...base };
  return describeSpecification({ ...start, ...Object.fromEntries(parameters) });
}

function describeSpecification(specification: Readonly<Record<string, unknown>>): string {
  const { name, preset, module, tfjs, sha256: _sha256, ...parameters } = specification;
  const file = module ?? tfjs;
  // What is the user's own is called by its file.
  const title = [name === undefined || name === 'module' || name === 'tfjs' ? (file ?? name) : name, preset].filter((part) => typeof part === 'string' && part !== '').join(' · ');
  const given = Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([parameter, value]) => `${parameter}=${describeValue(value)}`);
  return [title, ...given].filter((part) => part !== '').join(' ');
}

function describeList(values: readonly unknown[]): string {
  if (values.length === 0) return 'none';
  const numbers = values.every((value) => typeof value === 'number');
  return numbers ? JSON.stringify(values) : values.map(describeValue).join(' + ');
}

/** What stands in an attack's place where there is none. */
export const NO_ATTACK = 'no attack';

function attackInWords(attack: string): string {
  return attack === 'none' ? NO_ATTACK : attack;
}

function isWithin(path: string, kind: string): boolean {
  return path === kind || path.startsWith(`${kind}.`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
