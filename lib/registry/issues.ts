import { z } from 'zod';
import { allowedNames, either, show } from './names.js';
import { join, type Problem } from './problems.js';

type Issue = z.core.$ZodIssue;
type Schema = z.core.$ZodType;

/** What was refused. */
export interface Refused {
  readonly schema: Schema;
  readonly value: unknown;
  /** Where the value stands. */
  readonly path: string;
  /** Keys that are checked elsewhere, to be named among the allowed ones. */
  readonly beside: readonly string[];
}

/** Why a schema refused a value, in this project's words: what was given, what is allowed, and the nearest known name. */
export function problemsWith({ issues }: z.core.$ZodError, refused: Refused): Problem[] {
  return tightest(issues).flatMap((issue) => problemsOf(issue, refused));
}

/** Of several limits that one value is beyond, the narrowest: a whole number is checked against what a double holds exactly, too. One value's issues follow one another. */
function tightest<Of extends Issue>(issues: readonly Of[]): Of[] {
  const kept: Of[] = [];
  for (const issue of issues) {
    const last = kept.at(-1);
    if (last !== undefined && samePath(last, issue)) {
      if (isWithin(last, issue)) continue;
      if (isWithin(issue, last)) kept.pop();
    }
    kept.push(issue);
  }
  return kept;
}

function samePath(one: Issue, other: Issue): boolean {
  return one.path.length === other.path.length && one.path.every((key, place) => key === other.path[place]);
}

/** True when what the first limit allows, the second one does. */
function isWithin(narrow: Issue, wide: Issue): boolean {
  if (narrow.code === 'too_big' && wide.code === 'too_big') return narrow.maximum <= wide.maximum;
  return narrow.code === 'too_small' && wide.code === 'too_small' && narrow.minimum >= wide.minimum;
}

/** The keys that a schema of an object knows; none for other schemas. */
export function knownKeys(schema: Schema): readonly string[] {
  return keysAt(schema, [], undefined);
}

function problemsOf(issue: Issue, root: Refused): Problem[] {
  const path = issue.path.reduce<string>((at, key) => join(at, String(key)), root.path);
  const value = valueAt(root.value, issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = [...(issue.path.length === 0 ? root.beside : []), ...keysAt(root.schema, issue.path, root.value)];
    return issue.keys.map((key) => ({ path: join(path, key), message: `unknown key ${show(key)}; ${allowedNames(key, known)}` }));
  }
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.map((issues) => issues.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })));
    const inside = branches.filter((issues) => issues.every((inner) => !aboutItself(inner, issue)));
    const [only] = inside;
    if (only !== undefined && inside.length === 1) return tightest(only).flatMap((inner) => problemsOf(inner, root));
  }
  const names = [...kindsOf(issue), ...wordsOf(issue, root)];
  if (names.length > 0 && typeof value === 'string') return [{ path, message: `${show(value)} is unknown; ${allowedNames(value, names)}` }];
  if (value === undefined) return [{ path, message: `is required: ${requirement(issue, root)}` }];
  if (issue.code === 'invalid_value' && typeof value === 'string' && issue.values.every((allowed) => typeof allowed === 'string')) {
    return [{ path, message: `${show(value)} is unknown; ${allowedNames(value, issue.values)}` }];
  }
  return [{ path, message: `${show(value)} is not allowed: it must be ${requirement(issue, root)}` }];
}

/** True when an alternative of a union refuses the value as a whole, and so says nothing about what is wrong inside it. */
function aboutItself(inner: Issue, issue: Issue): boolean {
  return inner.path.length === issue.path.length && (inner.code === 'invalid_type' || inner.code === 'invalid_value' || inner.code === 'invalid_union');
}

/** What a value has to be, to go after "it must be". */
function requirement(issue: Issue, root: Refused): string {
  return either(alternatives(issue, root));
}

/** Where one key says which of several kinds of object it is, and says none of them: what it may say. */
function kindsOf(issue: Issue): string[] {
  return issue.code === 'invalid_union' && issue.errors.length === 0 && 'options' in issue ? (issue.options ?? []).map(String) : [];
}

/** Where a bare word stands for an object that has it as its name or kind: those words. */
function wordsOf(issue: Issue, root: Refused): string[] {
  if (issue.code !== 'invalid_union') return [];
  const words = issue.errors.flatMap((issues) => issues.flatMap((inner) => (inner.code === 'invalid_value' ? inner.values.map(String) : [])));
  const named = toldApartAt(root.schema, issue.path, root.value)?.kinds ?? [];
  return words.every((word) => named.includes(word)) ? words : [];
}

