import type { Problem } from '../registry/problems.js';
import { type Point, product, readAxes, settingsOf } from './axes.js';
import { checkRun } from './check.js';
import type { ResolvedRun, RunConfiguration } from './configuration.js';
import { vary } from './path.js';
import { copyScenario, type JsonObject } from './plain.js';
import { ScenarioError } from './problems.js';
import { resolveConfiguration } from './resolve.js';

/** Enough to see what is wrong; a grid repeats itself. */
const MOST_PROBLEMS = 20;

/** A run of a grid that is refused, and why. */
export interface RefusedRun extends Pick<ResolvedRun, 'label' | 'varied'> {
  readonly problems: readonly Problem[];
}

/**
 * Every run of a scenario, defaults written out: the product of the grid's lists, in the order written (the first path changes
 * slowest), times the seeds (which change fastest). The scenario is not changed.
 * Throws a ScenarioError that lists what is wrong, and with which runs of the grid: unknown keys and names, impossible values, broken
 * preconditions (unless `allowUnsafe`), a grid of more than 10,000 runs. After 20 problems it looks no further, and says so.
 */
export function expand(scenario: unknown): ResolvedRun[] {
  const points = readPoints(scenario);
  const runs: ResolvedRun[] = [];
  const found = new Map<string, { readonly problem: Problem; readonly labels: string[] }>();
  let checked = 0;
  for (const run of points) {
    checked += 1;
    if (!isRefused(run)) runs.push(run);
    else for (const problem of run.problems) note(found, problem, run.label);
    if (found.size >= MOST_PROBLEMS) break;
  }
  if (found.size === 0) return runs;
  const problems = Array.from(found.values(), ({ problem, labels }) => (labels.length === checked ? problem : inRuns(problem, labels)));
  const left = points.length - checked;
  const unchecked = { path: '', message: `so many problems are enough: ${left} of the grid's ${points.length} runs were not checked` };
  throw new ScenarioError(left === 0 ? problems : [...problems, unchecked]);
}

/** The same for every run by itself: what is wrong with one doesn't hide the others. Throws a ScenarioError when the grid can't be read. */
export function expandEach(scenario: unknown): (ResolvedRun | RefusedRun)[] {
  return [...readPoints(scenario)];
}

export function isRefused(run: ResolvedRun | RefusedRun): run is RefusedRun {
  return 'problems' in run;
}

/** The runs of a grid, one after another as they are asked for, and how many there are. */
function readPoints(scenario: unknown): Iterable<ResolvedRun | RefusedRun> & { readonly length: number } {
  const { grid, seeds, ...base } = copyScenario(scenario);
  const axes = readAxes(grid, seeds);
  return {
    length: axes.reduce((runs, { values }) => runs * values.length, 1),
    *[Symbol.iterator]() {
      for (const point of product(axes)) yield resolvePoint(base, point);
    },
  };
}

function note(found: Map<string, { readonly problem: Problem; readonly labels: string[] }>, problem: Problem, label: string): void {
  const key = `${problem.path}: ${problem.message}`;
  const known = found.get(key);
  if (known === undefined) found.set(key, { problem, labels: [label] });
  else known.labels.push(label);
}

/** What not every run has is told with the first that has it. */
function inRuns({ path, message }: Problem, labels: readonly string[]): Problem {
  const others = labels.length - 1;
  const more = others === 0 ? '' : ` and ${others} more ${others === 1 ? 'run' : 'runs'}`;
  return { path, message: `${message} (in the run ${String(labels[0])}${more})` };
}

/** Is it a run as `expand` gives it? A scenario has none of these keys. */
export function isResolvedRun(value: unknown): value is ResolvedRun {
  if (typeof value !== 'object' || value === null) return false;
  const { label, varied, configuration } = value as Partial<Record<keyof ResolvedRun, unknown>>;
  return typeof label === 'string' && typeof varied === 'object' && varied !== null && typeof configuration === 'object' && configuration !== null;
}

function resolvePoint(base: JsonObject, point: Point): ResolvedRun | RefusedRun {
  const settings = settingsOf(point);
  const varied = Object.fromEntries(settings.filter(({ axis }) => axis.labelled).map(({ path, value }) => [path, value]));
  const label = labelOf(varied);
  try {
    return { label, varied, configuration: soundConfiguration(settings.reduce((scenario, { path, value }) => vary(scenario, path, value), base)) };
  } catch (error) {
    if (error instanceof ScenarioError) return { label, varied, problems: error.problems };
    throw error;
  }
}

/** One run; what it breaks is refused here, before anything starts. */
function soundConfiguration(scenario: JsonObject): RunConfiguration {
  const configuration = resolveConfiguration(scenario);
  const { broken, impossible } = checkRun(configuration);
  if (broken.length > 0 && !configuration.allowUnsafe) throw new ScenarioError(impossible.length > 0 ? broken : broken.map(orUnsafe));
  if (impossible.length > 0) throw new ScenarioError(impossible.map(({ path, message }) => ({ path, message: `${message}; allowUnsafe can't lift this` })));
  return configuration;
}

function orUnsafe({ path, message }: Problem): Problem {
  return { path, message: `${message}; "allowUnsafe": true runs it anyway` };
}

/** `path=value, …`: a text as it is, anything else as compact JSON. */
function labelOf(varied: Readonly<Record<string, unknown>>): string {
  return Object.entries(varied)
    .map(([path, value]) => `${path}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
