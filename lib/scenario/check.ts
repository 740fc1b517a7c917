import type { Aggregator } from '../aggregators/aggregator.js';
import { AGGREGATORS } from '../aggregators/registry.js';
import { SERVER_NEEDS, type ServerNeed } from '../aggregators/server-access.js';
import { actsOnData, type AttackShape, type PipelineNeed } from '../attacks/attack.js';
import { ATTACKS } from '../attacks/registry.js';
import { withoutWeights } from '../attacks/trials.js';
import { plannedModel } from '../models/tensorflow/specification.js';
import { PREAGGREGATORS } from '../preaggregators/registry.js';
import { chainStages, stageOf } from '../preaggregators/stages.js';
import { join, type Problem } from '../registry/problems.js';
import type { Named, RunConfiguration } from './configuration.js';
import { configuredPolicy, isAsynchronous } from './asynchronous.js';
import { compileDamping } from './damping.js';
import { isDownpour } from './downpour.js';
import { canonicalJson } from './hash.js';
import { type AsynchronousParameters, MODES, USUAL } from './modes.js';
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
  const { unused, unprotected } = MODES.get(configuration.mode.name);
  if (unprotected !== undefined) {
    const lies = Object.hasOwn(unused, 'attack') ? [] : [checkAttack(attack, { n, f: byzantine.count, d }, rounds, () => undefined), checkTiming(configuration)];
    return allOf([{ ...NOTHING, warnings: byzantine.count === 0 ? [] : [`mode: ${unprotected}`] }, ...lies, checkModel(configuration)]);
  }
  const mode = isAsynchronous(configuration) ? checkAsynchronous(configuration, d) : { ...NOTHING, rowsAtRule: n, needs: undefined };
  const rows = mode.rowsAtRule ?? n;
  const chain = inScenario(() => chainStages(PREAGGREGATORS, preaggregators, { n: rows, f: aggregator.f, d, removed: 0 }));
  const rule = inScenario(() => stageOf(AGGREGATORS, aggregator, chain.shape, BESIDE.aggregator));
  const checks = [
    mode,
    ...chain.stages.map((stage, place) => checkStage(stage, join('preaggregators', String(place)))),
    checkStage(rule, 'aggregator'),
    checkServer(rule.rule, server, mode.needs),
    checkAttack(attack, { n, f: byzantine.count, d }, rounds, (name, need) => withoutWeights(name, need, chain.stages.map((stage) => stage.rule), rule.rule)),
    checkTiming(configuration),
    checkModel(configuration),
  ];
  return allOf(checks);
}

function allOf(checks: readonly RunCheck[]): RunCheck {
  return {
    broken: checks.flatMap(({ broken }) => broken),
    impossible: checks.flatMap(({ impossible }) => impossible),
    warnings: checks.flatMap(({ warnings }) => warnings),
  };
}

const NOTHING: RunCheck = { broken: [], impossible: [], warnings: [] };

/** The policy's precondition, what it lacks, and keys that it has no use for; `rowsAtRule`: how many rows reach the rule, undefined when none do. */
function checkAsynchronous(configuration: RunConfiguration, d: number): RunCheck & { readonly rowsAtRule: number | undefined; readonly needs: ServerNeed | undefined } {
  const { workers: n, aggregator, preaggregators, server } = configuration;
  const { policy, parameters, damping, ...timing } = inScenario(() => configuredPolicy(configuration));
  const shape = { n, f: aggregator.f, d };
  compileDamping(damping, shape)(0);
  const rowsAtRule = policy.rowsAtRule(shape, parameters);
  const useless = rowsAtRule === undefined && (aggregator.name !== 'mean' || preaggregators.length > 0);
  return {
    broken: problem('mode.policy', policy.check(shape, parameters)),
    impossible: [
      ...problem('mode.policy', useless ? `${policy.name} steps with each row by itself and has no use for a rule: write "aggregator": "mean" and no preaggregators` : undefined),
      ...problem('server.samples', policy.needs === undefined || server?.samples !== undefined ? undefined : `is required: ${policy.name} needs ${SERVER_NEEDS[policy.needs].what}, which are held out of the training set; give "server": { "samples": 100 }, say`),
      ...checkClock(timing, n),
    ],
    warnings: [],
    rowsAtRule,
    needs: policy.needs,
  };
}

