import type { Aggregator } from '../aggregators/aggregator.js';
import { AGGREGATORS } from '../aggregators/registry.js';
import { actsOnData, type AttackShape, type PipelineNeed } from '../attacks/attack.js';
import { ATTACKS } from '../attacks/registry.js';
import { withoutWeights } from '../attacks/trials.js';
import { plannedModel } from '../models/tensorflow/specification.js';
import { PREAGGREGATORS } from '../preaggregators/registry.js';
import { chainStages, stageOf } from '../preaggregators/stages.js';
import { join, type Problem } from '../registry/problems.js';
import type { RunConfiguration } from './configuration.js';
import { configuredPolicy, isAsynchronous } from './asynchronous.js';
import { compileDamping } from './damping.js';
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
  const { workers: n, byzantine, aggregator, attack, preaggregators, rounds, server } = configuration;
  // Without a rule there is nothing that rows could break; what a mode itself refuses is refused when the run is resolved.
  if (Object.hasOwn(MODES.get(configuration.mode.name).unused, 'aggregator')) return NOTHING;
  const mode = isAsynchronous(configuration) ? checkAsynchronous(configuration, d) : { ...NOTHING, rowsAtRule: n };
  const rows = mode.rowsAtRule ?? n;
  const chain = inScenario(() => chainStages(PREAGGREGATORS, preaggregators, { n: rows, f: aggregator.f, d, removed: 0 }));
  const rule = inScenario(() => stageOf(AGGREGATORS, aggregator, chain.shape, BESIDE.aggregator));
  const checks = [
    mode,
    ...chain.stages.map((stage, place) => checkStage(stage, join('preaggregators', String(place)))),
    checkStage(rule, 'aggregator'),
    checkServer(rule.rule, server),
    checkAttack(attack, { n, f: byzantine.count, d }, rounds, (name, need) => withoutWeights(name, need, chain.stages.map((stage) => stage.rule), rule.rule)),
    checkTiming(configuration),
    checkModel(configuration),
  ];
  return {
    broken: checks.flatMap(({ broken }) => broken),
    impossible: checks.flatMap(({ impossible }) => impossible),
    warnings: checks.flatMap(({ warnings }) => warnings),
  };
}

const NOTHING: RunCheck = { broken: [], impossible: [], warnings: [] };

/** The policy's precondition, and keys that it has no use for; `rowsAtRule`: how many rows reach the rule, undefined when none do. */
function checkAsynchronous(configuration: RunConfiguration, d: number): RunCheck & { readonly rowsAtRule: number | undefined } {
  const { workers: n, aggregator, preaggregators } = configuration;
  const { policy, parameters, damping, slow, crashes } = inScenario(() => configuredPolicy(configuration));
  const shape = { n, f: aggregator.f, d };
  compileDamping(damping, shape)(0);
  const rowsAtRule = policy.rowsAtRule(shape, parameters);
  const useless = rowsAtRule === undefined && (aggregator.name !== 'mean' || preaggregators.length > 0);
  const beyond = crashes.findIndex(({ worker, at, until = Infinity }) => worker >= n || until <= at);
  return {
    broken: problem('mode.policy', policy.check(shape, parameters)),
    impossible: [
      ...problem('mode.policy', useless ? `${policy.name} steps with each row by itself and has no use for a rule: write "aggregator": "mean" and no preaggregators` : undefined),
      ...problem('aggregator', AGGREGATORS.get(aggregator.name).needs === undefined ? undefined : `${aggregator.name} needs the server's data at the parameters of the round, which the mode asynchronous does not give: use "mode": "synchronous"`),
      ...problem('mode.slow', slow.count <= n ? undefined : `${slow.count} slow workers of ${n}: it must be at most ${n}`),
      ...problem(`mode.crashes.${beyond}`, beyond === -1 ? undefined : `a crash needs a worker below ${n}, and an end (until) after its beginning (at)`),
    ],
    warnings: [],
    rowsAtRule,
  };
}

/** What a model of the user's own runs on, where it could run on something faster. */
function checkModel({ model }: RunConfiguration): RunCheck {
  const note = plannedModel(model)?.note;
  return { ...NOTHING, warnings: note === undefined ? [] : [`model: ${note}`] };
}

/** Attacks on when rows are sent need a mode in which that matters. */
function checkTiming(configuration: RunConfiguration): RunCheck {
  const { start, stop } = configuration.attack;
  const attack = ATTACKS.get(configuration.attack.name);
  const asynchronous = isAsynchronous(configuration);
  if (asynchronous && attack.backdoor !== undefined) {
    return { ...NOTHING, impossible: problem('attack', `${attack.name} plants a backdoor, which only synchronous training measures: use "mode": "synchronous"`) };
  }
  if (actsOnData(attack)) {
    const windowed = asynchronous && (start !== undefined || stop !== undefined);
    return { ...NOTHING, impossible: problem('attack', windowed ? `${attack.name} acts on data, and in the mode asynchronous no worker knows the server's round: leave out start and stop` : undefined) };
  }
  if (asynchronous) {
    const shape = { n: configuration.workers, f: configuration.byzantine.count, d: UNKNOWN_LENGTH };
    const given = scheduledParameters(attack, configuration.attack, { path: 'attack', beside: BESIDE.attack })({ t: start ?? 0, n: shape.n, f: shape.f });
    const needs = attack.needsPipeline?.(attack.resolve(given, shape));
    return { ...NOTHING, impossible: problem('attack', needs === undefined ? undefined : `${attack.name} searches against a round's pre-aggregators and rule, and the mode asynchronous has no rounds in which all rows are there: use "mode": "synchronous"`) };
  }
  if (attack.timing === undefined) return NOTHING;
  return { ...NOTHING, impossible: problem('attack', `${attack.name} acts on when rows are sent, and in the mode ${configuration.mode.name} all are sent at once: it needs "mode": "asynchronous"`) };
}

function checkStage({ broken, impossible }: { readonly broken: string | undefined; readonly impossible: string | undefined }, path: string): RunCheck {
  return { broken: problem(path, broken), impossible: problem(path, impossible), warnings: [] };
}

function checkServer({ name, needs }: Aggregator, server: RunConfiguration['server']): RunCheck {
  const idle = server?.samples !== undefined && needs === undefined;
  const warnings = idle ? [`server.samples: ${server.samples} training samples are kept from the workers and nothing uses them: ${name} needs no data at the server`] : [];
  return { broken: [], impossible: [], warnings };
}

function checkAttack(named: RunConfiguration['attack'], shape: AttackShape, rounds: number, unmet: (attack: string, need: PipelineNeed | undefined) => string | undefined): RunCheck {
  const attack = inScenario(() => ATTACKS.get(named.name, 'attack.name'));
  const { start = 0, stop = Infinity } = named;
  if (attack.name === 'none') return warned(named.start === undefined && named.stop === undefined ? undefined : 'none changes nothing, so neither do its start and stop');
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
    const impossible = actsOnData(attack) ? undefined : unmet(attack.name, attack.needsPipeline?.(parameters));
    if (impossible !== undefined) return { ...warned(warning), broken: problem('attack', impossible), impossible: problem('attack', impossible) };
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
