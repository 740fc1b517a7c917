import { askModule, type ModuleShape } from './exports.js';
import type { ModuleFacts, ModuleKind } from './module.js';
import { importModule } from './module-host.js';

/** What is asked of a module before its run is planned. */
export interface InspectionRequest {
  readonly kind: ModuleKind;
  readonly file: string;
  /** Its parameters, as the scenario gives them. */
  readonly given: Readonly<Record<string, unknown>>;
  /** Those that may reach it, by how many rows were removed before. */
  readonly shapes: readonly ModuleShape[];
}

/** Loads a module and asks it. Runs the user's code: only in a thread. Throws a ModuleError. */
export async function inspectModule({ kind, file, given, shapes }: InspectionRequest): Promise<ModuleFacts> {
  return askModule(kind, await importModule(kind, file, 'inspection'), given, shapes, file);
}