/** Each clock has keys that mean nothing on the other. */
function checkClock({ clock, speed, slow, crashes, tolerateCrashes }: Omit<AsynchronousParameters, 'policy' | 'damping'>, n: number): Problem[] {
  if (clock === 'virtual') {
    return problem('mode.tolerateCrashes', tolerateCrashes === 0 ? undefined : `${tolerateCrashes} is not allowed: it is about threads that die on the real clock; on the virtual one a run can't go on without a thread and be the same again, and mode.crashes says which workers crash`);
  }
  const measured = 'on the real clock workers take the time that their gradients take';
  return [
    ...problem('mode.speed', canonicalJson(speed) === canonicalJson(USUAL.speed) ? undefined : `${measured}: leave speed out, or use "clock": "virtual"`),
    ...problem('mode.slow', slow.count === 0 ? undefined : `${measured}: leave slow out, or use "clock": "virtual"`),
    ...problem('mode.crashes', crashes.length === 0 ? undefined : 'on the real clock workers crash when their thread does: leave crashes out, or use "clock": "virtual"'),
    ...problem('mode.tolerateCrashes', tolerateCrashes < n ? undefined : `${tolerateCrashes} is not allowed: somebody has to be left, so it must be at most ${n - 1}`),
  ];
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
  const { name: mode } = configuration.mode;
  const asynchronous = isAsynchronous(configuration) || isDownpour(configuration);
  if (asynchronous && attack.backdoor !== undefined) {
    return { ...NOTHING, impossible: problem('attack', `${attack.name} plants a backdoor, which only synchronous training measures: use "mode": "synchronous"`) };
  }
  if (actsOnData(attack)) {
    const windowed = asynchronous && (start !== undefined || stop !== undefined);
    return { ...NOTHING, impossible: problem('attack', windowed ? `${attack.name} acts on data, and in the mode ${mode} no worker knows the server's round: leave out start and stop` : undefined) };
  }
  if (asynchronous) {
    const lied = checkLie(configuration);
    if (lied !== undefined) return lied;
    const shape = { n: configuration.workers, f: configuration.byzantine.count, d: UNKNOWN_LENGTH };
    const given = scheduledParameters(attack, configuration.attack, { path: 'attack', beside: BESIDE.attack })({ t: start ?? 0, n: shape.n, f: shape.f });
    const needs = attack.needsPipeline?.(attack.resolve(given, shape));
    return { ...NOTHING, impossible: problem('attack', needs === undefined ? undefined : `${attack.name} searches against a round's pre-aggregators and rule, and the mode ${mode} has no rounds in which all rows are there: use "mode": "synchronous"`) };
  }
  if (attack.timing === undefined) return NOTHING;
  return { ...NOTHING, impossible: problem('attack', `${attack.name} acts on when rows are sent, and in the mode ${mode} all are sent at once: it needs "mode": "asynchronous" (or downpour)`) };
}

/** Of a flood: what is sent has to be an attack on rows, which runs for as long as the flood does. Undefined when nothing is wrong with it. */
function checkLie({ workers: n, byzantine: { count: f }, attack, rounds }: RunConfiguration): RunCheck | undefined {
  const { lie: given } = attack as { readonly lie?: string | (Named & { readonly start?: unknown; readonly stop?: unknown }) };
  const outer = ATTACKS.get(attack.name);
  if (actsOnData(outer) || outer.timing === undefined || given === undefined) return undefined;
  const lie = typeof given === 'string' ? { name: given } : given;
  const allowed = Array.from(ATTACKS).filter((known) => !actsOnData(known) && known.timing === undefined && known.backdoor === undefined && known.needsPipeline === undefined).map(({ name }) => name);
  const refusal = !allowed.includes(lie.name)
    ? `"${lie.name}" can't be sent in a flood; allowed: ${allowed.join(', ')}`
    : 'start' in lie || 'stop' in lie
      ? 'has no start or stop of its own: it is sent while the flood lasts, whose start and stop stand beside lie'
      : undefined;
  if (refusal !== undefined) return { ...NOTHING, impossible: problem('attack.lie', refusal) };
  const { broken, impossible, warnings } = checkAttack(lie as RunConfiguration['attack'], { n, f, d: UNKNOWN_LENGTH }, rounds, () => undefined);
  const ofLie = (problems: readonly Problem[]): Problem[] => problems.map(({ message }) => ({ path: 'attack.lie', message }));
  return broken.length === 0 && warnings.length === 0 ? undefined : { broken: ofLie(broken), impossible: ofLie(impossible), warnings };
}

function checkStage({ broken, impossible }: { readonly broken: string | undefined; readonly impossible: string | undefined }, path: string): RunCheck {
  return { broken: problem(path, broken), impossible: problem(path, impossible), warnings: [] };
}

/** `others`: what else needs the server's samples. */
function checkServer({ name, needs }: Aggregator, server: RunConfiguration['server'], others: ServerNeed | undefined): RunCheck {
  const idle = server?.samples !== undefined && needs === undefined && others === undefined;
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
    if (broken !== undefined) return refused(when + broken, attack.checkedByUser === true);
    const impossible = actsOnData(attack) ? undefined : unmet(attack.name, attack.needsPipeline?.(parameters));
    if (impossible !== undefined) return refused(impossible);
    const warns = attack.warn(shape, parameters);
    if (warns !== undefined) warning ??= when + warns;
  }
  return warned(warning);
}

/** An attack that can't be made: outside what it needs, its formula is of nobody or of nothing. */
function refused(message: string, liftable = false): RunCheck {
  return { broken: problem('attack', message), impossible: liftable ? [] : problem('attack', message), warnings: [] };
}

function warned(message: string | undefined): RunCheck {
  return { broken: [], impossible: [], warnings: message === undefined ? [] : [`attack: ${message}`] };
}

function problem(path: string, message: string | undefined): Problem[] {
  return message === undefined ? [] : [{ path, message }];
}
