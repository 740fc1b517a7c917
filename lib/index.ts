/** Byzantium's public API. Importing it starts nothing. */
export { aggregate, preaggregate, type AggregateOptions } from './aggregators/aggregate.js';
export { NoAggregateError, NonFiniteRowsError, PreconditionError } from './aggregators/errors.js';
export { craft, type CraftOptions } from './attacks/craft.js';
export { DataError } from './data/dataset.js';
export { PartitionError } from './data/partition.js';
export { KernelsError } from './kernels/load.js';
export { ArenaLimitError } from './memory/arena.js';
export type { Manifest, PhaseSeconds, RoundRecord, RunResult } from './run/records.js';
export { ParameterError } from './registry/problems.js';
export { RunFolderError } from './run/run-folder.js';
export { catalogue, type CatalogueEntry, type CatalogueParameter } from './scenario/catalogue.js';
export type { Momentum, Named, Placement, ResolvedRun, RunConfiguration } from './scenario/configuration.js';
export { expand } from './scenario/expand.js';
export { ScenarioError } from './scenario/problems.js';
export { ScheduleError } from './scenario/schedule.js';
export { OptionError } from './training/session.js';
export { simulate, type SimulateOptions, type Simulation } from './training/simulate.js';
export { ThreadError } from './training/thread-error.js';
