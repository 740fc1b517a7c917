import { z } from 'zod';
import { AGGREGATORS } from '../aggregators/registry.js';
import { SERVER_NEEDS } from '../aggregators/server-access.js';
import { join, type Problem } from '../registry/problems.js';
import type { Momentum, Named, RunConfiguration } from './configuration.js';
import type { Values } from './expression.js';
import { compileLearningRate } from './learning-rate.js';
import { checkMode, modeOf, unusedIn, unusedKeys } from './modes.js';
import { asNamed, resolveNamed, withImpliedName, withModuleNames } from './named.js';
import { isObject, type Json, type JsonObject } from './plain.js';
import { parseWith, refuse, ScenarioError } from './problems.js';
import type { Kind } from './registries.js';
import { scheduleToTry } from './schedule.js';
import { BESIDE_FIELDS, RUN_FIELDS } from './schema.js';

/** One run of a scenario, every default written out. Throws a ScenarioError that lists everything that is wrong with it. */
export function resolveConfiguration(given: JsonObject): RunConfiguration {
  const model = withImpliedName('model', given['model']);
  return resolveComplete(withModuleNames(model === undefined ? given : { ...given, model }));
}

function resolveComplete(given: JsonObject): RunConfiguration {
  const trained = modeOf(given);
  const unused = unusedIn(trained, given);
  const scenario: JsonObject = { ...given, ...unused };
  const problems: Problem[] = trained === undefined ? [] : unusedKeys(trained, given);
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };

  const run = attempt(() => parseWith(RUN, scenario, '', ['seeds', 'grid']));
  const byzantine = run && attempt(() => byzantineWorkers(run));
  const roundsOf = (first: number, end: number): Iterable<Values> => (run && byzantine ? scheduleToTry(first, Math.min(end, run.rounds), run.workers, byzantine.count) : []);
  const rounds = roundsOf(0, Infinity);
  if (run) attempt(() => { checkLearningRate(run.learningRate, rounds); });
  const f = attempt(() => toleratedRows(scenario['aggregator'], run?.workers)) ?? byzantine?.count;
  const window = attempt(() => attackWindow(scenario['attack']));

  const named = (kind: Kind, value: Json | undefined, path: string = kind, tried = rounds): Named | undefined => {
    const given = asNamed(value);
    if (Object.hasOwn(unused, path)) return given;
    return given && attempt(() => resolveNamed(kind, given, path, tried));
  };
  const dataset = named('dataset', scenario['dataset']);
  const partition = named('partition', scenario['partition'] ?? 'iid');
  const model = named('model', scenario['model']);
  const chain = Array.isArray(scenario['preaggregators']) ? (scenario['preaggregators'] as readonly Json[]) : [];
  const preaggregators = chain.map((value, place) => named('preaggregator', value, join('preaggregators', String(place))));
  const aggregator = named('aggregator', scenario['aggregator']);
  const inspect = Object.hasOwn(unused, 'server') ? undefined : named('inspection', run?.server?.inspect as Json | undefined, 'server.inspect');
  const server = run && attempt(() => serverOf(run.server, aggregator, inspect));
  const attack = named('attack', scenario['attack'] ?? 'none', 'attack', window ? roundsOf(window.start, window.stop) : []);
  const mode = named('mode', scenario['mode'] ?? 'synchronous');

  if (problems.length > 0 || !run || !byzantine || f === undefined || !dataset || !partition || !model || !aggregator || !attack || !mode) {
    throw new ScenarioError(problems);
  }
  const configuration: RunConfiguration = {
    name: run.name,
    seed: run.seed,
    workers: run.workers,
    byzantine,
    dataset,
    partition,
    model,
    batchSize: run.batchSize,
    rounds: run.rounds,
    evaluateEvery: run.evaluateEvery,
    learningRate: run.learningRate,
    momentum: run.momentum satisfies Momentum,
    weightDecay: run.weightDecay,
    preaggregators: preaggregators.filter((preaggregator) => preaggregator !== undefined),
    aggregator: { ...aggregator, f },
    ...server,
    attack,
    mode,
    kernels: run.kernels,
    allowUnsafe: run.allowUnsafe,
  };
  const unfit = checkMode(configuration);
  if (unfit.length > 0) throw new ScenarioError(unfit);
  return configuration;
}

const RUN = z.strictObject(RUN_FIELDS);
const AGGREGATOR = z.looseObject(BESIDE_FIELDS.aggregator);
const ATTACK = z.looseObject(BESIDE_FIELDS.attack);

/** A bare count stands for the first workers. At least one worker has to be honest: a round is measured against the honest rows' mean. */
function byzantineWorkers({ workers, byzantine }: z.infer<typeof RUN>): RunConfiguration['byzantine'] {
  const given = typeof byzantine === 'number' ? { count: byzantine, placement: 'first' as const } : byzantine;
  if (given.count < workers) return given;
  return refuse('byzantine', `${given.count} of ${workers} workers can't be Byzantine: at least one has to be honest, so it must be at most ${workers - 1}`);
}

/** What the rule is told to tolerate; undefined when the scenario doesn't say. */
function toleratedRows(aggregator: Json | undefined, workers = Infinity): number | undefined {
  if (!isObject(aggregator)) return undefined;
  const { f } = parseWith(AGGREGATOR, aggregator, 'aggregator');
  if (f === undefined || f <= workers) return f;
  return refuse('aggregator.f', `${f} is not allowed: it must be at most the number of workers, ${workers}`);
}

/** What the server has of its own; an object without `server` when nothing. */
function serverOf(given: z.infer<typeof RUN>['server'], aggregator: Named | undefined, inspect: Named | undefined): Pick<RunConfiguration, 'server'> {
  const rule = aggregator && AGGREGATORS.find(aggregator.name);
  if (rule?.needs !== undefined && given?.samples === undefined) {
    refuse('server.samples', `is required: ${rule.name} needs ${SERVER_NEEDS[rule.needs].what}, which are held out of the training set; give "server": { "samples": 100 }, say`);
  }
  const server = { ...(given?.samples === undefined ? {} : { samples: given.samples }), ...(inspect === undefined ? {} : { inspect }) };
  return Object.keys(server).length === 0 ? {} : { server };
}

/** The rounds start … stop − 1 in which the attack runs. */
function attackWindow(attack: Json | undefined): { readonly start: number; readonly stop: number } {
  const { start = 0, stop = Infinity } = isObject(attack) ? parseWith(ATTACK, attack, 'attack') : {};
  if (start < stop) return { start, stop };
  return refuse('attack.stop', `${stop} is not allowed: it must be more than attack.start, ${start}, because the attack runs in rounds start … stop − 1`);
}

function checkLearningRate(learningRate: number | string, rounds: Iterable<Values>): void {
  const rateAt = compileLearningRate(learningRate);
  if (typeof learningRate === 'string') for (const values of rounds) rateAt(values);
}
