import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it, one level after another from the nearest that is there. (Node's own recursive mkdir never
 * returns below /proc.) Returns those that were not there before, the innermost last. Throws what the system says, or an Error when
 * something above is no folder.
 */
export function makeFolder(path: string): string[] {
  const missing: string[] = [];
  let place = resolve(path);
  for (;;) {
    const found = statSync(place, { throwIfNoEntry: false });
    if (found?.isDirectory() === true) break;
    if (found !== undefined) throw new Error(`${place} is there and is no folder`);
    missing.unshift(place);
    place = dirname(place);
  }
  return missing.filter((folder) => makeOne(folder));
}

/** False when another process made the same folder between the look and the making: then it is there, as it should be. */
function makeOne(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    const madeMeanwhile = (error as NodeJS.ErrnoException).code === 'EEXIST' && statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
    if (!madeMeanwhile) throw error;
    return false;
  }
}
