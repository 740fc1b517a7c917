import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from './dataset.js';

/**
 * Finds a data set's files in the first of `folders` whose subfolder `subfolder` has all of them, each under its name with one of
 * `suffixes`; the first suffix wins. Put first what the download writes, so that a download repairs a damaged file of the other kind.
 * Returns their paths in the order of `names`. Throws a DataError that lists every folder looked in, what is missing there,
 * and the command that gets the files.
 */
export async function findFiles(
  dataset: string,
  subfolder: string,
  names: readonly string[],
  folders: readonly string[],
  suffixes: readonly string[] = ['.gz', ''],
): Promise<string[]> {
  const looked: string[] = [];
  for (const folder of folders) {
    const place = join(folder, subfolder);
    const paths: string[] = [];
    const missing: string[] = [];
    for (const name of names) {
      const path = await firstReadable(suffixes.map((suffix) => join(place, name + suffix)));
      if (path === undefined) missing.push(name);
      else paths.push(path);
    }
    if (missing.length === 0) return paths;
    looked.push(missing.length === names.length ? place : `${place} (there, but without ${missing.join(', ')})`);
  }
  throw new DataError(
    `the files of the data set "${dataset}" are missing: ${names.join(', ')}, each plain or .gz; ` +
      `looked in ${looked.length === 0 ? 'no folder, because none was given' : looked.join(', ')}; ${remedy(dataset)}`,
  );
}

/**
 * As `findFiles`, for a data set that can do with some of its files: the first of `folders` that has all of `wanted.all` and, unless it is empty, at
 * least one of `wanted.any`. Returns the paths of those that are there, by name.
 */
export async function findAvailableFiles(
  dataset: string,
  subfolder: string,
  wanted: { readonly any: readonly string[]; readonly all: readonly string[] },
  folders: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const looked: string[] = [];
  for (const folder of folders) {
    const place = join(folder, subfolder);
    const found = new Map<string, string>();
    for (const name of [...wanted.any, ...wanted.all]) {
      const path = await firstReadable([`${name}.gz`, name].map((file) => join(place, file)));
      if (path !== undefined) found.set(name, path);
    }
    const missing = wanted.all.filter((name) => !found.has(name));
    const none = wanted.any.length > 0 && !wanted.any.some((name) => found.has(name));
    if (missing.length === 0 && !none) return found;
    const without = [...(none ? [`any of ${wanted.any.join(', ')}`] : []), ...missing].join(', ');
    looked.push(found.size === 0 ? place : `${place} (there, but without ${without})`);
  }
  const names = [...wanted.all, ...(wanted.any.length > 0 ? [`at least one of ${wanted.any.join(', ')}`] : [])];
  throw new DataError(
    `files of the data set "${dataset}" are missing: ${names.join(', ')}, each plain or .gz; ` +
      `looked in ${looked.length === 0 ? 'no folder, because none was given' : looked.join(', ')}; ${remedy(dataset)}`,
  );
}

/** The end of every error about a data file: how to get a good one. */
export function remedy(dataset: string): string {
  return `get it with \`npm run data -- ${dataset}\`, or name the folder that has it with --data or BYZANTIUM_DATA`;
}

async function firstReadable(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    try {
      await access(path);
      return path;
    } catch {
      // Not there: the next spelling.
    }
  }
  return undefined;
}
