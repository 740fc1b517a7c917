import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { show } from '../registry/names.js';

/** A module's file as a run is pinned to it. */
export interface ModuleFile {
  /** Absolute, since a manifest is handed back from anywhere. */
  readonly module: string;
  readonly sha256: string;
}

/** Looks at a module's file without running it. Returns what is wrong as a text: it isn't there, or isn't what `expected` says. */
export function readModuleFile(path: string, expected: unknown): ModuleFile | string {
  const module = resolve(path);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(module);
  } catch (error) {
    return `${module} can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}): name an ES module, relative to the scenario's file`;
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (expected === undefined || expected === sha256) return { module, sha256 };
  return `${module} is not what it was: its SHA-256 is ${sha256}, and "sha256" says ${show(expected)}; bring the file back, or leave "sha256" out to run it as it is`;
}
