import { mean, sampleStandardDeviation } from 'simple-statistics';
import type { AsynchronousSummary } from '../run/records.js';
import type { Named, RunConfiguration } from '../scenario/configuration.js';
import type { ReportedRun, ScenarioReport } from './types.js';
import { NO_ATTACK, type Specification, type VariantBase, splitVariant } from './variant.js';

/** Runs that differ by their seed alone, and what they reached together. */
export interface RunGroup {
  /** `name · preset` of the aggregation rule. */
  readonly rule: string;
  /** The attack, or `no attack`. */
  readonly attack: string;
  /** What else the grid varies; empty when nothing. */
  readonly setting: string;
  /** Rule, attack and setting in one. */
  readonly name: string;
  readonly runs: readonly ReportedRun[];
  /** Best test accuracy, in [0, 1]. */
  readonly bestAccuracy: Statistic | undefined;
  readonly finalAccuracy: Statistic | undefined;
  /** Mean cross-entropy on the test set after the last round. */
  readonly finalLoss: Statistic | undefined;
  /** Of attacks that plant a backdoor alone: share of the triggered images, after the last round. */
  readonly backdoorSuccess: Statistic | undefined;
  readonly roundsPerSecond: Statistic | undefined;
  /** Of the mode hogwild alone: updates a second, mean staleness, and the share of updates that races lost in the counting experiment. */
  readonly updatesPerSecond: Statistic | undefined;
  readonly staleness: Statistic | undefined;
  readonly lostShare: Statistic | undefined;
  readonly publishedAccuracy: number | undefined;
  readonly publishedBackdoorSuccess: number | undefined;
  /** Beside the same rule and setting without attack, where the report has that too: by how much less the final accuracy is. Undefined for the runs without attack. */
  readonly againstNone: { readonly lost: number | undefined; readonly holds: boolean } | undefined;
  /** Of runs with a clock: which, and when the last step was taken. */
  readonly clocks: readonly Clock[];
  readonly time: Statistic | undefined;
  /** Of such runs: the time by which an accuracy that the best of the report has less 5 points was reached; no `time` when a seed never did. */
  readonly target: { readonly accuracy: number; readonly time: Statistic | undefined } | undefined;
  /** `completed`, `diverged`, `failed`, `unfinished`, or how many seeds of how many were which. */
  readonly status: string;
  /** Why runs diverged or failed, each text once. */
  readonly reasons: readonly string[];
}

/** What a run's times are on: a replay's are those of the recorded run on the real clock. */
export type Clock = AsynchronousSummary['clock'] | 'replayed';

/** Over the seeds with a finite value. */
export interface Statistic {
  readonly mean: number;
  /** Sample standard deviation (n − 1); undefined for one value. */
  readonly deviation: number | undefined;
  readonly count: number;
}

export type RunStatus = 'completed' | 'diverged' | 'failed' | 'unfinished';

/** A rule or policy holds against an attack that takes no more than so much of its accuracy, and a run has arrived so near to the best. */
export const MARGIN = 0.05;

/** Groups the runs that differ by seed alone, in the order in which they first appear. */
export function summarize(report: ScenarioReport): RunGroup[] {
  const base = commonBase(report);
  const groups = new Map<string, ReportedRun[]>();
  for (const run of report.runs) {
    const key = groupKey(run);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [run]);
    else group.push(run);
  }
  const telling = tellingPaths(report.runs);
  return compared([...groups.values()].map((runs) => summarizeGroup(runs, base, telling)));
}

/** Mean and sample standard deviation of the finite values among `values`; undefined when there are none. */
export function statistic(values: Iterable<number | null | undefined>): Statistic | undefined {
  const finite = [...values].filter((value) => typeof value === 'number' && Number.isFinite(value)) as number[];
  if (finite.length === 0) return undefined;
  return { mean: mean(finite), deviation: finite.length > 1 ? sampleStandardDeviation(finite) : undefined, count: finite.length };
}

/** A run's resolved configuration, from whatever is left of it. */
export function configurationOf(run: ReportedRun): RunConfiguration | undefined {
  return run.manifest ?? run.result?.config;
}

/** Which clock a run's manifest says that it went by. */
export function clockOf({ clock, replay }: AsynchronousSummary): Clock {
  return replay === undefined ? clock : 'replayed';
}

/** How a run ended. */
export function statusOf(run: ReportedRun): RunStatus {
  if (run.error !== undefined) return 'failed';
  return outcomeOf(run)?.status ?? 'unfinished';
}

/** A run's figures, from its result or else its manifest. */
export function outcomeOf(run: ReportedRun): NonNullable<ReportedRun['manifest']>['manifest']['result'] | undefined {
  return run.result ?? run.manifest?.manifest.result;
}

type SingleGroup = Omit<RunGroup, 'againstNone' | 'target'>;

