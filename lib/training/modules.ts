import type { Shape } from '../aggregators/aggregator.js';
import { PreconditionError } from '../aggregators/errors.js';
import type { InspectionRequest } from '../modules/inspect.js';
import { type ModuleFacts, type ModuleKind, PlannedModule } from '../modules/module.js';
import type { ModuleTask } from '../modules/module-host.js';
import { chainStages } from '../preaggregators/stages.js';
import { PREAGGREGATORS } from '../preaggregators/registry.js';
import type { Named } from '../registry/parameters.js';
import type { RunConfiguration } from '../scenario/configuration.js';
import { BESIDE } from '../scenario/registries.js';
import { ask, askingPool, type Question } from './ask.js';

/** A configuration whose modules have said what they need, and these modules as the threads load them. */
export interface InspectedRun {
  readonly configuration: RunConfiguration;
  readonly modules: readonly ModuleTask[];
}

/** Keys that are no parameters of the module's own, beside those of its kind. */
const APART: readonly string[] = ['name', 'module', 'sha256', 'preset'];

/** Seconds that a module has to load and to answer. */
const PATIENCE = 10;

export interface ModuleOptions {
  /** Looks after each call in a run whether the rows that it was handed are unchanged. */
  readonly debug?: boolean | undefined;
  /** Ends the asking. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Loads a run's modules in a thread of their own and asks each what it needs for the shapes that reach it. Throws a ModuleError for one
 * that can't be used or doesn't answer within 10 s, a PreconditionError for what its `check` says unless `allowUnsafe`, the signal's reason.
 */
export async function inspectModules(configuration: RunConfiguration, d: number, { debug = false, signal }: ModuleOptions): Promise<InspectedRun> {
  const { workers, preaggregators, aggregator, attack, byzantine, allowUnsafe } = configuration;
  if (![...preaggregators, aggregator, attack].some(isModule)) return { configuration, modules: [] };
  const pool = askingPool('inspect');
  const modules: ModuleTask[] = [];

  const plan = async <Of extends Named>(kind: ModuleKind, named: Of, shapes: readonly Shape[]): Promise<Of> => {
    const { module, sha256 } = named;
    if (!isModule(named) || typeof module !== 'string' || typeof sha256 !== 'string') return named;
    const beside = [...APART, ...BESIDE[kind]];
    const given = Object.fromEntries(Object.entries(named).filter(([key]) => !beside.includes(key)));
    const facts = await ask<ModuleFacts>(pool, questionOf({ kind, file: module, given, beside, shapes: shapes.map(({ n, f, d }) => ({ n, f, d })) }), signal);
    if (facts.broken !== undefined && !allowUnsafe) throw new PreconditionError(`${module}: ${facts.broken}`);
    modules.push({ kind, file: module, parameters: facts.parameters, debug });
    return { ...named, planned: new PlannedModule({ module, sha256 }, facts, modules.length - 1) };
  };

  try {
    const { f } = aggregator;
    // Rows that aren't finite are dropped first: whatever follows may see fewer.
    let shapes = Array.from({ length: Math.min(f, workers - 1) + 1 }, (_, removed): Shape => ({ n: workers - removed, f: f - removed, d, removed }));
    const chain: Named[] = [];
    for (const named of preaggregators) {
      const planned = await plan('preaggregator', named, shapes);
      chain.push(planned);
      shapes = shapes.map((shape) => chainStages(PREAGGREGATORS, [planned], shape).shape);
    }
    return {
      configuration: {
        ...configuration,
        preaggregators: chain,
        aggregator: await plan('aggregator', aggregator, shapes),
        attack: await plan('attack', attack, [{ n: workers, f: byzantine.count, d, removed: 0 }]),
      },
      modules,
    };
  } finally {
    await pool.destroy();
  }
}

function questionOf(request: InspectionRequest): Question {
  return { request, patience: PATIENCE, late: `didn't load and answer within ${PATIENCE} s: it, its check, its state or its rowsOut never ends` };
}

function isModule(named: Named): boolean {
  return named.name === 'module' && typeof named['module'] === 'string';
}
