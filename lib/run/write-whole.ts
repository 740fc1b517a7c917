import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * A new file with all of the text, or none: part of it, which a full disk or a killed process leaves, would pass for the whole. It is written
 * beside as `PATH.partial` first. Throws what the file system says, and an Error when either is there already: nothing is ever overwritten.
 */
export function writeWhole(path: string, text: string): void {
  if (existsSync(path)) throw new Error('is there already, and nothing is ever overwritten');
  const partial = `${path}.partial`;
  writeFileSync(partial, '', { flag: 'wx' });
  try {
    writeFileSync(partial, text);
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial);
    throw error;
  }
}