function alternatives(issue: Issue, root: Refused): string[] {
  const kinds = kindsOf(issue);
  if (kinds.length > 0) return kinds.map(show);
  if (issue.code === 'invalid_union') {
    return issue.errors.flatMap((issues) => tightest(issues).slice(0, 1).flatMap((inner) => alternatives({ ...inner, path: [...issue.path, ...inner.path] }, root)));
  }
  if (issue.code === 'invalid_value') return issue.values.map((value) => show(typeof value === 'bigint' || typeof value === 'symbol' ? String(value) : value));
  return [single(issue, root)];
}

function single(issue: Issue, root: Refused): string {
  switch (issue.code) {
    case 'invalid_type': {
      const told = issue.expected === 'object' ? toldApartAt(root.schema, issue.path, root.value) : undefined;
      if (told !== undefined) return `an object whose ${told.key} is ${either(told.kinds.map(show))}`;
      const keys = issue.expected === 'object' ? keysAt(root.schema, issue.path, root.value) : [];
      if (keys.length > 0) return `an object of ${keys.join(', ')}`;
      return TYPES[issue.expected] ?? issue.expected;
    }
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${bound(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${bound(issue.origin, issue.maximum)}`;
    default:
      return issue.message;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
};

function bound(origin: string, limit: number | bigint): string {
  if (origin === 'array' || origin === 'set') return `${limit} long`;
  if (origin === 'string') return `${limit} characters long`;
  // Nobody counts so many digits.
  if (Math.abs(Number(limit)) >= 1e21) return String(limit);
  return limit.toLocaleString('en', { maximumFractionDigits: 20 });
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<PropertyKey, unknown>>)[key];
  }
  return value;
}

function keysAt(schema: Schema, path: readonly PropertyKey[], value: unknown): readonly string[] {
  const meant = schemasAt(schema, path, value).flatMap((found) => (found instanceof z.ZodDiscriminatedUnion ? optionsFor(found, valueAt(value, path)) : [found]));
  return [...new Set(meant.flatMap((found) => (found instanceof z.ZodObject ? Object.keys(found.shape) : [])))];
}

/** Where a key of an object says which of several kinds it is: that key, and what it may say. */
function toldApartAt(schema: Schema, path: readonly PropertyKey[], value: unknown): { readonly key: string; readonly kinds: readonly string[] } | undefined {
  const union = schemasAt(schema, path, value).find((found) => found instanceof z.ZodDiscriminatedUnion);
  if (union === undefined) return undefined;
  const { discriminator } = union.def;
  return { key: discriminator, kinds: union.options.flatMap((option) => [...(kindIn(option, discriminator)?.values ?? [])].map(String)) };
}

/** What may stand where a path leads to: several schemas, where there are alternatives and nothing says which of them is meant. */
function schemasAt(schema: Schema, path: readonly PropertyKey[], value: unknown): readonly Schema[] {
  const inner = unwrap(schema);
  const [key, ...rest] = path;
  if (key === undefined && inner instanceof z.ZodDiscriminatedUnion) return [inner];
  if (inner instanceof z.ZodUnion) return optionsFor(inner, value).flatMap((option) => schemasAt(option, path, value));
  if (key === undefined) return [inner];
  const child = inner instanceof z.ZodArray ? inner.element : inner instanceof z.ZodObject ? (inner.shape as Readonly<Record<PropertyKey, Schema>>)[key] : undefined;
  return child === undefined ? [] : schemasAt(child, rest, valueAt(value, [key]));
}

/** The alternatives that a value may mean: one, where a key of it says which. */
function optionsFor(union: z.ZodUnion, value: unknown): readonly Schema[] {
  if (!(union instanceof z.ZodDiscriminatedUnion)) return union.options;
  const { discriminator } = union.def;
  const meant = union.options.filter((option) => kindIn(option, discriminator)?.safeParse(valueAt(value, [discriminator])).success);
  return meant.length > 0 ? meant : union.options;
}

/** What an alternative's key says that it is. */
function kindIn(option: Schema, discriminator: string): z.ZodLiteral | undefined {
  const kind = option instanceof z.ZodObject ? (option.shape as Readonly<Record<string, unknown>>)[discriminator] : undefined;
  return kind instanceof z.ZodLiteral ? kind : undefined;
}

function unwrap(schema: Schema): Schema {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodNullable) {
    return unwrap(schema.unwrap());
  }
  return schema instanceof z.ZodPipe ? unwrap(schema.in) : schema;
}
