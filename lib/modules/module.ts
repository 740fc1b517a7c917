import { z } from 'zod';
import type { Knowledge } from '../attacks/attack.js';

/** What a user's module may be. */
export type ModuleKind = 'aggregator' | 'preaggregator' | 'attack';

/** The function that a module of each kind has to export. */
export const MODULE_FUNCTIONS = { aggregator: 'aggregate', preaggregator: 'preaggregate', attack: 'craft' } as const satisfies Record<ModuleKind, string>;

/** A module can't be used: names the file and why. Nothing has started. */
export class ModuleError extends Error {
  override name = 'ModuleError';
}

/** What a module says of itself for a run's numbers: asked in a thread before the run is planned. Plain data. */
export interface ModuleFacts {
  /** The defaults that it exports, and over them what the scenario gives. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The precondition that breaks, in its words. */
  readonly broken: string | undefined;
  /** float64 that it keeps from round to round. */
  readonly state: number;
  /** Rows that go out of a pre-aggregator, by how many rows were removed before. */
  readonly rowsOut: readonly number[];
  readonly mixes: boolean;
  readonly knowledge: Knowledge;
  readonly shared: boolean;
}

/** A module of a run that is planned. */
export class PlannedModule implements ModuleFacts {
  readonly module: string;
  readonly sha256: string;
  readonly parameters: ModuleFacts['parameters'];
  readonly broken: string | undefined;
  readonly state: number;
  readonly rowsOut: readonly number[];
  readonly mixes: boolean;
  readonly knowledge: Knowledge;
  readonly shared: boolean;
  /** Its place among the run's modules, as the threads have them. */
  readonly place: number;

  constructor(file: { readonly module: string; readonly sha256: string }, facts: ModuleFacts, place: number) {
    this.module = file.module;
    this.sha256 = file.sha256;
    ({ parameters: this.parameters, broken: this.broken, state: this.state, rowsOut: this.rowsOut, mixes: this.mixes, knowledge: this.knowledge, shared: this.shared } = facts);
    this.place = place;
  }
}

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
