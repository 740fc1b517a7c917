import { allowedNames, show } from './names.js';
import { ParameterError } from './problems.js';

/*
 * What every registry of rules, attacks, data sets … is, and how their parameters are checked. A room of its own because all of
 * them and the scenarios stand on it: it imports nothing of theirs.
 */

/** What is registered, by its name. Iterates in the order of the catalogue. */
export interface Registry<Registered extends { readonly name: string }> extends Iterable<Registered> {
  /** What a message calls one of them. */
  readonly kind: string;
  readonly names: readonly string[];
  /** Undefined when there is none of that name. */
  find(name: string): Registered | undefined;
  /** Throws a ParameterError that names the nearest known one; `path` is where it says that the name stands. */
  get(name: string, path?: string): Registered;
}

/** A registry of these, under the names that they give themselves. `unlisted` are found by name and nowhere shown. Throws when two have the same. */
export function registry<Registered extends { readonly name: string }>(kind: string, entries: readonly Registered[], unlisted: readonly Registered[] = []): Registry<Registered> {
  const byName: ReadonlyMap<string, Registered> = new Map(entries.map((entry) => [entry.name, entry]));
  const names = Object.freeze([...byName.keys()]);
  if (names.length < entries.length) throw new RangeError(`two are called the same among these: ${entries.map(({ name }) => name).join(', ')}`);
  const found = new Map([...byName, ...unlisted.map((entry) => [entry.name, entry] as const)]);
  return Object.freeze({
    kind,
    names,
    find: (name: string) => found.get(name),
    get: (name: string, path = '') => {
      const entry = found.get(name);
      if (entry === undefined) throw new ParameterError([{ path, message: `${show(name)} is no ${kind}; ${allowedNames(name, names)}` }]);
      return entry;
    },
    [Symbol.iterator]: () => byName.values(),
  });
}
