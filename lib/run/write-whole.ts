import { renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * A file with all of the text, or none: part of it, which a full disk or a killed process leaves, would pass for the whole. It is written
 * beside as `PATH.partial` first, which must not be there. Throws what the file system says.
 */
export function writeWhole(path: string, text: string): void {
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
