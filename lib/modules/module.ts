import type { Knowledge } from '../registry/knowledge.js';

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
