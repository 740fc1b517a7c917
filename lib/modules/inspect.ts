import { askModule, type ModuleQuestion } from './exports.js';
import type { ModuleFacts } from './module.js';
import { importModule } from './module-host.js';

/** What is asked of a module before its run is planned. */
export interface InspectionRequest extends ModuleQuestion {
  readonly file: string;
}

/** Loads a module and asks it. Runs the user's code: only in a thread. Throws a ModuleError. */
export async function inspectModule({ file, ...question }: InspectionRequest): Promise<ModuleFacts> {
  return askModule(question, await importModule(question.kind, file, 'inspection'), file);
}