/** What groups are beside each other. */
function compared(groups: readonly SingleGroup[]): RunGroup[] {
  const timed = groups.filter(({ time }) => time !== undefined);
  const best = Math.max(...timed.map(({ bestAccuracy }) => bestAccuracy?.mean ?? -Infinity));
  return groups.map((group): RunGroup => {
    const { rule, attack, setting, finalAccuracy, time, runs } = group;
    const none = attack === NO_ATTACK ? undefined : groups.find((other) => other.attack === NO_ATTACK && other.rule === rule && other.setting === setting);
    const lost = none?.finalAccuracy === undefined || finalAccuracy === undefined ? undefined : none.finalAccuracy.mean - finalAccuracy.mean;
    return {
      ...group,
      againstNone: none && { lost, holds: lost !== undefined && lost <= MARGIN },
      target: time !== undefined && Number.isFinite(best) ? { accuracy: best - MARGIN, time: timeTo(best - MARGIN, runs) } : undefined,
    };
  });
}

function timeTo(accuracy: number, runs: readonly ReportedRun[]): Statistic | undefined {
  const times = runs.map(({ manifest }) => manifest?.manifest.asynchronous?.evaluations.find((evaluation) => evaluation.accuracy >= accuracy)?.time);
  return times.includes(undefined) ? undefined : statistic(times);
}

/**
 * The paths that tell runs apart: without those whose value always follows from an earlier one's, as paths that vary together do. Rule and attack have columns of their
 * own and stay.
 */
function tellingPaths(runs: readonly ReportedRun[]): ReadonlySet<string> {
  const kept = new Set<string>();
  for (const path of new Set(runs.flatMap((run) => withoutSeed(run).map(([varied]) => varied)))) {
    const own = /^(aggregator|attack)(\.|$)/.test(path);
    if (own || ![...kept].some((earlier) => follows(runs, earlier, path))) kept.add(path);
  }
  return kept;
}

/** Does the later path's value, which takes several, follow from the earlier's? */
function follows(runs: readonly ReportedRun[], earlier: string, later: string): boolean {
  const found = new Map<string, string>();
  return runs.every(({ varied }) => {
    const [given, following] = [JSON.stringify(varied[earlier]), JSON.stringify(varied[later])];
    const known = found.get(given) ?? following;
    found.set(given, following);
    return known === following;
  }) && new Set(found.values()).size > 1;
}

function summarizeGroup(runs: readonly ReportedRun[], base: VariantBase, telling: ReadonlySet<string>): SingleGroup {
  const outcomes = runs.map(outcomeOf).filter((outcome) => outcome !== undefined);
  const { rule, attack, setting } = splitVariant(Object.fromEntries(withoutSeed(runs[0]).filter(([path]) => telling.has(path))), base);
  const parts = { rule: rule === '' ? 'rule unknown' : rule, attack, setting };
  return {
    ...parts,
    name: Object.values(parts).filter((part) => part !== '').join(', '),
    runs,
    bestAccuracy: statistic(outcomes.map((outcome) => outcome.maxAccuracy)),
    finalAccuracy: statistic(outcomes.map((outcome) => outcome.finalAccuracy)),
    finalLoss: statistic(outcomes.map((outcome) => outcome.finalLoss)),
    backdoorSuccess: statistic(outcomes.map((outcome) => outcome.finalBackdoorSuccess)),
    roundsPerSecond: statistic(outcomes.map((outcome) => outcome.roundsPerSecond)),
    updatesPerSecond: statistic(outcomes.map((outcome) => outcome.updates?.perSecond)),
    staleness: statistic(outcomes.map((outcome) => outcome.updates?.staleness?.mean)),
    lostShare: statistic(outcomes.map((outcome) => outcome.updates?.lost?.share)),
    clocks: [...new Set(runs.flatMap(({ manifest }) => (manifest?.manifest.asynchronous === undefined ? [] : [clockOf(manifest.manifest.asynchronous)])))],
    time: statistic(runs.map(({ manifest }) => manifest?.manifest.asynchronous?.time)),
    publishedAccuracy: statistic(runs.map((run) => run.publishedAccuracy))?.mean,
    publishedBackdoorSuccess: statistic(runs.map((run) => run.publishedBackdoorSuccess))?.mean,
    status: groupStatus(runs),
    reasons: [...new Set(runs.flatMap((run) => run.error ?? outcomeOf(run)?.reason ?? []))],
  };
}

function groupStatus(runs: readonly ReportedRun[]): string {
  const counts = new Map<RunStatus, number>();
  for (const run of runs) counts.set(statusOf(run), (counts.get(statusOf(run)) ?? 0) + 1);
  if (counts.size === 1) return [...counts.keys()].join();
  return [...counts].filter(([status]) => status !== 'completed').map(([status, count]) => `${count} of ${runs.length} ${status}`).join(', ');
}

/** What the grid doesn't vary is the same in every run, so a run that failed early can be named by the others. */
function commonBase(report: ScenarioReport): VariantBase {
  const configuration = report.runs.map(configurationOf).find((found) => found !== undefined);
  // A mode without a rule stands in the rule's place.
  if (configuration?.aggregator.name === 'none') return { aggregator: { name: configuration.mode.name } };
  return {
    aggregator: configuration && specificationOf(configuration.aggregator),
    attack: configuration && specificationOf(configuration.attack),
  };
}

function specificationOf({ name, preset, module }: Named): Specification {
  return { name, preset, module: typeof module === 'string' ? module : undefined };
}

function groupKey(run: ReportedRun): string {
  return JSON.stringify(withoutSeed(run).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

function withoutSeed(run: ReportedRun | undefined): [path: string, value: unknown][] {
  return Object.entries(run?.varied ?? {}).filter(([path]) => path !== 'seed');
}
