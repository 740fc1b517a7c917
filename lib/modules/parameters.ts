import { z } from 'zod';
import { type ModuleFacts, PlannedModule } from './module.js';

/* Apart from module.ts, because threads load that one and have no use for schemas: zod takes some 8 MiB in each. */

/** What a scenario says of a module. Other keys are the module's own parameters; `planned` is added when the run is planned. */
export const moduleParameters = z.looseObject({
  module: z.string().min(1).describe('the file of an ES module of your own, relative to the scenario\'s; it runs with your rights'),
  sha256: z.string().optional().describe('what the file has to be, lower-case hexadecimal; written into manifests'),
  planned: z.instanceof(PlannedModule).optional(),
});

export type ModuleGiven = z.infer<typeof moduleParameters>;

/** The planned module, or what is known of one before it is: nothing that could break. */
export function plannedOf({ module, sha256 = '', planned }: ModuleGiven): PlannedModule {
  return planned ?? new PlannedModule({ module, sha256 }, UNKNOWN, 0);
}

const UNKNOWN: ModuleFacts = { parameters: {}, broken: undefined, state: 0, rowsOut: [], mixes: true, knowledge: 'omniscient', shared: false };
