import { AGGREGATORS } from '../aggregators/registry.js';
import type { AttackShape } from '../attacks/attack.js';
import { ATTACKS } from '../attacks/registry.js';
import { PREAGGREGATORS } from '../preaggregators/registry.js';
import { chainStages, stageOf } from '../preaggregators/stages.js';
import { join, type Problem } from '../registry/problems.js';
import type { RunConfiguration } from './configuration.js';
import { MODES } from './modes.js';
import { expressionsOf, scheduledParameters } from './parameters.js';
import { inScenario } from './problems.js';
import { BESIDE } from './registries.js';
import { scheduleToTry } from './schedule.js';

/** What is said of a run before it starts. */
export interface RunCheck {
  /** Preconditions that it breaks: it is refused unless `allowUnsafe`. */
  readonly broken: readonly Problem[];
  /** Those of them that `allowUnsafe` can't lift, because nothing is left to compute. */
  readonly impossible: readonly Problem[];
  /** What a user should know although it runs. */
  readonly warnings: readonly string[];
}

/** More float32 than 4 GiB hold: stands for d before the model is known, so that no rule finds d too small. */
const UNKNOWN_LENGTH = 2 ** 30;

/**
 * The preconditions of the pre-aggregators, the rule and the attack for (n, f, d), each said with its figures and source; and what
 * the attack warns of. Without `d`, only what doesn't depend on it. Throws a ScenarioError when a name or a parameter is not allowed.
 */
export function checkRun(configuration: RunConfiguration, d: number = UNKNOWN_LENGTH): RunCheck {
  const { workers: n, byzantine, aggregator, attack, preaggregators, rounds } = configuration;
  // Without a rule there is nothing that rows could break; what a mode itself refuses is refused when the run is resolved.
  if (Object.hasOwn(MODES.get(configuration.mode.name).unused, 'aggregator')) return { broken: [], impossible: [], warnings: [] };
  const chain = inScenario(() => chainStages(PREAGGREGATORS, preaggregators, { n, f: aggregator.f, d, removed: 0 }));
  const rule = inScenario(() => stageOf(AGGREGATORS, aggregator, chain.shape, BESIDE.aggregator));
  const checks = [
    ...chain.stages.map((stage, place) => checkStage(stage, join('preaggregators', String(place)))),
    checkStage(rule, 'aggregator'),
    checkAttack(attack, { n, f: byzantine.count, d }, rounds),
  ];
  return {
    broken: checks.flatMap(({ broken }) => broken),
    impossible: checks.flatMap(({ impossible }) => impossible),
    warnings: checks.flatMap(({ warnings }) => warnings),
  };
}

function checkStage({ broken, impossible }: { readonly broken: string | undefined; readonly impossible: string | undefined }, path: string): RunCheck {
  return { broken: problem(path, broken), impossible: problem(path, impossible), warnings: [] };
}

function checkAttack(named: RunConfiguration['attack'], shape: AttackShape, rounds: number): RunCheck {
  const attack = inScenario(() => ATTACKS.get(named.name, 'attack.name'));
  const { start = 0, stop = Infinity } = named;
  if (attack.name === 'none') return warned(undefined);
  if (shape.f === 0) return warned(`no worker is Byzantine, so ${attack.name} changes nothing`);
  if (start >= rounds) return warned(`${attack.name} starts in round ${start}, and the last round is ${rounds - 1}`);
  const scheduled = expressionsOf(attack, named).length > 0;
  const given = scheduledParameters(attack, named, { path: 'attack', beside: BESIDE.attack });
  let warning: string | undefined;
  for (const values of scheduleToTry(start, scheduled ? Math.min(stop, rounds) : start + 1, shape.n, shape.f)) {
    const when = scheduled ? `in round ${values['t'] ?? 0}, ` : '';
    const parameters = attack.resolve(given(values), shape);
    const broken = attack.check(shape, parameters);
    // The first round that can't be had or has to be known of stands for the others.
    if (broken !== undefined) return { ...warned(warning), broken: problem('attack', when + broken) };
    const warns = attack.warn(shape, parameters);
    if (warns !== undefined) warning ??= when + warns;
  }
  return warned(warning);
}

function warned(message: string | undefined): RunCheck {
  return { broken: [], impossible: [], warnings: message === undefined ? [] : [`attack: ${message}`] };
}

function problem(path: string, message: string | undefined): Problem[] {
  return message === undefined ? [] : [{ path, message }];
}
